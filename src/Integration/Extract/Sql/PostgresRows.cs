using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>The rows of one statement, as the server sends them.</summary>
internal sealed class PostgresRows(CopyStream stream, PostgresCells cells, PostgresFailures failures) : IRows
{
    private byte[] _kept = [];
    private int _keptLength;
    private int _keptColumn = -1;

    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await stream.NextAsync(cancellationToken);
        }
        catch (Exception e) when (failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public void AddCells(RowPage page) => cells.AddTo(page, stream);

    public string? ValueOf(int column) => cells.ValueOf(stream, column);

    public bool TryKeep(int column)
    {
        if (!cells.HasValue(stream, column))
        {
            return false;
        }

        var bytes = cells.BytesOf(stream, column);
        if (_kept.Length < bytes.Length)
        {
            _kept = new byte[bytes.Length];
        }

        bytes.CopyTo(_kept);
        (_keptColumn, _keptLength) = (column, bytes.Length);
        return true;
    }

    public string? Kept => _keptColumn < 0 ? null : cells.ValueOf(_kept.AsSpan(0, _keptLength), _keptColumn);

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
