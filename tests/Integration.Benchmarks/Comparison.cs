using System.Globalization;

namespace Integration.Benchmarks;

/// <summary>
/// Alternates the floors and the product over the same data, each as a process of its own, and prints medians with their spread. A run counts
/// only when the receiver was given exactly the source's records, each once.
/// </summary>
internal static class Comparison
{
    // One request a record is so slow that a few thousand of them tell.
    private const int MostOfTypical = 3000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (Options.Read(arguments) is not { } options)
        {
            await System.Console.Error.WriteLineAsync("bench.sh [--rows N] [--pairs N] [--latency MS] [--only raw,reader,typical,postgres,sqlite]\nbench.sh later [--rows N]\nbench.sh later workers\nbench.sh pieces");
            return 2;
        }

        await using var stand = await Stand.StartAsync(options.Rows, options.Latency);
        var results = new List<Result>();
        string? content = null;
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            // Turn about, so that what the machine does in between falls on all alike.
            foreach (var program in pair % 2 == 0 ? options.Programs : [.. options.Programs.Reverse()])
            {
                var (result, seen) = await MeasureAsync(stand, program, program == "typical" ? Math.Min(options.Rows, MostOfTypical) : options.Rows, content);
                content ??= program == "typical" ? null : seen;
                System.Console.WriteLine($"{pair + 1}/{options.Pairs} {result}");
                results.Add(result);
            }
        }

        Report.Write(results, options);
        return results.TrueForAll(static r => r.Complete) ? 0 : 1;
    }

    private static async Task<(Result Result, string Content)> MeasureAsync(Stand stand, string program, long rows, string? content)
    {
        await stand.ClearAsync();
        var store = program is "postgres" or "sqlite" ? await stand.CreateStoreAsync(program) : null;
        var cost = await stand.MeasureAsync(() => store is not null
            ? stand.StartProduct(store, "sync", Product.Pipeline)
            : stand.StartFloor([program, .. program == "typical" ? [$"{rows}"] : Array.Empty<string>()]));
        var told = await stand.TakenAsync();
        var isComplete = cost.Exit == 0 && told.Records == rows && told.Keys == rows && (program == "typical" || content is null || told.Content == content);
        if (!isComplete)
        {
            System.Console.WriteLine($"{program}: exit {cost.Exit}, {told.Records} records of {told.Keys} keys, content {told.Content}\n{cost.Said}");
        }

        if (store is not null)
        {
            await stand.DropAsync(store);
        }

        return (new Result(program, rows, cost.Seconds, cost.Cpu, cost.Database, cost.Receiver, cost.Memory, cost.Allocated, isComplete), told.Content);
    }

    /// <param name="Programs">In the order in which they are run.</param>
    internal sealed record Options(long Rows, int Pairs, int Latency, string[] Programs)
    {
        public static Options? Read(string[] arguments)
        {
            var options = new Options(1_000_000, 5, 0, ["raw", "reader", "typical", "postgres", "sqlite"]);
            for (var i = 0; i < arguments.Length; i += 2)
            {
                if (i + 1 == arguments.Length)
                {
                    return null;
                }

                var number = int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
                options = arguments[i] switch
                {
                    "--rows" when number > 0 => options with { Rows = number },
                    "--pairs" when number > 0 => options with { Pairs = number },
                    "--latency" when number >= 0 => options with { Latency = number },
                    "--only" => options with { Programs = arguments[i + 1].Split(',') },
                    _ => null!,
                };
                if (options is null)
                {
                    return null;
                }
            }

            return options;
        }
    }

    /// <param name="Cpu">Seconds of the program itself.</param>
    /// <param name="Memory">Peak resident bytes.</param>
    /// <param name="Allocated">Bytes of managed memory.</param>
    internal sealed record Result(string Program, long Rows, double Seconds, double Cpu, double Database, double Receiver, long Memory, long Allocated, bool Complete)
    {
        public double Rate => Rows / Seconds;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Program,-9} {Rate,9:N0} rows/s  {Seconds,6:F2} s  CPU us a row: own {Cpu / Rows * 1e6,6:F1} database {Database / Rows * 1e6,6:F1} receiver {Receiver / Rows * 1e6,5:F1}  allocated {Allocated / 1024.0 / Rows,5:F1} kB a row  peak {Memory / 1048576.0,5:F0} MB{(Complete ? "" : "  NOT COMPLETE")}");
    }
}
