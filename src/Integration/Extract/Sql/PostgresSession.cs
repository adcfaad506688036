using System.Globalization;
using Integration.Records;
using Npgsql;
using NpgsqlTypes;

namespace Integration.Extract.Sql;

/// <summary>Reads PostgreSQL: all values as text on the wire, so that none can turn into another or break the row.</summary>
internal sealed class PostgresSession : ISession
{
    /// <summary>Tells our own read-only sessions from those that may write.</summary>
    public const string ApplicationName = "integration-extract";

    // Between two pages the worker writes to its ledger; a worker that died there must not hold the source's clean-up back.
    private const int IdleInTransactionMilliseconds = 60_000;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    // Transactions that may write: not ours, not those of other databases, not background clean-up. A prepared one has no process.
    private const string RunningTransactions = """
        SELECT DISTINCT l.virtualtransaction FROM pg_catalog.pg_locks l
        WHERE l.pid IS NULL OR (l.locktype = 'virtualxid' AND l.pid <> pg_catalog.pg_backend_pid() AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_stat_activity a, pg_catalog.pg_stat_activity own
            WHERE own.pid = pg_catalog.pg_backend_pid() AND a.pid = l.pid
              AND (a.datid <> own.datid OR a.usesysid IS NULL OR (a.usesysid = own.usesysid AND a.application_name = own.application_name))))
        """;

    private readonly NpgsqlConnection _connection;
    private readonly SqlSourceOptions _options;
    private readonly PostgresFailures _failures;
    private readonly Func<DateTime, DateTime?>? _toUtc;
    private readonly TimeZoneInfo _zone;
    private readonly TimeProvider _clock;
    private readonly int _limit;
    private bool _begun;
    private int _cursors;

    private PostgresSession(NpgsqlConnection connection, SqlSourceOptions options, Database database, TimeProvider clock)
    {
        (_connection, _options, _clock) = (connection, options, clock);
        (_failures, _zone, _toUtc, _limit) = (new PostgresFailures(database.Name), database.Zone, database.ToUtc, database.RecordBytes);
    }

