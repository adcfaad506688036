using System.Collections.Concurrent;
using System.Globalization;
using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>
/// What <c>reliability.sh</c> runs: as many seeds and kills as it is told, one line a seed, and a closing summary. Told by the environment:
/// <c>RELIABILITY_SEEDS</c>, <c>_KILLS</c>, <c>_STORE</c>, <c>_SEED</c> (the first), <c>_PROGRAM</c> (the worker), <c>_AT_ONCE</c> (seeds side by side),
/// <c>_BUG</c> (part of the name of the only bug to plant).
/// </summary>
public sealed class ReliabilityRun(PostgresCluster cluster)
{
    private static readonly string s_store = Setting("STORE", "sqlite");
    private static readonly int s_seeds = Number("SEEDS", 20);
    private static readonly int s_kills = Number("KILLS", 10);
    private static readonly int s_first = Number("SEED", 1);
    private static readonly string s_program = Setting("PROGRAM", "integration.dll");

    // Half of a run is waiting: for leases to end, for what a portal asked for, for the end of a rest.
    private static readonly int s_atOnce = Number("AT_ONCE", 2);

    [Fact(Explicit = true)]
    public async Task Seeds_hold()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var seeds = Enumerable.Range(s_first, s_seeds).Select(seed => Plan.Of(seed, s_store, s_kills));
        var throughFailpoints = Environment.GetEnvironmentVariable("RELIABILITY_SEED") is null ? (int[])[1, 2, 4] : [];
        var results = new ConcurrentBag<RunResult>();
        await Parallel.ForEachAsync(
            [.. throughFailpoints.Select(hit => Plan.ThroughFailpoints(s_store, hit)), .. seeds],
            new ParallelOptions { MaxDegreeOfParallelism = s_atOnce, CancellationToken = cancellationToken },
            async (plan, token) => results.Add(await SayAsync(plan, token)));

        Say(Summary.Of(s_store, [.. results]));
        Assert.All(results, r => Assert.True(r.Passed));
    }

    /// <summary>The harness itself is proved: what is broken on purpose must be found.</summary>
    [Fact(Explicit = true)]
    public async Task Planted_bugs_are_caught()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var missed = new List<string>();
        using var workshop = PlantedWorkshop.Open();
        var wanted = Environment.GetEnvironmentVariable("RELIABILITY_BUG");
        foreach (var bug in PlantedBugs.All.Where(b => wanted is null || b.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase)))
        {
            var program = await workshop.BuildAsync(bug, cancellationToken);
            var caught = await CatchAsync(bug, program, cancellationToken);
            Say($"| {bug.Name} | {(caught is { } c ? string.Create(CultureInfo.InvariantCulture, $"{c.Plan.Store} seed {c.Plan.Seed}") : "NOT CAUGHT")} | {caught?.Violations[0]} |");
            if (caught is null)
            {
                missed.Add(bug.Name);
            }
        }

        Assert.Empty(missed);
    }

    private async Task<RunResult?> CatchAsync(PlantedBug bug, string program, CancellationToken cancellationToken)
    {
        RunResult? caught = null;
        await Parallel.ForEachAsync(
            Enumerable.Range(s_first, Math.Min(s_seeds, 50)).TakeWhile(_ => caught is null),
            new ParallelOptions { MaxDegreeOfParallelism = s_atOnce, CancellationToken = cancellationToken },
            async (seed, token) =>
            {
                var result = await Seeds.RunAsync(Plan.Of(seed, bug.Store ?? s_store, 4), cluster, program, token);
                if (!result.Passed)
                {
                    Directory.Delete(Path.GetDirectoryName(result.Kept)!, recursive: true);
                    caught = result;
                }
            });
        return caught;
    }

    private async Task<RunResult> SayAsync(Plan plan, CancellationToken cancellationToken)
    {
        var result = await Seeds.RunAsync(plan, cluster, s_program, cancellationToken);
        Say(result.Passed ? result.ToString() : result.Tell());
        return result;
    }

    private static void Say(string line) => System.Console.Out.WriteLine(line);

    private static string Setting(string name, string unlessSet) => Environment.GetEnvironmentVariable($"RELIABILITY_{name}") is { Length: > 0 } set ? set : unlessSet;

    private static int Number(string name, int unlessSet) => int.Parse(Setting(name, unlessSet.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
}
