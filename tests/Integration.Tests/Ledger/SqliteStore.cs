using System.Security.Cryptography;
using System.Text;
using Integration.Ledger;
using Integration.Ledger.Sql;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Integration.Tests.Ledger;

internal sealed class SqliteStore : LedgerStore
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-").FullName;

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.FromHours(7)));

    public string Connection => $"Data Source={Path.Combine(_folder, "ledger.db")};Default Timeout=2";

    internal override ILedger Connect() => LedgerFactory.Create("sqlite", Connection, Clock, NullLoggerFactory.Instance);

    public override Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        return Task.CompletedTask;
    }

    public override async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new SqliteConnection($"{Connection};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    public override string Key(string key) => $"x'{Convert.ToHexString(Stored.Hash(key).ToByteArray())}'";

    public override string Hash(string payload) => $"x'{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(payload)))}'";

    protected override string Schema => "sqlite";

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
