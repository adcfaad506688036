using Integration.Tests.Support;

namespace Integration.Tests.Extract.Sql;

public sealed class PostgresHugeRecordTests(PostgresCluster cluster) : HugeRecordContract
{
    private string _database = "";

    private protected override Dictionary<string, string?> Connection => new() { ["Provider"] = "postgres", ["ConnectionString"] = _database };

    public override async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync(Token);

    protected override string Text(string length) => $"repeat('a', ({length})::int)";

    protected override string Numbers(int n) => $"(SELECT g AS n FROM generate_series(1, {n}) g)";
}
