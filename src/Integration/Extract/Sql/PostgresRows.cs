using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>The rows of a server-side cursor, fetched a batch at a time.</summary>
internal sealed class PostgresRows(
    NpgsqlConnection connection, string cursor, IReadOnlyList<Column> columns, Func<DateTime, DateTime?>? toUtc, PostgresFailures failures, int timeoutSeconds, int limit,
    Func<CancellationToken, Task> declareAgain) : IRows
{
    private readonly PostgresCells _cells = new(columns, toUtc, limit);
    private NpgsqlCommand? _command;
    private NpgsqlDataReader? _reader;
    private long _taken;

    public async Task StartBatchAsync(int most, CancellationToken cancellationToken)
    {
        try
        {
            await CloseBatchAsync();
            _command = new NpgsqlCommand($"FETCH FORWARD {most} FROM {cursor}", connection) { AllResultTypesAreUnknown = true, CommandTimeout = timeoutSeconds };
            _reader = await _command.ExecuteReaderAsync(cancellationToken);
            if (_reader.FieldCount != columns.Count + 1)
            {
                throw Changed();
            }
        }
        catch (Exception e) when (failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await _reader!.ReadAsync(cancellationToken))
            {
                _cells.Read(_reader);
                _taken++;
                return true;
            }

            await CloseBatchAsync();
            return false;
        }
        catch (Exception e) when (failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    // What the server already sent of the batch is thrown away, and a new cursor over the same snapshot goes on where the page ended.
    public async Task EndBatchAsync(CancellationToken cancellationToken)
    {
        if (_reader is null)
        {
            return;
        }

        try
        {
            await CloseBatchAsync();
            await ExecuteAsync($"CLOSE {cursor}", cancellationToken);
            await declareAgain(cancellationToken);
            await ExecuteAsync($"MOVE FORWARD {_taken} FROM {cursor}", cancellationToken);
        }
        catch (Exception e) when (failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public void AddCells(RowPage page) => _cells.AddTo(page);

    public string? ValueOf(int column) => _cells.ValueOf(column);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await CloseBatchAsync();
            await ExecuteAsync($"CLOSE {cursor}", CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or TimeoutException)
        {
            // The cursor ended with its transaction.
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = timeoutSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async ValueTask CloseBatchAsync()
    {
        if (_reader is not null)
        {
            await _reader.DisposeAsync();
            await _command!.DisposeAsync();
            _reader = null;
        }
    }

    private static SourceUnavailableException Changed() => new(new Text(
        "Cấu trúc bảng nguồn vừa thay đổi trong lúc đọc; lượt sau đọc lại.", "The source's columns changed while they were read; the next run reads again."));
}
