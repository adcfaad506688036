using Npgsql;
using Xunit;

namespace Integration.Tests.Support;

public sealed class PostgresClusterTests(PostgresCluster cluster)
{
    [Fact]
    public async Task Every_database_is_new_and_empty()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var first = await cluster.CreateDatabaseAsync(cancelled);
        var second = await cluster.CreateDatabaseAsync(cancelled);
        Assert.NotEqual(first, second);

        await using var connection = new NpgsqlConnection(first);
        await connection.OpenAsync(cancelled);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", connection);
        Assert.Equal(0L, await count.ExecuteScalarAsync(cancelled));
    }
}
