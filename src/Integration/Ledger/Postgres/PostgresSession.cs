using System.Data.Common;
using Integration.Ledger.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Integration.Ledger.Postgres;

/// <summary>
/// Statements over many rows take them as arrays (<c>unnest</c>): one round trip. So many that a COPY pays are copied in. What only writes goes to the server
/// together with the next statement that is waited for, in the order in which it was given: an error of it shows then, and at the latest before the commit.
/// </summary>
internal sealed class PostgresSession(NpgsqlConnection connection, CancellationToken cancellationToken) : Session(cancellationToken)
{
    private const int LeastToCopy = 100;

    // As an array a payload is copied once more for each step of the statement, which below that costs less than a COPY's round trips.
    private const int LeastBytesToCopy = 256 * 1024;

    // In a COPY the server waits for the worker without the limit it has between two statements: a worker that stands still there must not keep
    // its locks for ever. Far longer than any slice takes; for the rest of the transaction.
    private const string Limit = "SET LOCAL statement_timeout = 60000";

    private readonly List<NpgsqlBatchCommand> _later = [];
    private bool _isLimited;

    /// <summary>Reads the database's clock, by which all workers measure leases.</summary>
    /// <param name="known">The newest version of the schema this program knows.</param>
    /// <exception cref="LedgerTooNewException">A newer program stepped the schema up meanwhile.</exception>
    public async Task ReadClockAsync(int known)
    {
        (Now, var found) = await FirstAsync("SELECT ledger_now(), (SELECT max(version) FROM schema_version)", static r => (r.GetInt64(0), r.GetInt32(1)));
        if (found > known)
        {
            throw new LedgerTooNewException(found, known);
        }
    }

    // Another encoding of the database may have an order of its own.
    public override bool SortsByCharacter => connection.PostgresParameters.GetValueOrDefault("server_encoding") == "UTF8";

    public override string Lock(string clause) => clause;

    public override string One(string table, string name, string condition, string? last = null) =>
        $"CROSS JOIN LATERAL (SELECT * FROM {table} {name} WHERE {condition}{(last is null ? "" : $" ORDER BY {last} DESC")} LIMIT 1) {name}";

    public override async Task<long[]> AllocateAsync(string table, int count)
    {
        // As a rule nobody else takes any in between, and two of them tell all.
        var (first, last, all) = await FirstAsync(
            $"SELECT min(s.id), max(s.id), CASE WHEN max(s.id) - min(s.id) >= count(*) THEN array_agg(s.id) END FROM (SELECT nextval('{table}_id') AS id FROM generate_series(1, @count)) s",
            static r => r.IsDBNull(0) ? (0, -1, []) : (r.GetInt64(0), r.GetInt64(1), r.IsDBNull(2) ? null : r.GetFieldValue<long[]>(2)), ("count", count));
        if (all is not null)
        {
            return all;
        }

        var ids = new long[last - first + 1];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = first + i;
        }

        return ids;
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
        await PostgresCopy.RunAsync(connection, sql, rows, same, Cancellation);
    }

    public override Task UpdateAsync(string table, string set, Rows rows, params (string Name, object? Value)[] parameters)
    {
        var id = rows.Columns[0].Name;
        return LaterAsync(rows, $"UPDATE {table} AS t SET {set} FROM r WHERE t.{id} = r.{id}", parameters);
    }

    public override Task WriteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        _later.Add(Command(sql, null, parameters));
        return Task.CompletedTask;
    }

    /// <summary>Sends what has not gone yet; the last before the commit.</summary>
    public async Task FlushAsync()
    {
        if (_later.Count > 0)
        {
            await using var batch = Batch();
            await batch.ExecuteNonQueryAsync(Cancellation);
        }
    }

    public override async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        if (_later.Count == 0)
        {
            // By itself it may be several statements.
            await using var command = new NpgsqlCommand(sql, connection);
            Fill(command.Parameters, null, parameters);
            return await command.ExecuteNonQueryAsync(Cancellation);
        }

        return await ExecuteAsync(Command(sql, null, parameters));
    }

    public override Task<int> ExecuteAsync(Rows rows, string body, params (string Name, object? Value)[] parameters) =>
        rows.Count == 0 ? Task.FromResult(0) : ExecuteAsync(Command(With(rows, body), rows, parameters));

    public override async Task QueryAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var batch = Batch(Command(With(rows, body), rows, parameters));
        await using var reader = await batch.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            read(reader);
        }
    }

    protected override async Task<DbDataReader> ReadAsync(string sql, (string Name, object? Value)[] parameters) =>
        await Batch(Command(sql, null, parameters)).ExecuteReaderAsync(Cancellation);

    private async Task<int> ExecuteAsync(NpgsqlBatchCommand command)
    {
        await using var batch = Batch(command);
        await batch.ExecuteNonQueryAsync(Cancellation);
        return command.RecordsAffected;
    }

    private Task LaterAsync(Rows rows, string body, (string Name, object? Value)[] parameters)
    {
        if (rows.Count > 0)
        {
            _later.Add(Command(With(rows, body), rows, parameters));
        }

        return Task.CompletedTask;
    }

    // What comes of the statements before has no rows, and is passed over.
    private NpgsqlBatch Batch(params ReadOnlySpan<NpgsqlBatchCommand> last)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var command in _later)
        {
            batch.BatchCommands.Add(command);
        }

        _later.Clear();
        foreach (var command in last)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
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
