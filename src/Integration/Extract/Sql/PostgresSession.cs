using System.Globalization;
using System.Net.Sockets;
using Integration.Records;
using Npgsql;
using NpgsqlTypes;

namespace Integration.Extract.Sql;

/// <summary>
/// Reads PostgreSQL: rows by COPY, which the server fills ahead of the reader, and their children on a second connection in the same snapshot.
/// </summary>
internal sealed class PostgresSession : ISession
{
    /// <summary>Tells our own read-only sessions from those that may write.</summary>
    public const string ApplicationName = "integration-extract";

    // Between two pages the worker writes to its ledger; a worker that died there must not hold the source's clean-up back.
    private const int IdleInTransactionMilliseconds = 60_000;

    // Bytes on disk of what one table has stored apart from its rows. A server puts a cell into memory several times over to send it.
    private const long MostLongValues = 64 << 20;

    private readonly NpgsqlConnection _connection;
    private readonly SqlSourceOptions _options;
    private readonly PostgresFailures _failures;
    private readonly Func<DateTime, DateTime?>? _toUtc;
    private readonly TimeZoneInfo _zone;
    private readonly TimeProvider _clock;
    private readonly int _limit;
    private readonly Database _database;
    private readonly PostgresChildReading _children;
    private string? _snapshot;
    private string? _process;
    private bool _begun;

    private PostgresSession(NpgsqlConnection connection, SqlSourceOptions options, Database database, TimeProvider clock)
    {
        (_connection, _options, _database, _clock) = (connection, options, database, clock);
        (_failures, _zone, _toUtc, _limit) = (new PostgresFailures(database.Name), database.Zone, database.ToUtc, database.RecordBytes);
        _children = new PostgresChildReading(ConnectBesideAsync, _toUtc, _limit);
    }

