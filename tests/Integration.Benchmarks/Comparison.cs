using System.Diagnostics;
using System.Globalization;

namespace Integration.Benchmarks;

/// <summary>
/// Alternates the floors and the product over the same data, each as a process of its own, and prints medians with their spread. A run counts
/// only when the receiver was given exactly the source's records, each once.
/// </summary>
internal sealed class Comparison : IAsyncDisposable
{
    private readonly Options _options;
    private readonly Cluster _cluster;
    private readonly Process _receiver;
    private readonly HttpClient _client;
    private readonly string _source;
    private readonly string _folder;
    private string? _content;

    private Comparison(Options options, Cluster cluster, Process receiver, Uri url, string source, string folder)
    {
        (_options, _cluster, _receiver, _source, _folder) = (options, cluster, receiver, source, folder);
        _client = new HttpClient { BaseAddress = url };
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (Options.Read(arguments) is not { } options)
        {
            await System.Console.Error.WriteLineAsync("bench.sh [--rows N] [--pairs N] [--latency MS] [--only raw,reader,typical,postgres,sqlite]");
            return 2;
        }

        var cluster = await Cluster.StartAsync(CancellationToken.None);
        var source = await cluster.CreateDatabaseAsync(CancellationToken.None);
        System.Console.WriteLine($"Filling {options.Rows:N0} rows");
        await Source.FillAsync(source, options.Rows, CancellationToken.None);
        var receiver = Start(["receiver", $"{options.Latency}"], []);
        var url = new Uri((await receiver.StandardOutput.ReadLineAsync())!["listening ".Length..]);
        await using var comparison = new Comparison(options, cluster, receiver, url, source, Directory.CreateTempSubdirectory("bench-").FullName);
        return await comparison.MeasureAsync();
    }

    private async Task<int> MeasureAsync()
    {
        Product.WriteMappings(Path.Combine(_folder, "mappings"));
        var results = new List<Result>();
        for (var pair = 0; pair < _options.Pairs; pair++)
        {
            // Turn about, so that what the machine does in between falls on all alike.
            foreach (var program in pair % 2 == 0 ? _options.Programs : [.. _options.Programs.Reverse()])
            {
                var result = await MeasureAsync(program);
                System.Console.WriteLine($"{pair + 1}/{_options.Pairs} {result}");
                results.Add(result);
            }
        }

        Report.Write(results, _options);
        return results.TrueForAll(static r => r.Complete) ? 0 : 1;
    }

    private async Task<Result> MeasureAsync(string program)
    {
        (await _client.PostAsync(new Uri("forget", UriKind.Relative), new ByteArrayContent([]))).Dispose();
        await _cluster.CheckpointAsync(CancellationToken.None);
        var rows = program == "typical" ? Math.Min(_options.Rows, 3000) : _options.Rows;
        string? database = null;
        var ledger = Path.Combine(_folder, $"ledger-{Guid.NewGuid():N}.db");
        Func<Process> start;
        switch (program)
        {
            case "postgres":
                database = await _cluster.CreateDatabaseAsync(CancellationToken.None);
                start = () => StartProduct("postgres", database);
                break;
            case "sqlite":
                start = () => StartProduct("sqlite", $"Data Source={ledger}");
                break;
            default:
                start = () => Start(["floor", program, _source, _client.BaseAddress!.ToString(), .. program == "typical" ? [$"{rows}"] : Array.Empty<string>()], []);
                break;
        }

        var (database0, receiver0) = (Usage.CpuOfTree(_cluster.Postmaster), Usage.Cpu(_receiver.Id) ?? 0);
        var clock = Stopwatch.StartNew();
        using var process = start();
        var said = process.StandardOutput.ReadToEndAsync();
        var (cpu, memory) = (0.0, 0L);
        while (!process.WaitForExit(20))
        {
            cpu = Math.Max(cpu, Usage.Cpu(process.Id) ?? 0);
            memory = Math.Max(memory, Usage.PeakMemory(process.Id) ?? 0);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        var told = (await _client.GetFromJsonAsync<Told>(new Uri("taken", UriKind.Relative)))!;
        var result = new Result(
            program, rows, seconds, cpu, Usage.CpuOfTree(_cluster.Postmaster) - database0, (Usage.Cpu(_receiver.Id) ?? 0) - receiver0, memory,
            process.ExitCode == 0 && told.Records == rows && told.Keys == rows && (program == "typical" || told.Content == (_content ??= told.Content)));
        if (!result.Complete)
        {
            System.Console.WriteLine($"{program}: exit {process.ExitCode}, {told.Records} records of {told.Keys} keys, content {told.Content}\n{await said}");
        }

        await ForgetAsync(database, ledger);
        return result;
    }

    private async Task ForgetAsync(string? database, string ledger)
    {
        if (database is not null)
        {
            await _cluster.DropAsync(database, CancellationToken.None);
        }

        foreach (var part in (string[])["", "-wal", "-shm"])
        {
            File.Delete(ledger + part);
        }
    }

    private Process StartProduct(string provider, string ledger) => Start(
        [Path.Combine(AppContext.BaseDirectory, "integration.dll"), "sync", Product.Pipeline],
        Product.Settings(Path.Combine(_folder, "mappings"), provider, ledger, _source, _client.BaseAddress!));

    private static Process Start(string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments[0].EndsWith(".dll", StringComparison.Ordinal) ? arguments : [typeof(Comparison).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _receiver.StandardInput.Close();
        await _receiver.WaitForExitAsync(CancellationToken.None);
        _receiver.Dispose();
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
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
    internal sealed record Result(string Program, long Rows, double Seconds, double Cpu, double Database, double Receiver, long Memory, bool Complete)
    {
        public double Rate => Rows / Seconds;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Program,-9} {Rate,9:N0} rows/s  {Seconds,6:F2} s  CPU us a row: own {Cpu / Rows * 1e6,6:F1} database {Database / Rows * 1e6,6:F1} receiver {Receiver / Rows * 1e6,5:F1}  peak {Memory / 1048576.0,5:F0} MB{(Complete ? "" : "  NOT COMPLETE")}");
    }
}
