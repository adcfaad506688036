using System.Data;
using System.Data.Common;
using Integration.Ledger.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Integration.Ledger.Postgres;

/// <summary>
/// Statements over many rows take them as arrays (<c>unnest</c>): one round trip. So many that a COPY pays are copied in. What only writes, or is asked, goes to
/// the server together with the next statement that is waited for, in the order in which it was given: an error of it shows then, and at the latest with the commit.
/// </summary>
internal sealed class PostgresSession(NpgsqlConnection connection, CancellationToken cancellationToken) : Session(cancellationToken)
{
    private const int LeastToCopy = 100;

    // As an array a payload is copied once more for each step of the statement, which below that costs less than a COPY's round trips.
    private const int LeastBytesToCopy = 256 * 1024;

    // In a COPY the server waits for the worker without the limit it has between two statements: a worker that stands still there must not keep
    // its locks for ever. Far longer than any slice takes; for the rest of the transaction.
    private const string Limit = "SET LOCAL statement_timeout = 60000";

    // A sequence gives the first of so many ids.
    private const int IdsAtOnce = 1024;

    private readonly List<(NpgsqlBatchCommand Command, Action<DbDataReader>? Read)> _later = [];
    private bool _isLimited;

    // A connection that is lost while what is left of an answer is passed over says so by its state alone.
    private NpgsqlConnection Connection =>
        connection.State == ConnectionState.Open ? connection : throw new NpgsqlException("The connection was lost between two statements.", new EndOfStreamException());

    /// <summary>Begins a transaction, with the first statement.</summary>
    public Task BeginAsync(IsolationLevel isolation) => WriteAsync(isolation == IsolationLevel.RepeatableRead ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN ISOLATION LEVEL READ COMMITTED");

    /// <summary>Asks for the database's clock, by which all workers measure leases.</summary>
    /// <param name="known">The newest version of the schema this program knows; a newer one ends the session with a <see cref="LedgerTooNewException"/>.</param>
    public Task AskClockAsync(int known) => AskAsync(
        "SELECT ledger_now(), (SELECT max(version) FROM schema_version)",
        reader =>
        {
            Now = reader.GetInt64(0);
            if (reader.GetInt32(1) is var found && found > known)
            {
                throw new LedgerTooNewException(found, known);
            }
        });

    /// <summary>Ends the transaction, with all that has not gone yet; a caller who gave up waiting could not know what was written.</summary>
    public async Task CommitAsync()
    {
        await WriteAsync("COMMIT");
        await FlushAsync(CancellationToken.None);
    }

    // Another encoding of the database may have an order of its own.
    public override bool SortsByCharacter => Connection.PostgresParameters.GetValueOrDefault("server_encoding") == "UTF8";

    public override string Lock(string clause) => clause;

    public override string One(string table, string name, string condition, string? last = null) =>
        $"CROSS JOIN LATERAL (SELECT * FROM {table} {name} WHERE {condition}{(last is null ? "" : $" ORDER BY {last} DESC")} LIMIT 1) {name}";

    public override async Task<long[][]> AllocateAsync(params (string Table, int Count)[] wanted)
    {
        var ids = Array.ConvertAll(wanted, static w => new long[w.Count]);
        for (var i = 0; i < wanted.Length; i++)
        {
            var (to, next) = (ids[i], 0);
            await AskAsync(
                $"SELECT nextval('{wanted[i].Table}_id') FROM generate_series(1, @times)",
                reader =>
                {
                    var first = reader.GetInt64(0);
                    for (var n = 0; n < IdsAtOnce && next < to.Length; n++)
                    {
                        to[next++] = first + n;
                    }
                },
                ("times", (to.Length + IdsAtOnce - 1) / IdsAtOnce));
        }

        await FlushAsync();
        return ids;
    }

    public override async Task<Func<long>> AskIdAsync(string table, string column)
    {
        var id = 0L;
        await AskAsync($"SELECT nextval('{table}_{column}_seq')", reader => id = reader.GetInt64(0));
        return () => id;
    }

    public override Task InsertAsync(string table, Rows rows, params (string Name, object? Value)[] same)
    {
        var names = string.Join(", ", same.Select(s => s.Name).Concat(rows.Columns.Select(c => c.Name)));
        if (rows.Count >= LeastToCopy || rows.Columns.Sum(static c => c.Values is byte[][] bytes ? bytes.Sum(static b => (long)b.Length) : 0) >= LeastBytesToCopy)
        {
            return CopyAsync($"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)", rows, same);
        }

        var values = string.Join(", ", same.Select(s => $"@{s.Name}").Append("r.*"));
        return LaterAsync(rows, $"INSERT INTO {table} ({names}) SELECT {values} FROM r", same);
    }

    private async Task CopyAsync(string sql, Rows rows, (string Name, object? Value)[] same)
    {
        if (!_isLimited)
        {
            await WriteAsync(Limit);
            _isLimited = true;
        }

        await FlushAsync();
        await PostgresCopy.RunAsync(Connection, sql, rows, same, Cancellation);
    }

    public override Task UpdateAsync(string table, string set, Rows rows, params (string Name, object? Value)[] parameters)
    {
        var id = rows.Columns[0].Name;
        return LaterAsync(rows, $"UPDATE {table} AS t SET {set} FROM r WHERE t.{id} = r.{id}", parameters);
    }

    public override Task WriteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        _later.Add((Command(sql, null, parameters), null));
        return Task.CompletedTask;
    }

