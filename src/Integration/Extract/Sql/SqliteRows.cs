using Integration.Records;
using Microsoft.Data.Sqlite;

namespace Integration.Extract.Sql;

/// <summary>The rows of one running statement.</summary>
internal sealed class SqliteRows(SqliteCommand command, SqliteDataReader reader, SqliteFailures failures, SqliteCells cells) : IRows
{
    private bool _isOver;

    public ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            _isOver = _isOver || !reader.Read();
            return new(!_isOver);
        }
        catch (SqliteException e)
        {
            throw failures.Tell(e)!;
        }
    }

    public void AddCells(RowPage page) => cells.AddTo(page, reader.Handle!);

    public string? ValueOf(int column) => SqliteCells.ValueOf(reader.Handle!, column);

    public string? Kept { get; private set; }

    public bool TryKeep(int column)
    {
        if (ValueOf(column) is not { } value)
        {
            return false;
        }

        Kept = value;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await command.DisposeAsync();
    }
}
