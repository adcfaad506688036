using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>The rows of one statement, as the server sends them.</summary>
internal sealed class PostgresRows(CopyStream stream, PostgresCells cells, PostgresFailures failures) : IRows
{
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

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