    public static async Task<ISession> ConnectAsync(NpgsqlDataSource source, SqlSourceOptions options, Database database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var failures = new PostgresFailures(database.Name);
        NpgsqlConnection? connection = null;
        try
        {
            connection = await source.OpenConnectionAsync(cancellationToken);
            var session = new PostgresSession(connection, options, database, clock);
            await session.ExecuteAsync(
                $"""
                SET default_transaction_read_only = on; SET statement_timeout = {(long)options.Timeout.TotalMilliseconds};
                SET idle_in_transaction_session_timeout = {IdleInTransactionMilliseconds}; SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC';
                SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1; SET client_min_messages = error
                """, cancellationToken);
            if (connection.PostgresParameters.TryGetValue("server_encoding", out var encoding) && encoding == "SQL_ASCII")
            {
                // Such a server never checked its bytes, and would end the whole reading at the first bad one. So they come as they are.
                await session.ExecuteAsync("SET client_encoding = 'SQL_ASCII'", cancellationToken);
            }

            return session;
        }
        catch (Exception e) when (failures.Tell(e, cancellationToken) is { } told)
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw told;
        }
    }

    public async Task<IReadOnlyList<Column>> DescribeAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            var names = new List<(string Name, uint Type)>();
            await using (var command = Command($"SELECT * FROM (\n{query}\n) q LIMIT 0", []))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                names.AddRange(Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetDataTypeOID(i))));
            }

            var types = await TypesAsync(names.Select(n => n.Type).Distinct(), cancellationToken);
            return [.. names.Select(n => PostgresCells.Describe(n.Name, n.Type, types[n.Type].Name, types[n.Type].Category))];
        }
        catch (Exception e) when (_failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public async Task<Horizon> LookAsync(string query, Column watermark, CancellationToken cancellationToken)
    {
        try
        {
            // The order is what the guarantee rests on: first the bound, then who was running, and only later the snapshot.
            var column = Statements.Quote(watermark.Name);
            var highest = KindOf(watermark) == ScaleKind.Time
                ? null
                : await ScalarAsync($"SELECT q.{column} FROM (\n{query}\n) q WHERE q.{column} IS NOT NULL ORDER BY 1 DESC LIMIT 1", cancellationToken);
            var now = DateTime.ParseExact(
                (await ScalarAsync("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", cancellationToken))!,
                "yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            var standby = await ScalarAsync("SELECT pg_catalog.pg_is_in_recovery()", cancellationToken) == "t";
            var latest = await RunningAsync(cancellationToken);
            var running = latest;
            var started = _clock.GetTimestamp();
            while (running.Length > 0 && _clock.GetElapsedTime(started) < _options.Settle)
            {
                await Task.Delay(BetweenLooks, _clock, cancellationToken);
                latest = await RunningAsync(cancellationToken);
                running = Horizon.StillRunning(running, latest);
            }

            return new Horizon(now, highest, running, latest, standby);
        }
        catch (Exception e) when (_failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public Scale ScaleOf(Column watermark, Horizon horizon) => new(KindOf(watermark), horizon, _zone, watermark.Kind switch
    {
        ColumnKind.Date => "2000-01-01",
        ColumnKind.Instant => "2000-01-01 00:00:00+00",
        _ => "2000-01-01 00:00:00",
    });

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
            _begun = true;
        }
        catch (Exception e) when (_failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public string Select(string alias, IReadOnlyList<Column> columns) => PostgresCells.Select(alias, columns, _limit);

    public async Task<IRows> OpenAsync(string sql, IReadOnlyList<string> values, IReadOnlyList<Column> columns, CancellationToken cancellationToken)
    {
        try
        {
            // A cursor keeps one plan and one sort for the whole reading, and lets the children be asked for in between.
            var name = $"rows{++_cursors}";
            await DeclareAsync(cancellationToken);
            return new PostgresRows(_connection, name, columns, _toUtc, _failures, (int)_options.Timeout.TotalSeconds + 5, _limit, DeclareAsync);

            async Task DeclareAsync(CancellationToken token)
            {
                await using var command = Command($"DECLARE {name} NO SCROLL CURSOR FOR {sql}", values);
                await command.ExecuteNonQueryAsync(token);
            }
        }
        catch (Exception e) when (_failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public IEnumerable<string[]> FormsOf(string[] parts, IReadOnlyList<Column> columns)
    {
        // A text that is no number cannot be the key of a numeric column; asking would be an error, not an empty answer.
        var fits = parts.Zip(columns).All(p => p.Second.Kind switch
        {
            ColumnKind.Integer => long.TryParse(p.First, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            ColumnKind.Number => decimal.TryParse(p.First, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            ColumnKind.Date or ColumnKind.LocalTime or ColumnKind.Instant => Moment.TryParse(p.First, out _, out _),
            ColumnKind.Text => p.Second.TypeName != "uuid" || Guid.TryParse(p.First, out _),
            _ => false,
        });
        return fits ? [parts] : [];
    }

    public async Task<int[]> ReadChildrenAsync(Child child, IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = Command(PostgresChildren.Select(child, Select("c", child.Columns)), PostgresChildren.Arrays(keys, child.On.Count));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var lists = new ChildLimit(page, keys.Count, _limit);
            var cells = new PostgresCells(child.Columns, _toUtc, _limit, first: 1);
            while (await reader.ReadAsync(cancellationToken))
            {
                // Parents are numbered from 1, and their children come in that order.
                if (lists.Takes(int.Parse(reader.GetString(0), CultureInfo.InvariantCulture) - 1))
                {
                    cells.Read(reader);
                    cells.AddTo(page);
                    lists.End();
                }
            }

            return lists.Starts();
        }
        catch (Exception e) when (_failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Without a pool, closing ends the server's session and with it the transaction; asking first only makes the end prompt and clean.
        if (_begun && _connection.FullState == System.Data.ConnectionState.Open)
        {
            _begun = false;
            try
            {
                await ExecuteAsync("ROLLBACK", CancellationToken.None);
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or TimeoutException)
            {
                // The connection is gone, and the transaction with it.
            }
        }

        await _connection.DisposeAsync();
    }

    private static ScaleKind KindOf(Column watermark) => watermark.Kind switch
    {
        ColumnKind.Date or ColumnKind.LocalTime or ColumnKind.Instant => ScaleKind.Time,
        ColumnKind.Integer => ScaleKind.Number,
        _ => ScaleKind.Opaque,
    };

    private async Task<string[]> RunningAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(RunningTransactions, []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var running = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            running.Add(reader.GetString(0));
        }

        running.Sort(StringComparer.Ordinal);
        return [.. running];
    }

    private async Task<Dictionary<uint, (string Name, char Category)>> TypesAsync(IEnumerable<uint> types, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "SELECT t.oid, pg_catalog.format_type(t.oid, -1), t.typcategory FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1)", [$"{{{string.Join(',', types)}}}"]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<uint, (string, char)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found[uint.Parse(reader.GetString(0), CultureInfo.InvariantCulture)] = (reader.GetString(1), reader.GetString(2)[0]);
        }

        return found;
    }

    private async Task<string?> ScalarAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, []);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, []);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql, IReadOnlyList<string> values)
    {
        var command = new NpgsqlCommand(sql, _connection) { AllResultTypesAreUnknown = true, CommandTimeout = (int)_options.Timeout.TotalSeconds + 5 };
        foreach (var value in values)
        {
            // Of unknown type: the server reads the text as the type of the column it is compared with.
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        return command;
    }
}
