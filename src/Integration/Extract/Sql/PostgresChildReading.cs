using System.Buffers.Binary;
using System.Net.Sockets;
using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>
/// The children of a reading's pages, on connections beside the one that the pages come from: in a pass of its own for each set of them where that
/// can be, else by a statement for each page.
/// </summary>
/// <param name="connect">Opens a session that sees what the reading sees.</param>
/// <param name="toUtc">Of times without a zone; null: they stay local.</param>
/// <param name="limit">Bytes of text that the children of one record may have together.</param>
internal sealed class PostgresChildReading(Func<CancellationToken, Task<PostgresSession>> connect, Func<DateTime, DateTime?>? toUtc, int limit) : IAsyncDisposable
{
    // Each has a connection of its own.
    private const int MostPasses = 4;

    private readonly Dictionary<Child, PostgresChildren> _queries = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Child, PostgresChildPass?> _passes = new(ReferenceEqualityComparer.Instance);
    private PostgresSession? _beside;

    /// <param name="page">Takes the rows; empty.</param>
    /// <returns>Where the children of each parent begin in the page, and at last where they all end.</returns>
    public async Task<int[]> ReadAsync(Child child, IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        if (!_queries.TryGetValue(child, out var query))
        {
            _queries[child] = query = new PostgresChildren(child);
        }

        if (await ReadPassAsync(query, child, keys, page, cancellationToken) is { } starts)
        {
            return starts;
        }

        // While passes serve the pages nothing is asked on this connection, and a server ends what is idle for a minute.
        var mayBeGone = _beside is not null;
        try
        {
            return await ReadAsync(query, child, keys, page, cancellationToken);
        }
        catch (Exception e) when ((e is PostgresException && query.IsStretch || mayBeGone && IsOfConnection(e)) && !cancellationToken.IsCancellationRequested)
        {
            if (query.IsStretch && !IsOfConnection(e))
            {
                query.GiveUp();
            }

            // A failed statement ends its transaction; what it read on the way is read again.
            page.Clear();
            await CloseAsync();
            return await ReadAsync(query, child, keys, page, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pass in _passes.Values)
        {
            await (pass?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        _passes.Clear();
        await CloseAsync();
    }

    /// <returns>Null: the page is to be read without a pass.</returns>
    private async Task<int[]?> ReadPassAsync(PostgresChildren query, Child child, IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        if (!_passes.TryGetValue(child, out var pass))
        {
            if (keys.Count < PostgresChildPass.FewestKeys || _passes.Count == MostPasses || !PostgresChildPass.MaySuit(child))
            {
                return null;
            }

            _passes[child] = pass = await OpenPassAsync(query, child, keys, cancellationToken);
        }

        if (pass is null)
        {
            return null;
        }

        try
        {
            if (await pass.ReadAsync(keys, page, cancellationToken) is { } starts)
            {
                return starts;
            }
        }
        catch (Exception e) when (IsOfServer(e) && !cancellationToken.IsCancellationRequested)
        {
            // It reads rows that belong to nobody, may fail because of them, and waits for long; if it was a row that is needed, the other way tells.
            await EndAsync(child, pass);
        }

        page.Clear();
        if (pass.IsGivenUp)
        {
            await EndAsync(child, pass);
        }

        return null;
    }

    private async Task<PostgresChildPass?> OpenPassAsync(PostgresChildren query, Child child, IReadOnlyList<string[]> keys, CancellationToken cancellationToken)
    {
        PostgresChildPass? pass = null;
        var isKept = false;
        try
        {
            _beside ??= await connect(cancellationToken);
            var cost = await query.CostByKeyAsync(_beside, CellsOf(child).Select("c"), keys, cancellationToken);
            pass = new PostgresChildPass(await connect(cancellationToken), child, toUtc, limit);
            await CloseAsync();
            isKept = await pass.SuitsAsync(keys, cost, cancellationToken);
            return isKept ? pass : null;
        }
        catch (Exception e) when ((IsOfServer(e) || e is SourceUnavailableException or SourceBrokenException) && !cancellationToken.IsCancellationRequested)
        {
            // As a rule a server that has no connection left for it: it is only a help. Whatever else is wrong, the other way tells.
            await CloseAsync();
            return null;
        }
        finally
        {
            if (!isKept && pass is not null)
            {
                await pass.DisposeAsync();
            }
        }
    }

    private static bool IsOfServer(Exception e) => e is NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException;

    // Ended for being idle or by a person, or broken; not a statement that failed or took too long.
    private static bool IsOfConnection(Exception e) => e is PostgresException told
        ? told.SqlState is "25P03" or "57P01" or "57P05"
        : e is IOException or SocketException or NpgsqlException { InnerException: not TimeoutException };

    private async Task EndAsync(Child child, PostgresChildPass pass)
    {
        _passes[child] = null;
        await pass.DisposeAsync();
    }

    // Behind the number of the parent.
    private PostgresCells CellsOf(Child child) => new(child.Columns, toUtc, limit, isGuarded: true, first: 1);

    // Another one is opened when it is needed again.
    private async ValueTask CloseAsync()
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
        var cells = CellsOf(child);
        var sql = await query.SelectAsync(_beside, cells.Select("c"), keys, cancellationToken);
        await using var rows = await _beside.CopyAsync(sql, cells, cancellationToken);
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
