using Integration.Extract.Sql;
using Integration.Tests.Support;
using Npgsql;
using Xunit;

namespace Integration.Tests.Extract.Sql;

/// <summary>Rows that become visible behind the watermark. The lag is zero throughout, so nothing but the protocol protects them.</summary>
public sealed class LateCommitTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-").FullName;
    private readonly List<NpgsqlConnection> _connections = [];
    private string _database = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "query.sql"), "SELECT * FROM record", Token);
        _database = await cluster.CreateDatabaseAsync(Token);
        var one = await ConnectAsync();
        await ExecuteAsync(one, "CREATE TABLE record (key text PRIMARY KEY, name text, updated_at timestamptz, v bigint); CREATE SEQUENCE versions; CREATE TABLE other (x int)");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Theory, Trait("Fault", "C1")]
    [InlineData("now()", "")]
    [InlineData("clock_timestamp()", "")]
    [InlineData("now()", "SELECT count(*) FROM other")]
    public async Task A_row_stamped_before_a_poll_and_committed_after_it_is_read_by_a_later_one(string stamp, string first)
    {
        var (late, early) = (await ConnectAsync(), await ConnectAsync());
        await ExecuteAsync(late, $"BEGIN; {first}; INSERT INTO record VALUES ('late', 'x', {stamp})");
        await ExecuteAsync(early, "INSERT INTO record VALUES ('early', 'x', clock_timestamp())");
        await using var source = Build();

        var poll = await source.ReadAllAsync(null, 10, Token);
        Assert.Equal(["early"], poll.Rows.Select(r => r["key"]));
        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);
        Assert.DoesNotContain("late", poll.Rows.Select(r => r["key"]));
        await ExecuteAsync(late, "COMMIT");

        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);
        Assert.Contains("late", poll.Rows.Select(r => r["key"]));
        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);

        // A session that is just being set up, to whatever database, runs a transaction of which nothing more can be told: it is waited for too.
        for (var more = 0; more < 50 && Progress.Parse(poll.Watermark).Probe is not null; more++)
        {
            poll = await source.ReadAllAsync(poll.Watermark, 10, Token);
        }

        Assert.Null(Progress.Parse(poll.Watermark).Probe);
    }

    [Fact]
    public async Task A_transaction_that_wrote_nothing_yet_holds_the_watermark_too()
    {
        var (late, early) = (await ConnectAsync(), await ConnectAsync());
        await ExecuteAsync(late, "BEGIN; SELECT count(*) FROM other");
        await ExecuteAsync(early, "INSERT INTO record VALUES ('early', 'x', clock_timestamp())");
        await using var source = Build();
        var poll = await source.ReadAllAsync(null, 10, Token);
        await ExecuteAsync(late, "INSERT INTO record VALUES ('late', 'x', now()); COMMIT");

        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);

        Assert.Contains("late", poll.Rows.Select(r => r["key"]));
    }

    [Fact]
    public async Task A_transaction_prepared_between_two_polls_is_still_waited_for()
    {
        var (late, early) = (await ConnectAsync(), await ConnectAsync());
        await ExecuteAsync(late, "BEGIN; INSERT INTO record VALUES ('late', 'x', now())");
        await ExecuteAsync(early, "INSERT INTO record VALUES ('early', 'x', clock_timestamp())");
        await using var source = Build();
        var poll = await source.ReadAllAsync(null, 10, Token);
        await ExecuteAsync(late, "PREPARE TRANSACTION 'two-phase'");
        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);
        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);
        await ExecuteAsync(late, "COMMIT PREPARED 'two-phase'");

        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);

        Assert.Contains("late", poll.Rows.Select(r => r["key"]));
    }

    [Fact]
    public async Task Row_versions_from_a_sequence_are_protected_alike()
    {
        var (late, early) = (await ConnectAsync(), await ConnectAsync());
        await ExecuteAsync(late, "BEGIN; INSERT INTO record (key, v) VALUES ('late', nextval('versions'))");
        await ExecuteAsync(early, "INSERT INTO record (key, v) VALUES ('early', nextval('versions'))");
        await using var source = Build(o => o.Watermark = "v");
        var poll = await source.ReadAllAsync(null, 10, Token);
        await ExecuteAsync(late, "COMMIT");

        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);
        Assert.Contains("late", poll.Rows.Select(r => r["key"]));
        poll = await source.ReadAllAsync(poll.Watermark, 10, Token);
        Assert.Equal(("2", null), (Progress.Parse(poll.Watermark).Safe, Progress.Parse(poll.Watermark).Probe));
    }

    [Fact]
    public async Task A_late_row_behind_the_page_at_which_a_reading_broke_off_is_not_lost()
    {
        var (late, early) = (await ConnectAsync(), await ConnectAsync());
        await ExecuteAsync(early, "INSERT INTO record SELECT 'a' || i, 'x', clock_timestamp() - interval '1 hour' FROM generate_series(1, 4) i");
        await ExecuteAsync(late, "BEGIN; INSERT INTO record VALUES ('late', 'x', clock_timestamp())");
        await ExecuteAsync(early, "INSERT INTO record SELECT 'b' || i, 'x', clock_timestamp() FROM generate_series(1, 6) i");
        await using var source = Build();
        string? watermark = null;
        await using (var reading = await source.BeginAsync(Sourcing.Request(null, 3), Token))
        {
            for (var page = 0; page < 3; page++)
            {
                watermark = (await reading.ReadAsync(Token))!.Position;
            }
        }

        await ExecuteAsync(late, "COMMIT");
        var seen = new List<string?>();
        for (var poll = 0; poll < 2; poll++)
        {
            var read = await source.ReadAllAsync(watermark, 3, Token);
            watermark = read.Watermark;
            seen.AddRange(read.Rows.Select(r => r["key"]));
        }

        Assert.Contains("late", seen);
    }

    [Fact, Trait("Fault", "C2")]
    public async Task Ten_thousand_rows_of_one_moment_survive_a_kill_at_every_page()
    {
        await ExecuteAsync(await ConnectAsync(), "INSERT INTO record SELECT 'K' || i, 'x', '2026-03-02 08:00+07' FROM generate_series(1, 10000) i");
        await using var source = Build();
        var seen = new HashSet<string?>();
        string? watermark = null;
        for (var kills = 0; kills < 20; kills++)
        {
            await using var reading = await source.BeginAsync(Sourcing.Request(watermark, 500), Token);
            var page = (await reading.ReadAsync(Token))!;
            seen.UnionWith(Sourcing.Keys(page));
            watermark = page.Position;
        }

        Assert.Equal(10_000, seen.Count);
    }

    [Fact, Trait("Fault", "C11")]
    public async Task A_transaction_open_for_long_is_told_with_its_age_and_new_rows_still_come()
    {
        var (late, early) = (await ConnectAsync(), await ConnectAsync());
        await ExecuteAsync(late, "BEGIN; INSERT INTO record VALUES ('late', 'x', now())");
        await ExecuteAsync(early, "INSERT INTO record VALUES ('early', 'x', clock_timestamp())");
        await using var source = Build();
        var progress = Progress.Parse((await source.ReadAllAsync(null, 10, Token)).Watermark);
        var older = progress with { Probe = progress.Probe! with { At = progress.Probe.At.AddMinutes(-42) } };
        await ExecuteAsync(early, "INSERT INTO record VALUES ('new', 'x', clock_timestamp())");

        var poll = await source.ReadAllAsync(older.ToString(), 10, Token);

        Assert.Contains("new", poll.Rows.Select(r => r["key"]));
        Assert.Contains("42", Assert.Single(poll.Notes).Vi, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Short_transactions_are_waited_for_so_that_the_watermark_moves_at_once()
    {
        var late = await ConnectAsync();
        await ExecuteAsync(late, "BEGIN; INSERT INTO record VALUES ('late', 'x', now())");
        await using var source = Build(o => o.Settle = TimeSpan.FromSeconds(30));
        var poll = source.ReadAllAsync(null, 10, Token);
        await ExecuteAsync(late, "SELECT pg_sleep(0.2); COMMIT");

        var read = await poll;

        Assert.Equal(["late"], read.Rows.Select(r => r["key"]));
        Assert.Null(Progress.Parse(read.Watermark).Probe);
    }

    [Fact]
    public async Task Our_own_readings_do_not_hold_each_other()
    {
        await ExecuteAsync(await ConnectAsync(), "INSERT INTO record VALUES ('K1', 'x', clock_timestamp())");
        await using var source = Build();
        await using var other = await source.BeginAsync(Sourcing.Request(null, 10), Token);

        Assert.Null(Progress.Parse((await source.ReadAllAsync(null, 10, Token)).Watermark).Probe);
    }

    [Fact, Trait("Fault", "C1")]
    public async Task Two_hundred_random_interleavings_of_writers_and_polls_miss_nothing()
    {
        var writers = new[] { await ConnectAsync(), await ConnectAsync(), await ConnectAsync() };
        await using var source = Build();
        var wouldBeLost = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            await ExecuteAsync(writers[0], "DELETE FROM record");
            wouldBeLost += await new Interleaving(seed, writers, source).RunAsync(Token);
        }

        Assert.True(wouldBeLost > 200, $"only {wouldBeLost} rows came late: the runs prove nothing");
    }

    private SqlSource Build(Action<SqlSourceOptions>? set = null)
    {
        var options = new SqlSourceOptions
        {
            Connection = "Source", Query = "query.sql", Key = ["key"], Watermark = "updated_at", Lag = TimeSpan.Zero, Settle = TimeSpan.Zero,
        };
        set?.Invoke(options);
        return new SqlSource(options, Sourcing.Context(_folder, new() { ["Provider"] = "postgres", ["ConnectionString"] = _database }));
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(_database + ";Pooling=false");
        _connections.Add(connection);
        await connection.OpenAsync(Token);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
