using System.Buffers.Binary;
using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>The children of a reading's pages, on a connection beside the one that the pages come from.</summary>
/// <param name="connect">Opens a session that sees what the reading sees.</param>
/// <param name="toUtc">Of times without a zone; null: they stay local.</param>
/// <param name="limit">Characters that the children of one record may have together.</param>
internal sealed class PostgresChildReading(Func<CancellationToken, Task<PostgresSession>> connect, Func<DateTime, DateTime?>? toUtc, int limit) : IAsyncDisposable
{
    private readonly Dictionary<Child, PostgresChildren> _queries = new(ReferenceEqualityComparer.Instance);
    private PostgresSession? _beside;

    /// <param name="page">Takes the rows; empty.</param>
    /// <returns>Where the children of each parent begin in the page, and at last where they all end.</returns>
    public async Task<int[]> ReadAsync(Child child, IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        if (!_queries.TryGetValue(child, out var query))
        {
            _queries[child] = query = new PostgresChildren(child);
        }

        try
        {
            return await ReadAsync(query, child, keys, page, cancellationToken);
        }
        catch (PostgresException) when (query.IsStretch && !cancellationToken.IsCancellationRequested)
        {
            // A failed statement ends its transaction; what it read on the way is read again.
            query.GiveUp();
            page.Clear();
            await DisposeAsync();
            return await ReadAsync(query, child, keys, page, cancellationToken);
        }
    }

    /// <summary>Closes the connection; another one is opened when it is needed again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_beside is { } beside)
        {
            _beside = null;
            await beside.DisposeAsync();
        }
    }

    private async Task<int[]> ReadAsync(PostgresChildren query, Child child, IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        _beside ??= await connect(cancellationToken);
        var lists = new ChildLimit(page, keys.Count, limit);
        var cells = new PostgresCells(child.Columns, toUtc, limit, first: 1);
        var sql = await query.SelectAsync(_beside, PostgresCells.Select("c", child.Columns, limit), keys, cancellationToken);
        await using var rows = await _beside.CopyAsync(sql, cells.Count, cancellationToken);
        while (await rows.NextAsync(cancellationToken))
        {
            // Parents are numbered from 1, and their children come in that order.
            if (lists.Takes((int)BinaryPrimitives.ReadInt64BigEndian(rows[0]) - 1))
            {
                cells.AddTo(page, rows);
                lists.End();
            }
        }

        return lists.Starts();
    }
}
