using System.Globalization;

namespace Integration.Benchmarks;

/// <summary>Medians with their spread, and each program against the floors of the same turn.</summary>
internal static class Report
{
    public static void Write(IReadOnlyList<Comparison.Result> results, Comparison.Options options)
    {
        System.Console.WriteLine();
        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd} · {options.Rows:N0} rows · {options.Pairs} turns · latency {options.Latency} ms · {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GB, {Environment.OSVersion}, .NET {Environment.Version}"));
        System.Console.WriteLine();
        System.Console.WriteLine("| Program | rows/s median (min–max) | × raw | × reader | × typical | CPU µs a row: own / database / receiver | allocated kB a row | peak MB |");
        System.Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var program in options.Programs)
        {
            var own = results.Where(r => r.Program == program).ToArray();
            if (Array.Exists(own, static r => !r.Complete))
            {
                System.Console.WriteLine($"| {program} | not counted: a run did not deliver exactly the source's records | | | | | | |");
                continue;
            }

            System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {program} | {Median(own, static r => r.Rate):N0} ({own.Min(static r => r.Rate):N0}–{own.Max(static r => r.Rate):N0}) | {Ratio(results, own, "raw")} | {Ratio(results, own, "reader")} | {Ratio(results, own, "typical")} | {Median(own, static r => r.Cpu / r.Rows * 1e6):F1} / {Median(own, static r => r.Database / r.Rows * 1e6):F1} / {Median(own, static r => r.Receiver / r.Rows * 1e6):F1} | {Median(own, static r => r.Allocated / 1024.0 / r.Rows):F1} | {own.Max(static r => r.Memory) >> 20} |"));
        }
    }

    // Of each turn its own ratio: what the machine did in that turn falls on both.
    private static string Ratio(IReadOnlyList<Comparison.Result> results, Comparison.Result[] own, string floor)
    {
        var floors = results.Where(r => r.Program == floor).ToArray();
        return floors.Length != own.Length || own.Length == 0
            ? "–"
            : Median(own.Zip(floors).Select(static p => p.First.Rate / p.Second.Rate)).ToString("F2", CultureInfo.InvariantCulture);
    }

    private static double Median(Comparison.Result[] results, Func<Comparison.Result, double> value) => Median(results.Select(value));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
