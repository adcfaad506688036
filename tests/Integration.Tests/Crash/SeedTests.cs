using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>The harness on a ledger in a file.</summary>
public sealed class SqliteSeedTests(ITestOutputHelper output)
{
    [Fact]
    public Task Workers_killed_at_any_moment_lose_nothing_and_apply_nothing_twice() => Seeds.HoldAsync("sqlite", null, output);

    [Fact]
    public Task A_worker_killed_once_at_every_failpoint_loses_nothing_and_applies_nothing_twice() => Seeds.HoldAtFailpointsAsync("sqlite", null, output);
}

/// <summary>The harness on a ledger in PostgreSQL, with late commits at the source.</summary>
public sealed class PostgresSeedTests(PostgresCluster cluster, ITestOutputHelper output)
{
    [Fact]
    public Task Workers_killed_at_any_moment_lose_nothing_and_apply_nothing_twice() => Seeds.HoldAsync("postgres", cluster, output);

    [Fact]
    public Task A_worker_killed_once_at_every_failpoint_loses_nothing_and_applies_nothing_twice() => Seeds.HoldAtFailpointsAsync("postgres", cluster, output);
}

internal static class Seeds
{
    /// <summary>Seeds of a normal test run; the rest belongs to <c>reliability.sh</c>.</summary>
    private const int Usual = 20;

    private const int Kills = 2;

    // Half of a run is waiting for leases to end and processes to start, so two share the machine well.
    private const int AtOnce = 2;

    public static async Task HoldAsync(string store, PostgresCluster? cluster, ITestOutputHelper output)
    {
        var results = new List<RunResult>();
        await Parallel.ForEachAsync(
            Enumerable.Range(1, Usual), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, cancellationToken) =>
            {
                var result = await RunAsync(Plan.Of(seed, store, Kills), cluster, "integration.dll", cancellationToken);
                lock (results)
                {
                    results.Add(result);
                    output.WriteLine(result.ToString());
                }
            });

        Assert.All(results, r => Assert.True(r.Passed, r.Tell()));
        Assert.True(results.Sum(r => r.Versions) >= 1000, $"Only {results.Sum(r => r.Versions)} versions flowed.");
        Assert.True(results.Sum(r => r.OnWork) >= Usual, $"Only {results.Sum(r => r.OnWork)} kills came on work in flight.");
    }

    public static async Task HoldAtFailpointsAsync(string store, PostgresCluster? cluster, ITestOutputHelper output)
    {
        var result = await RunAsync(Plan.ThroughFailpoints(store, 2), cluster, "integration.dll", TestContext.Current.CancellationToken);
        output.WriteLine(result.ToString());
        Assert.True(result.Passed, result.Tell());
        Assert.True(result.OnWork >= 5, result.Tell());
    }

    public static async Task<RunResult> RunAsync(Plan plan, PostgresCluster? cluster, string program, CancellationToken cancellationToken)
    {
        var (ledger, source) = cluster is null || plan.Store == "sqlite"
            ? (null, null) : (await cluster.CreateDatabaseAsync(cancellationToken), await cluster.CreateDatabaseAsync(cancellationToken));
        await using var run = await HarnessRun.CreateAsync(plan, ledger, source, program, cancellationToken);
        return await run.RunAsync(cancellationToken);
    }
}
