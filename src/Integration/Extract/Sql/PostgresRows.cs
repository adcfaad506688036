using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>
/// The rows of one statement, as the server sends them. Guards against huge cells cost the server a third of what reading does, and hardly any row
/// needs them; so they are asked for when the first row comes that does, and the statement begins anew behind the rows that were given.
/// </summary>
/// <param name="open">Opens the statement for such cells; given how many rows came of it before it failed, behind those and in the same snapshot.</param>
/// <param name="bare">Null: guarded from the beginning.</param>
internal sealed class PostgresRows(
    Func<PostgresCells, long?, CancellationToken, Task<CopyStream>> open, PostgresCells? bare, PostgresCells guarded, PostgresFailures failures) : IRows
{
    private PostgresCells _cells = bare ?? guarded;
    private CopyStream? _stream;
    private long _given;
    private byte[] _kept = [];
    private int _keptLength;
    private int _keptColumn = -1;

    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await StepAsync(cancellationToken);
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

    private async ValueTask<bool> StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            _stream ??= await open(_cells, null, cancellationToken);
            if (!await _stream.NextAsync(cancellationToken))
            {
                return false;
            }
        }
        catch (Exception e) when (_cells != guarded && IsOfSize(e) && !cancellationToken.IsCancellationRequested)
        {
            await DisposeAsync();
            (_cells, _stream) = (guarded, await open(guarded, _given, cancellationToken));
            return await StepAsync(cancellationToken);
        }

        _given++;
        return true;
    }

    // A row that is more than a server can put together, or has memory for, comes as program_limit_exceeded, out_of_memory or internal_error.
    private static bool IsOfSize(Exception e) => e is CellTooLargeException or PostgresException { SqlState: "54000" or "53200" or "XX000" };
}
