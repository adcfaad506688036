using System.Globalization;

namespace Integration.Tests.Crash;

/// <summary>The closing line of many runs.</summary>
internal static class Summary
{
    /// <summary>Versions and kills on work in flight below which a run proves nothing.</summary>
    private const int FewestVersions = 1000;

    private const int FewestOnWork = 5;

    public static string Of(string store, IReadOnlyList<RunResult> results)
    {
        var ready = results.SelectMany(r => r.ReadySeconds).Order().ToArray();
        var free = results.SelectMany(r => r.FreeSeconds).Order().ToArray();
        var (versions, onWork) = (results.Sum(r => r.Versions), results.Sum(r => r.OnWork));
        var counts = versions >= FewestVersions && onWork >= FewestOnWork;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {store}: {results.Count} seeds, {results.Sum(r => r.Kills)} kills, {onWork} on work in flight, {versions} versions, {results.Sum(r => r.Effects)} effects
            {store}: {Broken(results, 2, 18)} lost, {Broken(results, 4, 5)} doubled, {Broken(results, 3, 3)} false acknowledgements, {results.Sum(r => r.Violations.Count)} violations in all
            {store}: ready after {Percentile(ready, 0.5):F2} s (half), {Percentile(ready, 0.95):F2} s (95 of 100), {ready.DefaultIfEmpty().Max():F2} s (slowest of {ready.Length})
            {store}: leases of the dead free after {Percentile(free, 0.5):F2} s (half), {Percentile(free, 0.95):F2} s (95 of 100), {free.DefaultIfEmpty().Max():F2} s (slowest of {free.Length}), of 1.2 s of lease and a start
            {store}: {(counts ? "COUNTS" : $"DOES NOT COUNT: fewer than {FewestVersions} versions or {FewestOnWork} kills on work in flight")}, {(results.All(r => r.Passed) ? "everything held" : "BROKEN")}
            """);
    }

    private static int Broken(IEnumerable<RunResult> results, int first, int second) => results.Sum(r => r.Violations.Count(v => v.Invariant == first || v.Invariant == second));

    private static double Percentile(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
