using Integration.Tests.Support;
using Npgsql;
using Xunit;

namespace Integration.Tests.Extract.Sql;

public sealed class PostgresHugeRecordTests(PostgresCluster cluster) : HugeRecordContract
{
    // A row that the server could not put together, had it to show this cell of it.
    private const string Refuses = """
        CREATE FUNCTION body(n bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN
            IF n <> 1700 THEN RETURN 'x'; END IF;
            IF current_query() LIKE '%octet_length%' THEN RETURN repeat('a', 100001); END IF;
            RAISE EXCEPTION 'refused' USING ERRCODE = '54000';
        END $$
        """;

    private string _database = "";

    private protected override Dictionary<string, string?> Connection => new() { ["Provider"] = "postgres", ["ConnectionString"] = _database };

    public override async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync(Token);

    [Theory]
    [InlineData("watermark", "CASE WHEN n IN (1700, 1701) THEN repeat('a', 100001) ELSE 'x' END", 2)]
    [InlineData("sweep", "CASE WHEN n IN (1, 2500) THEN repeat('a', 100001) ELSE 'x' END", 2)]
    [InlineData("watermark", "body(n)", 1)]
    public async Task Rows_around_a_huge_cell_come_once_each_out_of_the_same_snapshot(string mode, string body, int huge)
    {
        await ExecuteAsync($"{Refuses}; CREATE TABLE t AS SELECT n FROM generate_series(1, 2500::bigint) n");
        await using var source = Build($"SELECT n AS key, n AS updated_at, {body} AS name FROM t", mode, children: "SELECT n AS parent, 'y' AS body FROM t");
        var reading = await source.BeginAsync(Sourcing.Request(null, 500), Token);
        await using var ended = reading;
        var all = new ReadAll();
        while (await reading.ReadAsync(Token) is { } page)
        {
            all.Add(page);
            await ExecuteAsync("UPDATE t SET n = n + 10000 WHERE n < 10000");
        }

        Assert.Equal(Enumerable.Range(1, 2500).Select(static n => $"integer {n}"), all.Rows.Select(static r => r["key"]));
        Assert.Equal(huge, all.Rows.Count(static r => r["name"] == "unreadable"));
        Assert.Equal(2500, all.Children.Sum(static c => c.Rows.Count));
    }

    [Theory]
    [InlineData("n")]
    [InlineData("to_char(n, 'FM0000')")]
    public async Task A_huge_child_makes_its_own_cell_unreadable_and_no_other(string key)
    {
        await ExecuteAsync($"""
            CREATE TABLE t AS SELECT {key} AS no, n FROM generate_series(1, 1200::bigint) n;
            CREATE TABLE c AS SELECT no AS parent, 1 AS seq, CASE n WHEN 700 THEN repeat('a', 100001) ELSE 'x' END AS body FROM t;
            CREATE INDEX ON c (parent, seq); ANALYZE
            """);
        await using var source = Build("SELECT no AS key, n AS updated_at FROM t", "watermark", "SELECT *, statement_timestamp()::text AS at FROM c", orderBy: ["seq"]);

        var all = await source.ReadAllAsync(null, 200, Token);

        Assert.Equal(1200, all.Children.Count);
        var rows = all.Children.Select(static c => Assert.Single(c.Rows)).ToList();
        Assert.Equal("unreadable", rows[699]["body"]);
        Assert.Equal(1199, rows.Count(static r => r["body"] == "x"));
        Assert.Equal(2, rows.DistinctBy(static r => r["at"]).Count());
    }

    protected override string Text(string length) => $"repeat('a', ({length})::int)";

    protected override string Numbers(int n) => $"(SELECT g AS n FROM generate_series(1, {n}) g)";

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{_database};Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
