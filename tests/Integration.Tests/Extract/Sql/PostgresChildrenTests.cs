using System.Globalization;
using Integration.Extract;
using Integration.Extract.Sql;
using Integration.Tests.Support;
using Npgsql;
using Xunit;

namespace Integration.Tests.Extract.Sql;

/// <summary>Whichever way the children of a page are asked for, they are those of its parents, all of them, in their order.</summary>
public sealed class PostgresChildrenTests(PostgresCluster cluster) : IAsyncLifetime
{
    private const int Parents = 1200;
    private const int Page = 400;

    private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-").FullName;
    private string _database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync(Token);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("int", "n", false)]
    [InlineData("int", "n", true)]
    [InlineData("numeric", "n + 0.50", false)]
    [InlineData("date", "date '2000-01-01' + n", false)]
    [InlineData("uuid", "md5(n::text)::uuid", false)]
    [InlineData("varchar(30)", "'H60.' || to_char(n, 'FM000000')", false)]
    [InlineData("char(30)", "'H60.' || to_char(n, 'FM000000')", false)]
    [InlineData("text", "chr(65 + n % 2 * 32) || n", false)]
    // From a to Z in this order, from N to m in the database's own.
    [InlineData("text COLLATE \"und-x-icu\"", "chr(65 + n % 26 + n % 26 / 13 * -32 + 32) || to_char(n, 'FM000000')", false)]
    [InlineData("text COLLATE \"und-x-icu\"", "chr(65 + n % 26 + n % 26 / 13 * -32 + 32) || to_char(n, 'FM000000')", true)]
    public async Task Children_are_complete_and_in_order(string type, string key, bool isGrouped)
    {
        var plain = type.Split(' ')[0];
        await FillAsync(plain, type, key);
        var query = isGrouped ? "SELECT no, seq, max(note) AS note FROM c GROUP BY no, seq" : "SELECT * FROM c";

        Assert.Equal(Expected, await ReadAsync("SELECT * FROM p", query));
        Assert.Equal(Expected, await ReadAsync("SELECT no, n, updated_at + (n * 7919 % 1201) * interval '1 hour' AS updated_at FROM p", query));
    }

    [Fact]
    public async Task Keys_in_order_are_read_in_one_go_and_scattered_ones_looked_up()
    {
        await FillAsync("int", "int", "n");
        await ExecuteAsync("INSERT INTO c SELECT 1000000 + n, 1, 'of nobody' FROM generate_series(1, 60000) n; ANALYZE c");
        Assert.Equal(Expected, await ReadAsync("SELECT * FROM p", "SELECT * FROM c"));
        var inOrder = await DescentsAsync(least: 1);

        // Of the last page one row in ten stands far from the others.
        await ExecuteAsync($"UPDATE p SET no = 1000000 + n * 50 WHERE n % 10 = 0 AND n > {Parents - Page}");
        await ReadAsync("SELECT * FROM p", "SELECT * FROM c");

        Assert.InRange(inOrder, 1, Parents / 10);
        Assert.InRange(await DescentsAsync(least: inOrder + Page) - inOrder, Page, 2 * Page);
    }

    [Theory]
    [InlineData("int", "n")]
    [InlineData("bigint", "-9000000000000 + n")]
    [InlineData("varchar(30)", "'H60.' || to_char(n, 'FM000000')")]
    [InlineData("text COLLATE \"C\"", "repeat('a', n / 300) || to_char(n, 'FM000000')")]
    public async Task Rising_keys_are_read_in_one_pass_whatever_comes_between_them(string type, string key)
    {
        await FillAsync(type.Split(' ')[0], type, key);
        Assert.Equal(Expected, await ReadAsync("SELECT * FROM p", "SELECT * FROM c"));
        Assert.Equal(1, await StatementsAsync("SELECT * FROM p"));

        // Gaps, neighbours that changed places, pages that go back, one key twice, and far more rows of nobody than of parents.
        Assert.Equal(Of(static n => n % 5 != 0), await ReadAsync("SELECT * FROM p WHERE n % 5 <> 0", "SELECT * FROM c"));
        Assert.Equal(Expected, await ReadAsync(Stamped("CASE n WHEN 500 THEN 501 WHEN 501 THEN 500 ELSE n END"), "SELECT * FROM c"));
        Assert.Equal(Expected, await ReadAsync(Stamped($"n - n / {Page} * 2 * {Page}"), "SELECT * FROM c"));
        Assert.Equal(Expected, await ReadAsync(Stamped($"n + n / {Page} % 2 * {2 * Page}"), "SELECT * FROM c"));
        Assert.Equal(Of(static n => n % 11 == 0), await ReadAsync("SELECT * FROM p WHERE n % 11 = 0", "SELECT * FROM c"));
        await ExecuteAsync($"INSERT INTO p SELECT no, n, updated_at + interval '1 hour' FROM p WHERE n = {Page}");
        Assert.Equal(Of(static n => n > 0, twice: Page), await ReadAsync("SELECT * FROM p", "SELECT * FROM c"));
    }

    [Theory]
    [InlineData("text COLLATE \"und-x-icu\"", "text", "chr(65 + n % 2 * 32) || to_char(n, 'FM000000')")]
    [InlineData("int", "text", "to_char(n, 'FM000000')")]
    [InlineData("text COLLATE \"C\"", "text", "'Đ' || to_char(n, 'FM000000')")]
    public async Task Keys_whose_order_or_form_is_not_certain_lose_no_children(string childType, string parentType, string key)
    {
        await FillAsync(parentType, childType, childType == "int" ? "n" : key, key);
        Assert.Equal(Expected, await ReadAsync("SELECT * FROM p", "SELECT * FROM c"));
        Assert.InRange(await StatementsAsync("SELECT * FROM p"), 3, 4);
    }

    [Fact]
    public async Task Numbers_that_the_server_orders_otherwise_lose_no_children()
    {
        await FillAsync("bigint", "oid", "n", "n - 2");
        var read = await ReadAsync("SELECT no, no + 2 AS n, updated_at FROM p", "SELECT * FROM c");
        Assert.Equal(Enumerable.Range(1, Parents - 2).Sum(static n => n % 4), read.Sum(static p => p.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length - 1));
    }

    [Fact]
    public async Task A_server_that_has_no_connection_left_for_a_pass_is_read_without_one()
    {
        await FillAsync("int", "int", "n");
        await ExecuteAsync("DROP ROLE IF EXISTS frugal; CREATE ROLE frugal LOGIN CONNECTION LIMIT 2; GRANT SELECT ON p, c TO frugal");
        try
        {
            Assert.Equal(Expected, await ReadAsync("SELECT * FROM p", "SELECT * FROM c", "frugal"));
        }
        finally
        {
            await ExecuteAsync("DROP OWNED BY frugal; DROP ROLE frugal");
        }
    }

    [Theory]
    [InlineData("n")]
    [InlineData("CASE WHEN n <= 100 THEN n ELSE 1201 - n END")]
    public async Task Connections_that_are_ended_between_two_pages_lose_no_children(string order)
    {
        await FillAsync("int", "int", "n");
        await ExecuteAsync("ALTER TABLE c ALTER note SET STORAGE EXTERNAL; UPDATE c SET note = note || repeat('x', 20000); ANALYZE c");
        await File.WriteAllTextAsync(Path.Combine(_folder, "p.sql"), Stamped(order), Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "c.sql"), "SELECT * FROM c", Token);
        var options = new SqlSourceOptions { Connection = "Source", Query = "p.sql", Key = ["no"], Watermark = "updated_at", Settle = TimeSpan.Zero };
        options.Children["c"] = new ChildOptions { Query = "c.sql", On = ["no"], OrderBy = ["seq"] };
        await using var source = new SqlSource(options, Sourcing.Context(_folder, new() { ["Provider"] = "postgres", ["ConnectionString"] = _database }));
        await using var reading = await source.BeginAsync(new ReadingRequest(null, static (_, _) => Task.FromResult(false), PageRows: 100), Token);
        var (parents, children) = (0, 0);
        while (await reading.ReadAsync(Token) is { } page)
        {
            var rows = page.Children["c"];
            for (var i = 0; i < page.Count; i++)
            {
                Assert.Equal(page[i, page.Shape.Find("n")].Bits % 4, rows.Starts[i + 1] - rows.Starts[i]);
            }

            (parents, children) = (parents + page.Count, children + rows.Rows.Count);
            if (parents is 300 or 700)
            {
                await EndIdleAsync();
            }
        }

        Assert.Equal((Parents, Parents / 4 * 6), (parents, children));
    }

    [Fact]
    public async Task Rows_of_others_that_cannot_be_computed_do_not_end_a_reading()
    {
        await FillAsync("int", "int", "n");
        const string Share = "SELECT DISTINCT no, seq, note, 100 / (no - 701) AS share FROM c";
        var read = await ReadAsync("SELECT * FROM p WHERE n <> 701", Share);
        Assert.Equal(Expected.Where(static e => !e.StartsWith("701:", StringComparison.Ordinal)), read);
        var stopped = await Assert.ThrowsAsync<SourceBrokenException>(() => ReadAsync("SELECT * FROM p", Share));
        Assert.Contains("22012", stopped.What.En, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Expected => Of(static _ => true);

    private static IEnumerable<string> Of(Func<int, bool> isRead, int twice = 0) => Enumerable.Range(1, Parents).Where(isRead)
        .SelectMany(n => Enumerable.Repeat(n, n == twice ? 2 : 1))
        .Select(n => $"{n}: {string.Join(' ', Enumerable.Range(1, n % 4).Select(i => $"{n}/{i}"))}");

    private static string Stamped(string place) => $"SELECT no, n, timestamptz '2026-02-01' + ({place}) * interval '1 second' AS updated_at FROM p";

    private Task FillAsync(string parentType, string childType, string key, string? parentKey = null) => ExecuteAsync($"""
        CREATE TABLE p (no {parentType}, n int, updated_at timestamptz NOT NULL);
        CREATE TABLE c (no {childType}, seq int, note text);
        INSERT INTO p SELECT {parentKey ?? key}, n, timestamptz '2026-01-01' + n * interval '1 second' FROM generate_series(1, {Parents}) n;
        INSERT INTO c SELECT {key}, seq, n || '/' || seq FROM generate_series(1, {Parents}) n, generate_series(1, n % 4) seq ORDER BY random();
        CREATE INDEX c_no ON c (no);
        ANALYZE
        """);

    /// <returns>Of each parent its number and the notes of its children, in the order of the numbers.</returns>
    /// <returns>How many statements the children came from.</returns>
    private async Task<int> StatementsAsync(string query) =>
        (await ReadAsync(query, "SELECT *, statement_timestamp()::text AS at FROM c", column: "at")).SelectMany(static p => p.Split(' ')[1..]).Where(static at => at.Contains(':', StringComparison.Ordinal)).Distinct().Count();

    private async Task<IEnumerable<string>> ReadAsync(string query, string children, string? user = null, string column = "note")
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "p.sql"), query, Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "c.sql"), children, Token);
        var options = new SqlSourceOptions { Connection = "Source", Query = "p.sql", Key = ["no"], Watermark = "updated_at", Settle = TimeSpan.Zero };
        options.Children["c"] = new ChildOptions { Query = "c.sql", On = ["no"], OrderBy = ["seq"] };
        await using var source = new SqlSource(options, Sourcing.Context(_folder, new() { ["Provider"] = "postgres", ["ConnectionString"] = user is null ? _database : new NpgsqlConnectionStringBuilder(_database) { Username = user }.ToString() }));
        var read = await source.ReadAllAsync(null, Page, Token);
        return read.Children
            .Select(c => (N: int.Parse(c.Parent["n"]!["integer ".Length..], CultureInfo.InvariantCulture), Notes: string.Join(' ', c.Rows.Select(r => r[column]))))
            .OrderBy(static c => c.N)
            .Select(static c => $"{c.N}: {c.Notes}");
    }

    /// <summary>Ends what has stood still beside the reading for a while, once there is such a thing.</summary>
    private async Task EndIdleAsync()
    {
        const string Idle = """
            FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query NOT LIKE '%FROM p%'
                AND state_change < clock_timestamp() - interval '700 milliseconds' AND (state = 'idle in transaction' OR wait_event = 'ClientWrite')
            """;
        await using var connection = await OpenAsync();
        await using var end = new NpgsqlCommand($"SELECT count(pg_terminate_backend(pid)) {Idle}", connection);
        await Until.TrueAsync(
            async () => (long)(await end.ExecuteScalarAsync(Token))! > 0, TimeSpan.FromSeconds(30), static () => Task.FromResult("nothing stands still"));
    }

    /// <returns>How often the index of the children was entered so far; the server counts a moment later.</returns>
    private async Task<long> DescentsAsync(long least)
    {
        var descents = 0L;
        await Until.TrueAsync(
            async () => (descents = await CountAsync()) >= least, TimeSpan.FromSeconds(30), () => Task.FromResult($"{descents} instead of {least}"));
        return descents;
    }

    private async Task<long> CountAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'c_no'", connection);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync(Token);
        return connection;
    }
}