    public override Task AskAsync(string sql, Action<DbDataReader> read, params (string Name, object? Value)[] parameters)
    {
        _later.Add((Command(sql, null, parameters), read));
        return Task.CompletedTask;
    }

    public override Task AskAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters) => LaterAsync(rows, body, parameters, read);

    public override Task FlushAsync() => FlushAsync(Cancellation);

    public override async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        if (_later.Count == 0)
        {
            // By itself it may be several statements.
            await using var command = new NpgsqlCommand(sql, Connection);
            Fill(command.Parameters, null, parameters);
            return await command.ExecuteNonQueryAsync(Cancellation);
        }

        return await RunAsync(Command(sql, null, parameters), null, Cancellation);
    }

    public override Task<int> ExecuteAsync(Rows rows, string body, params (string Name, object? Value)[] parameters) =>
        rows.Count == 0 ? Task.FromResult(0) : RunAsync(Command(With(rows, body), rows, parameters), null, Cancellation);

    public override Task QueryAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters) =>
        rows.Count == 0 ? Task.CompletedTask : RunAsync(Command(With(rows, body), rows, parameters), read, Cancellation);

    protected override Task<DbDataReader> ReadAsync(string sql, (string Name, object? Value)[] parameters) => SendAsync(Command(sql, null, parameters), Cancellation);

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_later.Count > 0)
        {
            var (last, read) = _later[^1];
            _later.RemoveAt(_later.Count - 1);
            await RunAsync(last, read, cancellationToken);
        }
    }

    private Task LaterAsync(Rows rows, string body, (string Name, object? Value)[] parameters, Action<DbDataReader>? read = null)
    {
        if (rows.Count > 0)
        {
            _later.Add((Command(With(rows, body), rows, parameters), read));
        }

        return Task.CompletedTask;
    }

    /// <param name="read">Given each row of the command; null: it has none.</param>
    /// <returns>How many rows the command wrote.</returns>
    private async Task<int> RunAsync(NpgsqlBatchCommand command, Action<DbDataReader>? read, CancellationToken cancellationToken)
    {
        await using var reader = await SendAsync(command, cancellationToken);
        while (read is not null && await reader.ReadAsync(cancellationToken))
        {
            read(reader);
        }

        // An error behind the last row would not show otherwise.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        return command.RecordsAffected;
    }

    /// <summary>Sends a command behind all that has not gone yet.</summary>
    /// <returns>Stands before the rows of the command; those of what was asked before it are read.</returns>
    private async Task<DbDataReader> SendAsync(NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(Connection);
        var asked = new List<Action<DbDataReader>>(_later.Count);
        foreach (var (earlier, read) in _later)
        {
            batch.BatchCommands.Add(earlier);
            asked.AddRange(read is null ? [] : [read]);
        }

        _later.Clear();
        batch.BatchCommands.Add(command);
        var reader = await batch.ExecuteReaderAsync(cancellationToken);
        try
        {
            // What only writes has no rows, and is passed over.
            foreach (var read in asked)
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    read(reader);
                }

                await reader.NextResultAsync(cancellationToken);
            }
        }
        catch
        {
            try
            {
                await reader.DisposeAsync();
            }
            catch (NpgsqlException)
            {
                // Of what came behind; the first failure counts.
            }

            throw;
        }

        return reader;
    }

    private static NpgsqlBatchCommand Command(string sql, Rows? rows, (string Name, object? Value)[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        Fill(command.Parameters, rows, parameters);
        return command;
    }

    private static void Fill(NpgsqlParameterCollection to, Rows? rows, (string Name, object? Value)[] parameters)
    {
        foreach (var (name, value) in parameters)
        {
            to.AddWithValue(name, value ?? DBNull.Value);
        }

        foreach (var column in rows?.Columns ?? [])
        {
            to.Add(new NpgsqlParameter($"r_{column.Name}", NpgsqlDbType.Array | Type(column.Type)) { Value = column.Values });
        }
    }

    private static string With(Rows rows, string body) =>
        $"WITH r ({string.Join(", ", rows.Columns.Select(c => c.Name))}) AS (SELECT * FROM unnest({string.Join(", ", rows.Columns.Select(c => $"@r_{c.Name}"))})) {body}";

    private static NpgsqlDbType Type(ColumnType type) => type switch
    {
        ColumnType.Bigint => NpgsqlDbType.Bigint,
        ColumnType.Integer => NpgsqlDbType.Integer,
        ColumnType.Smallint => NpgsqlDbType.Smallint,
        ColumnType.Boolean => NpgsqlDbType.Boolean,
        ColumnType.Text => NpgsqlDbType.Text,
        ColumnType.Bytes => NpgsqlDbType.Bytea,
        ColumnType.Uuid => NpgsqlDbType.Uuid,
        _ => throw new NotSupportedException(type.ToString()),
    };
}
