using Microsoft.Data.Sqlite;

namespace Integration.Tests.Extract.Sql;

public sealed class SqliteHugeRecordTests : HugeRecordContract
{
    private string Database => $"Data Source={Path.Combine(Folder, "source.db")};Pooling=false";

    private protected override Dictionary<string, string?> Connection => new() { ["Provider"] = "sqlite", ["ConnectionString"] = Database };

    public override async ValueTask InitializeAsync()
    {
        await using var connection = new SqliteConnection(Database);
        await connection.OpenAsync(Token);
        await using var command = new SqliteCommand("CREATE TABLE any_table (x)", connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    protected override string Text(string length) => $"replace(printf('%.*c', {length}, 'a'), ' ', 'a')";

    protected override string Numbers(int n) => $"(SELECT value AS n FROM (WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM c WHERE value < {n}) SELECT value FROM c))";
}
