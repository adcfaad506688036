using System.Globalization;
using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>
/// The rows of one statement, as the server sends them. Guards against huge cells cost the server a third of what reading does, and hardly any row
/// needs them; so they are asked for when the first row comes that does, and the statement begins anew behind the row that was given last.
/// </summary>
/// <param name="session">Prepared for such a statement.</param>
/// <param name="bare">Null: guarded from the beginning.</param>
internal sealed class PostgresRows(
    PostgresSession session, Statement statement, IReadOnlyList<Column> columns, PostgresCells? bare, PostgresCells guarded, PostgresFailures failures) : IRows
{
    private readonly PostgresPlace? _place = bare is null ? null : new PostgresPlace(bare, [.. statement.Order!.Columns.Select(o => columns.ToList().FindIndex(c => c.Name == o))]);
    private PostgresCells _cells = bare ?? guarded;
    private CopyStream? _stream;
    private byte[] _kept = [];
    private int _keptLength;
    private int _keptColumn = -1;

    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _cells == guarded ? await GuardedAsync(cancellationToken) : await BareAsync(cancellationToken);
        }
        catch (Exception e) when (failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public void AddCells(RowPage page) => _cells.AddTo(page, _stream!);

    public string? ValueOf(int column) => _cells.ValueOf(_stream!, column);

    public bool TryKeep(int column)
    {
        if (!_cells.HasValue(_stream!, column))
        {
            return false;
        }

        var bytes = _cells.BytesOf(_stream!, column);
        if (_kept.Length < bytes.Length)
        {
            _kept = new byte[bytes.Length];
        }

        bytes.CopyTo(_kept);
        (_keptColumn, _keptLength) = (column, bytes.Length);
        return true;
    }

    public string? Kept => _keptColumn < 0 ? null : _cells.ValueOf(_kept.AsSpan(0, _keptLength), _keptColumn);

    public ValueTask DisposeAsync() => _stream?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<bool> GuardedAsync(CancellationToken cancellationToken)
    {
        _stream ??= await session.CopyAsync($"SELECT {guarded.Select("q")} {statement.From}", guarded, cancellationToken);
        return await _stream.NextAsync(cancellationToken);
    }

    private async ValueTask<bool> BareAsync(CancellationToken cancellationToken)
    {
        try
        {
            _stream ??= await session.CopyAsync($"SELECT {_cells.Select("q")} {statement.From}", _cells, cancellationToken);
            if (!await _stream.NextAsync(cancellationToken))
            {
                return false;
            }
        }
        catch (Exception e) when (IsOfSize(e) && !cancellationToken.IsCancellationRequested)
        {
            session.NoteHugeCell();
            await DisposeAsync();
            if (!session.IsOpen)
            {
                throw failures.TooLarge(e);
            }

            await session.ReturnAsync(cancellationToken);
            var from = _place!.Values is { } values ? statement.Order!.At(values) : statement.From;
            var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT {guarded.Select("q")} {from} OFFSET {_place.Since}");
            (_cells, _stream) = (guarded, await session.CopyAsync(sql, guarded, cancellationToken));
            return await _stream.NextAsync(cancellationToken);
        }

        catch when (!session.IsOpen && !cancellationToken.IsCancellationRequested)
        {
            session.NoteHugeCell();
            throw;
        }

        _place!.Pass(_stream);
        return true;
    }

    // A row that is more than a server can put together, or has memory for, comes as program_limit_exceeded, out_of_memory or internal_error; after
    // the latter two the driver gives the connection up.
    private static bool IsOfSize(Exception e) => e is CellTooLargeException or PostgresException { SqlState: "54000" or "53200" or "XX000" };
}
