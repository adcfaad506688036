using Integration.Extract;
using Integration.Tests.Support;
using Npgsql;
using Xunit;

namespace Integration.Tests.Extract.Sql;

public sealed class PostgresHugeRecordTests(PostgresCluster cluster) : HugeRecordContract
{
    // A row that the server cannot put together, when it is to show this cell of it.
    private const string Refuses = """
        CREATE FUNCTION body(n bigint, code text) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN
            IF n <> 1700 THEN RETURN 'x'; END IF;
            IF current_query() LIKE '%octet_length%' THEN RETURN repeat('a', 100001); END IF;
            RAISE EXCEPTION 'refused' USING ERRCODE = code;
        END $$
        """;

    private string _database = "";

    private protected override Dictionary<string, string?> Connection => new() { ["Provider"] = "postgres", ["ConnectionString"] = _database };

    public override async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync(Token);

    [Theory]
    [InlineData("watermark", "CASE WHEN n IN (1700, 1701) THEN repeat('a', 100001) ELSE 'x' END", 2)]
    [InlineData("sweep", "CASE WHEN n IN (1, 2500) THEN repeat('a', 100001) ELSE 'x' END", 2)]
    [InlineData("sweep", "CASE WHEN n = 1700 THEN repeat('a', 100001) ELSE clock_timestamp()::text END", 1)]
    [InlineData("watermark", "body(n, '54000')", 1)]
    [InlineData("sweep", "body(n, '54000')", 1)]
    public async Task Rows_around_a_huge_cell_come_once_each_out_of_the_same_snapshot(string mode, string body, int huge)
    {
        await FillAsync();
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

    [Fact]
    public async Task A_row_that_breaks_the_connection_is_read_by_the_next_reading()
    {
        await FillAsync();
        await using var source = Build("SELECT n AS key, n AS updated_at, body(n, 'XX000') AS name FROM t", "sweep");

        var told = await Assert.ThrowsAsync<SourceUnavailableException>(() => source.ReadAllAsync(null, 500, Token));
        Assert.Contains("một dòng lớn quá mức", told.What.Vi, StringComparison.Ordinal);

        var all = await source.ReadAllAsync(null, 500, Token);
        Assert.Equal(2500, all.Rows.Count);
        Assert.Equal("unreadable", all.Rows[1699]["name"]);
    }

    [Fact]
    public async Task A_table_with_many_long_values_is_read_guarded_from_the_beginning()
    {
        await FillAsync();
        await ExecuteAsync("CREATE TABLE long (body text); ALTER TABLE long ALTER body SET STORAGE EXTERNAL; INSERT INTO long SELECT repeat('a', 9000000) FROM generate_series(1, 8)");
        await using var source = Build("SELECT n AS key, n AS updated_at, body(n, 'P0001') AS name FROM t WHERE EXISTS (SELECT FROM long)", "sweep");

        Assert.Equal(2500, (await source.ReadAllAsync(null, 500, Token)).Rows.Count);
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

    // In the order of an index the server sends as it goes.
    private async Task FillAsync()
    {
        await ExecuteAsync($"{Refuses}; CREATE TABLE t AS SELECT n FROM generate_series(1, 2500::bigint) n; CREATE INDEX ON t (n); ANALYZE t");
        await ExecuteAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(_database).Database} SET enable_sort = off");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{_database};Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
