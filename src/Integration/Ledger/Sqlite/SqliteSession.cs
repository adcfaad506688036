using System.Data.Common;
using System.Globalization;
using Integration.Ledger.Sql;
using Microsoft.Data.Sqlite;

namespace Integration.Ledger.Sqlite;

/// <summary>Statements over many rows are one prepared statement, run once a row.</summary>
internal sealed class SqliteSession : Session
{
    private readonly SqlitePrepared _prepared;
    private readonly SqliteTransaction? _transaction;

    public SqliteSession(SqlitePrepared prepared, SqliteTransaction? transaction, DateTimeOffset now, CancellationToken cancellationToken)
        : base(cancellationToken)
    {
        (_prepared, _transaction) = (prepared, transaction);
        Now = Stored.Moment(now);
    }

    public override string Lock(string clause) => "";

    public override string One(string table, string name, string condition, string? last = null) =>
        $"CROSS JOIN {table} {name} ON {name}.rowid = (SELECT {name}.rowid FROM {table} {name} WHERE {condition}{(last is null ? "" : $" ORDER BY {last} DESC")} LIMIT 1)";

    public override async Task<long[][]> AllocateAsync(params (string Table, int Count)[] wanted)
    {
        var ids = new long[wanted.Length][];
        for (var i = 0; i < wanted.Length; i++)
        {
            ids[i] = await AllocateAsync(wanted[i].Table, wanted[i].Count);
        }

        return ids;
    }

    private async Task<long[]> AllocateAsync(string table, int count)
    {
        // The versions in a pack have ids behind its own.
        var packed = table == "version" ? "coalesce((SELECT id + slots - 1 FROM pack ORDER BY id DESC LIMIT 1), 0)" : "0";
        var last = await NumberAsync($"SELECT max(coalesce((SELECT max(id) FROM {table}), 0), {packed})") ?? 0;
        var ids = new long[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = last + 1 + i;
        }

        return ids;
    }

    // Tokens never come twice, though claims are deleted; the store remembers the last.
    public override async Task<Func<long>> AskIdAsync(string table, string column)
    {
        var id = 1 + (await NumberAsync($"SELECT max(coalesce((SELECT max({column}) FROM {table}), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0))") ?? 0);
        return () => id;
    }

    public override Task InsertAsync(string table, Rows rows, params (string Name, object? Value)[] same)
    {
        var names = same.Select(s => s.Name).Concat(rows.Columns.Select(c => c.Name)).ToArray();
        var sql = $"INSERT INTO {table} ({string.Join(", ", names)}) VALUES ({string.Join(", ", names.Select(n => $"@{n}"))})";
        Each(sql, rows, same, null);
        return Task.CompletedTask;
    }

    public override Task UpdateAsync(string table, string set, Rows rows, params (string Name, object? Value)[] parameters)
    {
        var id = rows.Columns[0].Name;
        var sql = $"UPDATE {table} SET {set.Replace("r.", "@", StringComparison.Ordinal)} WHERE {id} = @{id}";
        Each(sql, rows, parameters, null);
        return Task.CompletedTask;
    }

    public override Task<int> ExecuteAsync(Rows rows, string body, params (string Name, object? Value)[] parameters) =>
        Task.FromResult(Each(With(rows) + body, rows, parameters, null));

    public override Task QueryAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters)
    {
        Each(With(rows) + body, rows, parameters, read);
        return Task.CompletedTask;
    }

    public override Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters) => Command(sql, parameters).ExecuteNonQueryAsync(Cancellation);

    protected override async Task<DbDataReader> ReadAsync(string sql, (string Name, object? Value)[] parameters) => await Command(sql, parameters).ExecuteReaderAsync(Cancellation);

    private SqliteCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = _prepared.Command(sql);
        command.Transaction = _transaction;
        foreach (var (name, value) in parameters)
        {
            Parameter(command, $"@{name}").Value = Form(value);
        }

        return command;
    }

    private int Each(string sql, Rows rows, (string Name, object? Value)[] parameters, Action<DbDataReader>? read)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        var changed = _prepared.Each(sql).Run(rows, parameters, read);
        Cancellation.ThrowIfCancellationRequested();
        return changed;
    }

    private static string With(Rows rows)
    {
        var names = rows.Columns.Select(c => c.Name).ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"WITH r ({string.Join(", ", names)}) AS (VALUES ({string.Join(", ", names.Select(n => $"@{n}"))})) ");
    }

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
