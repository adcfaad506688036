using Microsoft.Data.Sqlite;

namespace Integration.Tests.Faults;

/// <summary>A source in one SQLite file: a table <c>record</c> of key, name and updated_at.</summary>
internal sealed class SqliteRecords : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("source-").FullName;

    public const string Source = "sql: { connection: Source, query: things.sql, key: key, watermark: updated_at, lag: 0s }";

    /// <param name="nameLength">Characters of each name.</param>
    public SqliteRecords(int count, int nameLength = 20)
    {
        Execute($"""
            CREATE TABLE record (key TEXT PRIMARY KEY, name TEXT, updated_at TEXT);
            WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < {count})
            INSERT INTO record SELECT printf('K%06d', n), substr(hex(randomblob({nameLength})), 1, {nameLength}), datetime('2026-03-02 08:00:00', printf('+%d seconds', n)) FROM i
            """);
        Keys = [.. Enumerable.Range(1, count).Select(n => $"K{n:000000}")];
    }

    public IReadOnlyList<string> Keys { get; }

    public Dictionary<string, string?> Connection => new(StringComparer.Ordinal) { ["Provider"] = "sqlite", ["ConnectionString"] = $"Data Source={Path.Combine(_folder, "source.db")}" };

    public void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "source.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
