using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>The ledger's PostgreSQL goes away under a real worker and comes back: the same process goes on, nothing is lost, nothing applied twice.</summary>
public sealed class LedgerAwayTests(PostgresCluster cluster, ITestOutputHelper output)
{
    private static readonly FaultRule Slow = new() { Mode = FaultModes.Slow, DelayMs = 20 };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static FaultPlan Plan => new() { Seed = 7, Faults = [Slow] };

    [Fact]
    public async Task A_server_stopped_immediately_in_the_middle_is_waited_for_and_work_goes_on_in_the_same_process()
    {
        await using var pair = await PostgresPair.CreateAsync(withStandby: false);
        await using var crew = await Crew.CreateAsync(150, pair.First, Plan);
        var worker = (await crew.StartAsync(1))[0];
        foreach (var calls in (int[])[10, 25])
        {
            await crew.CallsAsync(calls);
            await pair.StopImmediatelyAsync();
            await crew.UntilAsync(() => Task.FromResult(worker.Said("chưa dùng được sổ đồng bộ, thử lại sau")), "the worker says that its ledger is away");
            await pair.StartAsync();
        }

        await crew.SettleAsync();
        await crew.UntilAsync(() => Task.FromResult(worker.Said("Sổ đồng bộ dùng lại được")), "the worker says that its ledger is back");
        Look(worker);
        await crew.TerminateAllAsync();
    }

    [Fact]
    public async Task A_server_that_is_away_at_the_start_is_waited_for_without_a_look_at_the_source()
    {
        await using var pair = await PostgresPair.CreateAsync(withStandby: false, started: false);
        await using var crew = await Crew.CreateAsync(100, pair.First, Plan);

        // A source that is looked at now would be told as missing.
        File.Move(crew.Province.DatabasePath, crew.Province.DatabasePath + ".away");
        var worker = crew.Launch();
        await Crew.ListeningAsync(worker);
        await crew.UntilAsync(() => Task.FromResult(worker.Process.LastLines.Count(l => l.Contains("chưa dùng được sổ đồng bộ", StringComparison.Ordinal)) >= 3), "three tries");
        Assert.True(worker.Said("Mất kết nối tới sổ đồng bộ"), worker.Log);
        Assert.False(await crew.IsReadyAsync(worker));
        Assert.False(worker.Said("lượt chạy"), worker.Log);
        Assert.Empty(crew.Portal.Requests());

        File.Move(crew.Province.DatabasePath + ".away", crew.Province.DatabasePath);
        await pair.StartAsync();
        await PostgresPair.SqlAsync(pair.First.Replace("Database=ledger", "Database=postgres", StringComparison.Ordinal), "CREATE DATABASE ledger");
        await crew.UntilAsync(() => crew.IsReadyAsync(worker), "the worker is ready");
        await crew.SettleAsync();
        Look(worker);
        await crew.TerminateAllAsync();
    }

    [Fact]
    public async Task Backends_terminated_again_and_again_cost_nothing_but_time()
    {
        await using var crew = await Crew.CreateAsync(150, await cluster.CreateDatabaseAsync(Cancelled), Plan);
        var worker = (await crew.StartAsync(1))[0];
        var killed = 0L;
        for (var round = 0; round < 15; round++)
        {
            await crew.UntilAsync(
                async () => await crew.SqlAsync<long>(
                    """
                    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'integration' AND pid <> pg_backend_pid()
                    """) is > 0 and var now && (killed += now) > 0,
                "backends to terminate");
        }

        output.WriteLine($"{killed} backends terminated. {await crew.LookAsync()}");
        await crew.SettleAsync();
        await AssertNoAttemptTwiceAsync(crew);
        Look(worker);
        await crew.TerminateAllAsync();
    }

