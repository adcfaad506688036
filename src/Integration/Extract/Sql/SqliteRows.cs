using Integration.Records;
using Microsoft.Data.Sqlite;

namespace Integration.Extract.Sql;

/// <summary>The rows of one running statement.</summary>
internal sealed class SqliteRows(SqliteCommand command, SqliteDataReader reader, SqliteFailures failures, SqliteCells cells) : IRows
{
    private int _left;
    private bool _over;

    public Task StartBatchAsync(int most, CancellationToken cancellationToken)
    {
        _left = most;
        return Task.CompletedTask;
    }

    public ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_left == 0 || _over)
        {
            return new(false);
        }

        _left--;
        try
        {
            _over = !reader.Read();
            return new(!_over);
        }
        catch (SqliteException e)
        {
            throw failures.Tell(e)!;
        }
    }

    // The statement stands at the current row; the next batch steps on from there.
    public Task EndBatchAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void AddCells(RowPage page) => cells.AddTo(page, reader.Handle!);

    public string? ValueOf(int column) => SqliteCells.ValueOf(reader.Handle!, column);

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await command.DisposeAsync();
    }
}