    public static async Task<PostgresSession> ConnectAsync(NpgsqlDataSource source, SqlSourceOptions options, Database database, TimeProvider clock, CancellationToken cancellationToken)
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
                SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1; SET standard_conforming_strings = on; SET client_min_messages = error
                """, cancellationToken);
            if (connection.PostgresParameters.TryGetValue("server_encoding", out var encoding) && encoding == "SQL_ASCII")
            {
                // Such a server never checked its bytes, and would end the whole reading at the first bad one. So they come as they are.
                await session.ExecuteAsync("SET client_encoding = 'SQL_ASCII'", cancellationToken);
            }

            await session.WatchClientAsync(cancellationToken);
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
            return await PostgresColumns.DescribeAsync(this, query, cancellationToken);
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
            return await PostgresHorizon.LookAsync(this, query, KindOf(watermark) == ScaleKind.Time ? null : watermark, _options.Settle, _clock, cancellationToken);
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

    public async Task BeginAsync(bool hasChildren, CancellationToken cancellationToken)
    {
        try
        {
            await BeginAsync(snapshot: null, cancellationToken);
            _snapshot = hasChildren ? await ScalarAsync("SELECT pg_catalog.pg_export_snapshot()", cancellationToken) : null;
        }
        catch (Exception e) when (_failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    // A COPY takes no parameters.
    public string Operand(int number, string value) => Literal(value);

    public async Task<IRows> OpenAsync(Statement statement, IReadOnlyList<Column> columns, CancellationToken cancellationToken)
    {
        try
        {
            // Outside the savepoint, so that going back to it gives up no lock: a table rewritten or emptied meanwhile would show this snapshot nothing.
            await ListAsync($"EXPLAIN SELECT 1 {statement.From}", cancellationToken);
            var isBare = await PrepareAsync(cancellationToken) && statement.Order is not null;
            return new PostgresRows(
                this, statement, columns, isBare ? new PostgresCells(columns, _toUtc, _limit, isGuarded: false) : null,
                new PostgresCells(columns, _toUtc, _limit, isGuarded: true), _failures);
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
            return await _children.ReadAsync(child, keys, page, cancellationToken);
        }
        catch (Exception e) when (_failures.Tell(e, cancellationToken) is { } told)
        {
            throw told;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _children.DisposeAsync();

        // Without a pool, closing ends the server's session and with it the transaction; asking first only makes the end prompt and clean.
        if (_begun && IsOpen)
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

    private async Task BeginAsync(string? snapshot, CancellationToken cancellationToken)
    {
        await ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
        _begun = true;
        if (snapshot is not null)
        {
            await ExecuteAsync($"SET TRANSACTION SNAPSHOT {Literal(snapshot)}", cancellationToken);
        }

        _process = await ScalarAsync("SELECT pg_catalog.pg_backend_pid()", cancellationToken);
    }

    /// <summary>A session on the same server that sees what this one sees.</summary>
    private async Task<PostgresSession> ConnectBesideAsync(CancellationToken cancellationToken)
    {
        await using var server = _database.Server(_connection.Host, _connection.Port);
        var beside = await ConnectAsync(server, _options, _database, _clock, cancellationToken);
        try
        {
            await beside.BeginAsync(_snapshot, cancellationToken);
            return beside;
        }
        catch (Exception e)
        {
            await beside.DisposeAsync();

            // A snapshot is gone when the connection that gave it is.
            throw e is PostgresException { SqlState: "22023" or "55000" } gone ? _failures.Cut(gone) : e;
        }
    }

    // A server that sorts for a dead worker, or waits for it to take its rows, lets go as well; servers before 12 and some platforms cannot.
    private async Task WatchClientAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(
                $"""
                SELECT pg_catalog.set_config(name, value, false) FROM (VALUES ('tcp_user_timeout', '{IdleInTransactionMilliseconds}'), ('client_connection_check_interval', '10000')) w (name, value)
                WHERE EXISTS (SELECT FROM pg_catalog.pg_settings s WHERE s.name = w.name)
                """, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
        }
    }

    public bool IsOpen => _connection.FullState == System.Data.ConnectionState.Open;

    /// <summary>
    /// For a statement that was planned in this transaction and runs as long as the reading does: what is timed is the wait for its next bytes.
    /// </summary>
    /// <returns>Whether it may be run without guards: no table that it reads keeps so much in long values that a huge one is likely among them.</returns>
    public async Task<bool> PrepareAsync(CancellationToken cancellationToken) => await ScalarAsync(
        $"""
        SET LOCAL statement_timeout = 0; SAVEPOINT rows;
        SELECT coalesce(max(pg_catalog.pg_relation_size(c.reltoastrelid)), 0) <= {MostLongValues} FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
        WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid()
        """, cancellationToken) == "t" && !_database.HasHugeCells;

    /// <summary>A statement without guards met a huge cell, or was cut off, perhaps by one: there are no more of them.</summary>
    public void NoteHugeCell() => _database.HasHugeCells = true;

    /// <summary>Back to where it was prepared, when such a statement has ended before its end; the snapshot stays.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public Task ReturnAsync(CancellationToken cancellationToken) =>
        IsOpen ? ExecuteAsync("ROLLBACK TO SAVEPOINT rows", cancellationToken) : throw new IOException("The connection was lost with the statement.");

    /// <param name="sql">A SELECT of such cells.</param>
    public Task<CopyStream> CopyAsync(string sql, PostgresCells cells, CancellationToken cancellationToken) =>
        CopyStream.BeginAsync(_connection, sql, cells.Count, cells.Largest, _options.Timeout, CancelOnServerAsync, cancellationToken);

    private async Task CancelOnServerAsync()
    {
        try
        {
            await using var server = _database.Server(_connection.Host, _connection.Port);
            await using var connection = await server.OpenConnectionAsync(CancellationToken.None);
            await using var cancel = new NpgsqlCommand($"SELECT pg_catalog.pg_cancel_backend({_process})", connection);
            await cancel.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or IOException or TimeoutException)
        {
            // A server that cannot be asked to stop is waited for no longer than the connection's own limit.
        }
    }

    // Backslashes mean nothing in it while standard_conforming_strings is on.
    public static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static ScaleKind KindOf(Column watermark) => watermark.Kind switch
    {
        ColumnKind.Date or ColumnKind.LocalTime or ColumnKind.Instant => ScaleKind.Time,
        ColumnKind.Integer => ScaleKind.Number,
        _ => ScaleKind.Opaque,
    };

    /// <returns>First values of the rows, none of them null.</returns>
    public async Task<List<string>> ListAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }

    /// <summary>What the server expects a SELECT to cost until its first row and until its last, in the server's own unit.</summary>
    public async Task<(double Startup, double Total)> CostAsync(string sql, CancellationToken cancellationToken)
    {
        // The first line tells it of all: Hash Join  (cost=9.25..78.30 rows=…
        var line = (await ListAsync($"EXPLAIN {sql}", cancellationToken))[0];
        var costs = line[(line.IndexOf("(cost=", StringComparison.Ordinal) + "(cost=".Length)..].Split(' ')[0].Split("..");
        return (double.Parse(costs[0], CultureInfo.InvariantCulture), double.Parse(costs[1], CultureInfo.InvariantCulture));
    }

    public async Task<string?> ScalarAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Gives every value as the server writes it.</summary>
    public NpgsqlCommand Command(string sql, params IReadOnlyList<string> values)
    {
        var command = new NpgsqlCommand(sql, _connection) { AllResultTypesAreUnknown = true };
        foreach (var value in values)
        {
            // Of unknown type: the server reads the text as the type of the column it is compared with.
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        return command;
    }
}