    [Fact]
    public async Task Connections_cut_exactly_at_commit_neither_double_a_row_nor_skip_one()
    {
        var ledger = await cluster.CreateDatabaseAsync(Cancelled);
        var (dice, cuts) = (new Random(20270), 24);
        await using var proxy = new CommitProxy(ledger, (_, _) =>
        {
            lock (dice)
            {
                return cuts == 0 ? CommitFate.Pass : dice.Next(6) switch { 0 when cuts-- > 0 => CommitFate.CutBefore, 1 when cuts-- > 0 => CommitFate.CutAfter, _ => CommitFate.Pass };
            }
        });
        await using var crew = await Crew.CreateAsync(120, ledger, Plan, proxy.ConnectionString);
        var worker = (await crew.StartAsync(1))[0];
        await crew.SettleAsync();
        output.WriteLine($"{proxy.Cuts.Before} connections cut before the COMMIT, {proxy.Cuts.After} after it");
        Assert.True(proxy.Cuts is { Before: >= 5, After: >= 5 });
        Assert.Equal(0L, await crew.SqlAsync<long>("SELECT count(*) FROM (SELECT 1 FROM every_version GROUP BY pipeline_id, key, hash HAVING count(*) > 1) d"));
        await AssertNoAttemptTwiceAsync(crew);
        Look(worker);
    }

    [Fact]
    public async Task An_answer_received_while_the_ledger_is_away_is_stored_when_it_comes_back()
    {
        await using var pair = await PostgresPair.CreateAsync(withStandby: false);
        var slow = new FaultRule { Mode = FaultModes.Slow, DelayMs = 800, When = "after", Times = 1, Service = "DongBoHoSoMC" };
        await using var crew = await Crew.CreateAsync(100, pair.First, new FaultPlan { Faults = [slow] });
        crew.Set("Delivery__Lease", "00:01:00");
        var worker = (await crew.StartAsync(1))[0];
        await crew.CallsAsync(1, "DongBoHoSoMC");
        await pair.StopImmediatelyAsync();
        await crew.UntilAsync(() => Task.FromResult(worker.Said("giữ lại và ghi sau")), "the worker keeps the answer");
        await pair.StartAsync();
        await crew.SettleAsync();

        // What the portal said was enough: it was not asked again.
        Assert.Equal(0L, await crew.SqlAsync<long>("SELECT count(*) FROM attempt WHERE kind = 1"));
        await AssertNoAttemptTwiceAsync(crew);
        await crew.TerminateAllAsync();
    }

    [Fact]
    public async Task A_claim_whose_commit_was_answered_after_its_lease_is_not_sent()
    {
        var ledger = await cluster.CreateDatabaseAsync(Cancelled);
        var held = 0;
        await using var proxy = new CommitProxy(ledger, (_, statements) =>
            statements.Contains("INSERT INTO claim", StringComparison.Ordinal) && Interlocked.Exchange(ref held, 1) == 0 ? CommitFate.HoldAnswer : CommitFate.Pass);
        await using var crew = await Crew.CreateAsync(100, ledger, new FaultPlan(), proxy.ConnectionString);
        var worker = (await crew.StartAsync(1))[0];

        // The worker's other lane takes over what its first one holds without knowing.
        await crew.SettleAsync();
        Assert.Equal(1, proxy.Held);
        var (calls, effects) = (crew.Calls(), crew.Portal.Summary().Effects);

        proxy.LetGo();
        await crew.UntilAsync(() => Task.FromResult(worker.Said("hết hạn giữ trước khi gửi")), "the late lane sees that its lease is over");
        Assert.Equal((calls, effects), (crew.Calls(), crew.Portal.Summary().Effects));
        await crew.TerminateAllAsync();
    }

    private static Task AssertNoAttemptTwiceAsync(Crew crew) => AssertNoneAsync(
        crew, "SELECT count(*) FROM (SELECT 1 FROM attempt WHERE status > 0 GROUP BY token, kind, started, request_hash HAVING count(*) > 1) d");

    private static async Task AssertNoneAsync(Crew crew, string sql) => Assert.Equal(0L, await crew.SqlAsync<long>(sql));

    // Whatever broke, an operator reads sentences.
    private static void Look(Crew.Member worker)
    {
        Assert.DoesNotContain("   at ", worker.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", worker.Log, StringComparison.Ordinal);
    }
}
