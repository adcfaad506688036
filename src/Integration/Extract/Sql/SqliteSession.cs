using System.Globalization;
using Integration.Records;
using Microsoft.Data.Sqlite;

namespace Integration.Extract.Sql;

/// <summary>Reads SQLite. It has one writer at a time, so a snapshot never misses a row that was stamped and committed before it.</summary>
internal sealed class SqliteSession : ISession
{
    private readonly SqliteConnection _connection;
    private readonly SqliteFailures _failures;
    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly int _timeoutSeconds;
    private bool _hasTimes;

    private SqliteSession(SqliteConnection connection, SqlSourceOptions options, Database database, TimeProvider clock)
    {
        (_connection, _database, _clock) = (connection, database, clock);
        (_failures, _timeoutSeconds) = (new SqliteFailures(database.Name), (int)options.Timeout.TotalSeconds);
    }

    public static async Task<ISession> ConnectAsync(SqlSourceOptions options, Database database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(database.ConnectionString);
        var session = new SqliteSession(connection, options, database, clock);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await session.ExecuteAsync("PRAGMA query_only = 1", cancellationToken);
            await using var encoding = session.Command("PRAGMA encoding", []);
            return await encoding.ExecuteScalarAsync(cancellationToken) as string == "UTF-8" ? session : throw new SourceBrokenException(new Text(
                $"Kết nối {database.Name}: tệp SQLite không ở bảng mã UTF-8.", $"Connection {database.Name}: the SQLite file is not in UTF-8."));
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            throw session._failures.Tell(e) ?? e;
        }
    }

    public async Task<IReadOnlyList<Column>> DescribeAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = Command($"SELECT * FROM (\n{query}\n) q LIMIT 0", []);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return [.. Enumerable.Range(0, reader.FieldCount).Select(i => new Column(reader.GetName(i), ColumnKind.Dynamic, reader.GetDataTypeName(i)))];
        }
        catch (SqliteException e)
        {
            throw _failures.Tell(e)!;
        }
    }

    public async Task<Horizon> LookAsync(string query, Column watermark, CancellationToken cancellationToken)
    {
        try
        {
            var column = Statements.Quote(watermark.Name);
            await using var command = Command($"SELECT q.{column} FROM (\n{query}\n) q WHERE q.{column} IS NOT NULL ORDER BY 1 DESC LIMIT 1", []);
            var highest = await command.ExecuteScalarAsync(cancellationToken);
            _hasTimes = highest is string text && (IsTime(watermark.TypeName) || Moment.TryParse(text, out _, out _));
            return new Horizon(_clock.GetUtcNow().UtcDateTime, null, [], [], IsStandby: false);
        }
        catch (SqliteException e)
        {
            throw _failures.Tell(e)!;
        }
    }

    public Scale ScaleOf(Column watermark, Horizon horizon) =>
        new(_hasTimes ? ScaleKind.Time : ScaleKind.Unbounded, horizon, _database.Zone, mark: SqliteCells.TextMark);

    public async Task BeginAsync(bool hasChildren, CancellationToken cancellationToken)
    {
        try
        {
            // A deferred transaction takes its snapshot at its first read.
            await ExecuteAsync("BEGIN DEFERRED", cancellationToken);
            await ExecuteAsync("SELECT 1 FROM sqlite_schema LIMIT 1", cancellationToken);
        }
        catch (SqliteException e)
        {
            throw _failures.Tell(e)!;
        }
    }

    public string Operand(int number, string value) => string.Create(CultureInfo.InvariantCulture, $"${number}");

    public async Task<IRows> OpenAsync(Statement statement, IReadOnlyList<Column> columns, CancellationToken cancellationToken)
    {
        var command = Command($"SELECT {Select("q", columns)} {statement.From}", statement.Values);
        try
        {
            return new SqliteRows(command, await command.ExecuteReaderAsync(cancellationToken), _failures, new SqliteCells(columns.Count, _database.RecordBytes));
        }
        catch (SqliteException e)
        {
            await command.DisposeAsync();
            throw _failures.Tell(e)!;
        }
    }

    public IEnumerable<string[]> FormsOf(string[] parts, IReadOnlyList<Column> columns)
    {
        yield return [.. parts.Select(p => SqliteCells.TextMark + p)];
        if (parts.Any(IsWhole))
        {
            yield return [.. parts.Select(p => IsWhole(p) ? p : SqliteCells.TextMark + p)];
        }

        static bool IsWhole(string part) => long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
    }

    public async Task<int[]> ReadChildrenAsync(Child child, IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = Command(SqliteChildren.Select(child, Select("c", child.Columns)), []);
            command.Parameters.AddWithValue("$1", SqliteChildren.Json(keys));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var lists = new ChildLimit(page, keys.Count, _database.RecordBytes);
            var cells = new SqliteCells(child.Columns.Count, _database.RecordBytes);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (lists.Takes(reader.GetInt32(0)))
                {
                    cells.AddTo(page, reader.Handle!, first: 1);
                    lists.End();
                }
            }

            return lists.Starts();
        }
        catch (SqliteException e)
        {
            throw _failures.Tell(e)!;
        }
    }

    // The transaction ends with its connection.
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private string Select(string alias, IReadOnlyList<Column> columns) => SqliteCells.Select(alias, columns, _database.RecordBytes);

    private static bool IsTime(string declared) =>
        declared.Contains("time", StringComparison.OrdinalIgnoreCase) || declared.Contains("date", StringComparison.OrdinalIgnoreCase);

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, []);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private SqliteCommand Command(string sql, IReadOnlyList<string> values)
    {
        var command = new SqliteCommand(sql, _connection) { CommandTimeout = _timeoutSeconds };
        for (var i = 0; i < values.Count; i++)
        {
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i + 1}"), SqliteCells.Parse(values[i]));
        }

        return command;
    }
}
