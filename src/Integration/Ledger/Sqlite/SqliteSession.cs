using System.Data.Common;
using System.Globalization;
using Integration.Ledger.Sql;
using Microsoft.Data.Sqlite;

namespace Integration.Ledger.Sqlite;

/// <summary>Statements over many rows are one prepared statement, run once a row.</summary>
internal sealed class SqliteSession : Session
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared;
    private readonly SqliteTransaction? _transaction;

    public SqliteSession(
        SqliteConnection connection, SqliteTransaction? transaction, Dictionary<string, SqliteCommand> prepared, DateTimeOffset now, CancellationToken cancellationToken)
        : base(cancellationToken)
    {
        (_connection, _transaction, _prepared) = (connection, transaction, prepared);
        Now = Stored.Moment(now);
    }

    public override string Lock(string clause) => "";

    public override async Task<long[]> AllocateAsync(string table, int count)
    {
        var last = await NumberAsync($"SELECT max(id) FROM {table}") ?? 0;
        var ids = new long[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = last + 1 + i;
        }

        return ids;
    }

    public override Task InsertAsync(string table, Rows rows, params (string Name, object? Value)[] same)
    {
        var names = same.Select(s => s.Name).Concat(rows.Columns.Select(c => c.Name)).ToArray();
        var sql = $"INSERT INTO {table} ({string.Join(", ", names)}) VALUES ({string.Join(", ", names.Select(n => $"@{n}"))})";
        Each(rows, Command(sql, rows, same), null);
        return Task.CompletedTask;
    }

    public override Task UpdateAsync(string table, string set, Rows rows, params (string Name, object? Value)[] parameters)
    {
        var id = rows.Columns[0].Name;
        var sql = $"UPDATE {table} SET {set.Replace("r.", "@", StringComparison.Ordinal)} WHERE {id} = @{id}";
        Each(rows, Command(sql, rows, parameters), null);
        return Task.CompletedTask;
    }

    public override Task<int> ExecuteAsync(Rows rows, string body, params (string Name, object? Value)[] parameters) =>
        Task.FromResult(Each(rows, Command(With(rows) + body, rows, parameters), null));

    public override Task QueryAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters)
    {
        Each(rows, Command(With(rows) + body, rows, parameters), read);
        return Task.CompletedTask;
    }

    public override DbCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            _prepared.Add(sql, command);
        }

        command.Transaction = _transaction;
        foreach (var (name, value) in parameters)
        {
            Parameter(command, $"@{name}").Value = Form(value);
        }

        return command;
    }

    private SqliteCommand Command(string sql, Rows rows, (string Name, object? Value)[] parameters)
    {
        var command = (SqliteCommand)Command(sql, parameters);
        foreach (var column in rows.Columns)
        {
            Parameter(command, $"@{column.Name}");
        }

        return command;
    }

    private int Each(Rows rows, SqliteCommand command, Action<DbDataReader>? read)
    {
        var parameters = rows.Columns.Select(c => (Parameter: command.Parameters[$"@{c.Name}"], c)).ToArray();
        var changed = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            foreach (var (parameter, column) in parameters)
            {
                parameter.Value = Value(column, i);
            }

            if (read is null)
            {
                changed += Math.Max(0, command.ExecuteNonQuery());
                continue;
            }

            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                read(reader);
            }
        }

        Cancellation.ThrowIfCancellationRequested();
        return changed;
    }

    private static string With(Rows rows)
    {
        var names = rows.Columns.Select(c => c.Name).ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"WITH r ({string.Join(", ", names)}) AS (VALUES ({string.Join(", ", names.Select(n => $"@{n}"))})) ");
    }

    private static object Value(Column column, int i) => column.Values switch
    {
        long[] values => values[i],
        long?[] values => (object?)values[i] ?? DBNull.Value,
        int[] values => values[i],
        short[] values => values[i],
        bool[] values => values[i] ? 1L : 0L,
        string?[] values => (object?)values[i] ?? DBNull.Value,
        byte[][] values => values[i],
        Guid[] values => values[i].ToByteArray(),
        Guid?[] values => (object?)values[i]?.ToByteArray() ?? DBNull.Value,
        _ => throw new NotSupportedException(column.Name),
    };

    private static object Form(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToByteArray(),
        _ => value,
    };

    private static SqliteParameter Parameter(SqliteCommand command, string name)
    {
        var index = command.Parameters.IndexOf(name);
        return index >= 0 ? command.Parameters[index] : command.Parameters.Add(new SqliteParameter { ParameterName = name });
    }
}
