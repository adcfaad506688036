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
    public async Task Keys_in_order_are_read_as_a_stretch_and_scattered_ones_looked_up()
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

    private static IEnumerable<string> Expected => Enumerable.Range(1, Parents).Select(n => $"{n}: {string.Join(' ', Enumerable.Range(1, n % 4).Select(i => $"{n}/{i}"))}");

    private Task FillAsync(string parentType, string childType, string key) => ExecuteAsync($"""
        CREATE TABLE p (no {parentType}, n int, updated_at timestamptz NOT NULL);
        CREATE TABLE c (no {childType}, seq int, note text);
        INSERT INTO p SELECT {key}, n, timestamptz '2026-01-01' + n * interval '1 second' FROM generate_series(1, {Parents}) n;
        INSERT INTO c SELECT {key}, seq, n || '/' || seq FROM generate_series(1, {Parents}) n, generate_series(1, n % 4) seq ORDER BY random();
        CREATE INDEX c_no ON c (no);
        ANALYZE
        """);

    /// <returns>Of each parent its number and the notes of its children, in the order of the numbers.</returns>
    private async Task<IEnumerable<string>> ReadAsync(string query, string children)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "p.sql"), query, Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "c.sql"), children, Token);
        var options = new SqlSourceOptions { Connection = "Source", Query = "p.sql", Key = ["no"], Watermark = "updated_at", Settle = TimeSpan.Zero };
        options.Children["c"] = new ChildOptions { Query = "c.sql", On = ["no"], OrderBy = ["seq"] };
        await using var source = new SqlSource(options, Sourcing.Context(_folder, new() { ["Provider"] = "postgres", ["ConnectionString"] = _database }));
        var read = await source.ReadAllAsync(null, Page, Token);
        return read.Children
            .Select(c => (N: int.Parse(c.Parent["n"]!["integer ".Length..], CultureInfo.InvariantCulture), Notes: string.Join(' ', c.Rows.Select(r => r["note"]))))
            .OrderBy(static c => c.N)
            .Select(static c => $"{c.N}: {c.Notes}");
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
