using Integration.Records;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>The rows of a server-side cursor, fetched a batch at a time.</summary>
internal sealed class PostgresRows(
    NpgsqlConnection connection, string cursor, IReadOnlyList<Column> columns, Func<DateTime, DateTime?>? toUtc, PostgresFailures failures, int timeoutSeconds) : IRows
{
    private readonly PostgresCells _cells = new(columns, toUtc);
    private NpgsqlCommand? _command;
    private NpgsqlDataReader? _reader;

    public async Task StartBatchAsync(int most, CancellationToken cancellationToken)
    {
        try
        {
            await EndBatchAsync();
            _command = new NpgsqlCommand($"FETCH FORWARD {most} FROM {cursor}", connection) { AllResultTypesAreUnknown = true, CommandTimeout = timeoutSeconds };
            _reader = await _command.ExecuteReaderAsync(cancellationToken);
            if (_reader.FieldCount != columns.Count)
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
                return true;
            }

            await EndBatchAsync();
            return false;
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
            await EndBatchAsync();
            await using var close = new NpgsqlCommand($"CLOSE {cursor}", connection);
            await close.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or TimeoutException)
        {
            // The cursor ended with its transaction.
        }
    }

    private async ValueTask EndBatchAsync()
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
