using Integration.Records;
using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>The real worker, killed at any moment and started again: nothing lost, nothing twice, and no hand needed.</summary>
public sealed class KillTests(PostgresCluster cluster, ITestOutputHelper output)
{
    private const string CallsPerSecond = "Connections__Portal__RequestsPerSecond";

    private static readonly FaultRule SlowBefore = new() { Mode = FaultModes.Slow, DelayMs = 20 };
    private static readonly FaultRule SlowAfter = new() { Mode = FaultModes.Slow, DelayMs = 20, When = "after" };

    [Theory]
    [InlineData("sqlite", 20260)]
    [InlineData("postgres", 20261)]
    public async Task Five_kills_in_the_first_pass_lose_nothing_and_apply_nothing_twice(string store, int seed)
    {
        await using var work = await CreateAsync(store, 300, SlowBefore, SlowAfter);
        var hits = await KillAsync(work, 5, seed);
        Assert.True(hits >= 3, $"Only {hits} of 5 kills landed on work under way.");
        await FinishAsync(work);
    }

    [Theory]
    [InlineData("sqlite", 20262)]
    [InlineData("postgres", 20263)]
    public async Task Kills_while_the_portal_applies_records_and_drops_its_answers_lose_nothing_and_apply_nothing_twice(string store, int seed)
    {
        var drops = new FaultRule { Mode = FaultModes.CommitThenDrop, Rate = 0.1, Times = 12 };
        await using var work = await CreateAsync(store, 100, SlowBefore, SlowAfter, drops);
        await KillAsync(work, 3, seed);
        await FinishAsync(work);
        Assert.True(work.Portal.Summary().Faults[FaultModes.CommitThenDrop] >= 3);
    }

    [Theory]
    [InlineData("sqlite", 20264)]
    [InlineData("postgres", 20265)]
    public async Task A_worker_killed_before_and_while_it_reads_the_source_is_followed_by_one_that_reads_it_to_the_end(string store, int seed)
    {
        var dice = new Random(seed);
        await using var work = await CreateAsync(store, 100, SlowBefore, SlowAfter);
        foreach (var started in (Func<Task>[])
                 [
                     () => Task.CompletedTask,
                     () => work.LedgerAsync(l => l.RunsUnderWay > 0, "a run began"),
                     () => work.LedgerAsync(l => l.Keys.Count > 0, "a page was stored"),
                 ])
        {
            work.Launch();
            await started();
            await DelayAsync(dice, 30);
            await work.KillAsync();
            output.WriteLine($"{await work.LookAsync(DateTimeOffset.MinValue)}");
        }

        await FinishAsync(work);
    }

    [Theory]
    [InlineData("sqlite", 20266)]
    [InlineData("postgres", 20267)]
    public async Task Workers_killed_one_after_the_other_while_they_recover_lose_nothing_and_apply_nothing_twice(string store, int seed)
    {
        var dice = new Random(seed);
        await using var work = await CreateAsync(store, 100, SlowBefore, SlowAfter);
        await KillAsync(work, 1, seed);
        for (var i = 0; i < 5; i++)
        {
            // The first of them die before they are up, the others in what they do first.
            if (i < 2)
            {
                work.Launch();
            }
            else
            {
                await work.StartAsync();
            }

            await DelayAsync(dice, 300);
            await work.KillAsync();
        }

        await FinishAsync(work);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_worker_told_to_end_finishes_the_calls_under_way_and_leaves_nothing_unknown(string store)
    {
        // Longer than any impatient default on the way would wait.
        var slow = new FaultRule { Mode = FaultModes.Slow, DelayMs = 3500, Skip = 10 };
        await using var work = await CreateAsync(store, 100, slow);
        await work.StartAsync();
        await work.LedgerAsync(_ => work.Portal.Requests().Count(r => r is { Fault: not null, Status: null }) >= 2, "slow calls are under way");

        await work.TerminateAsync();
        Assert.Equal(0, await work.Worker.Ended.WaitAsync(TimeSpan.FromSeconds(35), TestContext.Current.CancellationToken));

        Assert.DoesNotContain(work.Portal.Requests(), r => r.Status is null);
        var left = await work.LookAsync(DateTimeOffset.MinValue);
        Assert.Equal((0, 0), (left.Count(RecordState.Leased), left.Count(RecordState.Unknown)));
        Assert.Equal(work.Portal.Summary().Effects, left.Count(RecordState.Acknowledged));
        Assert.Equal(0, left.RunsUnderWay);

        work.Portal.Faults = new FaultPlan();
        await FinishAsync(work);
    }

    [Fact]
    public async Task A_second_worker_on_a_sqlite_ledger_is_refused_while_the_first_lives_and_welcome_once_it_was_killed()
    {
        await using var work = await CreateAsync("sqlite", 100, SlowBefore, SlowAfter);
        await work.StartAsync();

        var (code, said) = await work.RunBesideAsync("run");
        Assert.Equal(2, code);
        Assert.Contains("Another worker is using this SQLite ledger. For several workers use Ledger__Provider=postgres.", said, StringComparison.Ordinal);
        Assert.False(work.Worker.Ended.IsCompleted);

        await work.KillAsync();
        await FinishAsync(work);
    }

    /// <summary>Starts workers and kills each after a few of its calls to the portal.</summary>
    /// <returns>How many kills landed on work under way.</returns>
    private async Task<int> KillAsync(WorkerAtRisk work, int kills, int seed)
    {
        var dice = new Random(seed);
        var hits = 0;
        for (var i = 1; i <= kills; i++)
        {
            await work.StartAsync();
            var calls = dice.Next(2, 16);
            if (!await work.CallsAsync(calls))
            {
                output.WriteLine($"kill {i} of seed {seed}: nothing was left to be killed at");
                break;
            }

            var late = await DelayAsync(dice, 60);
            var hit = await work.KillAsync();
            hits += hit ? 1 : 0;
            var left = await work.LookAsync(DateTimeOffset.MinValue);
            output.WriteLine($"kill {i} of seed {seed}: {late} ms after call {calls}{(hit ? ", work was under way" : "")}. {left}");
        }

        output.WriteLine($"seed {seed}: {hits} of {kills} kills landed on work under way");
        return hits;
    }

    /// <summary>One worker more, which nobody holds back or kills, and everything as it must be.</summary>
    private async Task FinishAsync(WorkerAtRisk work)
    {
        work.Tell(CallsPerSecond, "0");
        await work.StartAsync();
        await work.SettleAsync();
        var summary = work.Portal.Summary();
        output.WriteLine($"{summary.Effects} effects by {summary.Requests} calls, {summary.Logins} logins; slowest start {work.SlowestStart.TotalSeconds:F1} s");
    }

    private static async Task<int> DelayAsync(Random dice, int most)
    {
        var delay = dice.Next(most);
        await Task.Delay(delay, TestContext.Current.CancellationToken);
        return delay;
    }

    private async Task<WorkerAtRisk> CreateAsync(string store, int dossiers, params FaultRule[] faults)
    {
        var work = await WorkerAtRisk.CreateAsync(
        dossiers, store == "postgres" ? await cluster.CreateDatabaseAsync(TestContext.Current.CancellationToken) : null, new FaultPlan { Seed = 7, Faults = faults });

        // No record is at fault here, however often a worker dies while it holds one alone.
        work.Tell("Delivery__CrashesAlone", "100");

        // A busy machine is late with its kills: the work must not be over by then.
        work.Tell(CallsPerSecond, "30");
        return work;
    }
}
