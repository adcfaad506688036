using System.Data.Common;
using Integration.Ledger.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Integration.Ledger.Postgres;

/// <summary>Statements over many rows take them as arrays (<c>unnest</c>): one round trip. So many that a COPY pays are copied in.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, CancellationToken cancellationToken) : Session(cancellationToken)
{
    private const int LeastToCopy = 100;

    // As an array a payload is copied once more for each step of the statement.
    private const int LeastBytesToCopy = 64 * 1024;

    // In a COPY the server waits for the worker without the limit it has between two statements: a worker that stands still there must not keep
    // its locks for ever. Far longer than any slice takes; for the rest of the transaction.
    private const string Limit = "SET LOCAL statement_timeout = 60000";

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

    public override async Task<long[]> AllocateAsync(string table, int count)
    {
        // One row of a thousand ids costs less than a thousand rows.
        return await FirstAsync($"SELECT coalesce(array_agg(nextval('{table}_id')), '{{}}') FROM generate_series(1, @count)", static r => r.GetFieldValue<long[]>(0), ("count", count)) ?? [];
    }

    public override Task InsertAsync(string table, Rows rows, params (string Name, object? Value)[] same)
    {
        var names = string.Join(", ", same.Select(s => s.Name).Concat(rows.Columns.Select(c => c.Name)));
        if (rows.Count >= LeastToCopy || rows.Columns.Sum(static c => c.Values is byte[][] bytes ? bytes.Sum(static b => (long)b.Length) : 0) >= LeastBytesToCopy)
        {
            return CopyAsync($"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)", rows, same);
        }

        var values = string.Join(", ", same.Select(s => $"@{s.Name}").Append("r.*"));
        return ExecuteAsync(rows, $"INSERT INTO {table} ({names}) SELECT {values} FROM r", same);
    }

    // Values go as they are: what stands in a Rows has the type of its column.
    private async Task CopyAsync(string sql, Rows rows, (string Name, object? Value)[] same)
    {
        if (!_isLimited)
        {
            await ExecuteAsync(Limit);
            _isLimited = true;
        }

        await using var copy = await connection.BeginBinaryImportAsync(sql, Cancellation);
        for (var row = 0; row < rows.Count; row++)
        {
            await copy.StartRowAsync(Cancellation);
            foreach (var (_, value) in same)
            {
                await (value is null ? copy.WriteNullAsync(Cancellation) : copy.WriteAsync(value, Cancellation));
            }

            foreach (var column in rows.Columns)
            {
                await WriteAsync(copy, column, row);
            }
        }

        await copy.CompleteAsync(Cancellation);
    }

    private Task WriteAsync(NpgsqlBinaryImporter copy, Column column, int row) => column.Values switch
    {
        long[] values => copy.WriteAsync(values[row], NpgsqlDbType.Bigint, Cancellation),
        int[] values => copy.WriteAsync(values[row], NpgsqlDbType.Integer, Cancellation),
        short[] values => copy.WriteAsync(values[row], NpgsqlDbType.Smallint, Cancellation),
        bool[] values => copy.WriteAsync(values[row], NpgsqlDbType.Boolean, Cancellation),
        Guid[] values => copy.WriteAsync(values[row], NpgsqlDbType.Uuid, Cancellation),
        byte[][] values => copy.WriteAsync(values[row], NpgsqlDbType.Bytea, Cancellation),
        string?[] values when values[row] is { } text => copy.WriteAsync(text, NpgsqlDbType.Text, Cancellation),
        long?[] values when values[row] is { } number => copy.WriteAsync(number, NpgsqlDbType.Bigint, Cancellation),
        Guid?[] values when values[row] is { } id => copy.WriteAsync(id, NpgsqlDbType.Uuid, Cancellation),
        _ => copy.WriteNullAsync(Cancellation),
    };

    public override Task UpdateAsync(string table, string set, Rows rows, params (string Name, object? Value)[] parameters)
    {
        var id = rows.Columns[0].Name;
        return ExecuteAsync(rows, $"UPDATE {table} AS t SET {set} FROM r WHERE t.{id} = r.{id}", parameters);
    }

    public override async Task<int> ExecuteAsync(Rows rows, string body, params (string Name, object? Value)[] parameters)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        await using var command = Command(With(rows, body), rows, parameters);
        return await command.ExecuteNonQueryAsync(Cancellation);
    }

    public override async Task QueryAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var command = Command(With(rows, body), rows, parameters);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            read(reader);
        }
    }

    public override DbCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    private NpgsqlCommand Command(string sql, Rows rows, (string Name, object? Value)[] parameters)
    {
        var command = (NpgsqlCommand)Command(sql, parameters);
        foreach (var column in rows.Columns)
        {
            command.Parameters.Add(new NpgsqlParameter($"r_{column.Name}", NpgsqlDbType.Array | Type(column.Type)) { Value = column.Values });
        }

        return command;
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
