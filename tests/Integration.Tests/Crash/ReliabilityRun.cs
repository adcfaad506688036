using System.Globalization;
using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>
/// What <c>reliability.sh</c> runs: as many seeds and kills as it is told, one line a seed, and a closing summary. Told by the environment:
/// <c>RELIABILITY_SEEDS</c>, <c>_KILLS</c>, <c>_STORE</c>, <c>_SEED</c> (the first), <c>_PLANTED</c>.
/// </summary>
public sealed class ReliabilityRun(PostgresCluster cluster)
{
    private static readonly string s_store = Setting("STORE", "sqlite");
    private static readonly int s_seeds = Number("SEEDS", 20);
    private static readonly int s_kills = Number("KILLS", 10);
    private static readonly int s_first = Number("SEED", 1);

    [Fact(Explicit = true)]
    public async Task Seeds_hold()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var results = new List<RunResult>();
        for (var seed = s_first; seed < s_first + s_seeds; seed++)
        {
            results.Add(await SayAsync(Plan.Of(seed, s_store, s_kills), cancellationToken));
        }

        foreach (var hit in Environment.GetEnvironmentVariable("RELIABILITY_SEED") is null ? (int[])[1, 4, 12] : [])
        {
            results.Add(await SayAsync(Plan.ThroughFailpoints(s_store, hit), cancellationToken));
        }

        Say(Summary.Of(s_store, results));
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
        for (var seed = s_first; seed < s_first + Math.Min(s_seeds, 50); seed++)
        {
            var result = await Seeds.RunAsync(Plan.Of(seed, bug.Store ?? s_store, 4), cluster, program, cancellationToken);
            if (!result.Passed)
            {
                Directory.Delete(Path.GetDirectoryName(result.Kept)!, recursive: true);
                return result;
            }
        }

        return null;
    }

    private async Task<RunResult> SayAsync(Plan plan, CancellationToken cancellationToken)
    {
        var result = await Seeds.RunAsync(plan, cluster, "integration.dll", cancellationToken);
        Say(result.Passed ? result.ToString() : result.Tell());
        return result;
    }

    private static void Say(string line) => System.Console.Out.WriteLine(line);

    private static string Setting(string name, string unlessSet) => Environment.GetEnvironmentVariable($"RELIABILITY_{name}") is { Length: > 0 } set ? set : unlessSet;

    private static int Number(string name, int unlessSet) => int.Parse(Setting(name, unlessSet.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
}
