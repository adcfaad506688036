using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Integration.Benchmarks;

/// <summary>What every measurement stands on: a filled source, a receiver and the mappings, each program a process of its own.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private readonly Cluster _cluster;
    private readonly Process _receiver;
    private readonly HttpClient _client;
    private readonly string _folder;

    private Stand(Cluster cluster, Process receiver, Uri url, string source, string folder)
    {
        (_cluster, _receiver, Source, _folder) = (cluster, receiver, source, folder);
        _client = new HttpClient { BaseAddress = url };
    }

    /// <summary>Connection string of the province's database.</summary>
    public string Source { get; }

    public static async Task<Stand> StartAsync(long rows, int latency, int batch = 1000)
    {
        var cluster = await Cluster.StartAsync(CancellationToken.None);
        var source = await cluster.CreateDatabaseAsync(CancellationToken.None);
        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Filling {rows:N0} rows"));
        await Benchmarks.Source.FillAsync(source, rows, CancellationToken.None);
        var receiver = Start(["receiver", $"{latency}"], []);
        var url = new Uri((await receiver.StandardOutput.ReadLineAsync())!["listening ".Length..]);
        var folder = Directory.CreateTempSubdirectory("bench-").FullName;
        Product.WriteMappings(Path.Combine(folder, "mappings"), batch);
        return new Stand(cluster, receiver, url, source, folder);
    }

    /// <summary>Seconds of CPU of all databases so far.</summary>
    public double DatabaseCpu => Usage.CpuOfTree(_cluster.Postmaster);

    public async Task<Told> TakenAsync() => (await _client.GetFromJsonAsync<Told>(new Uri("taken", UriKind.Relative)))!;

    /// <summary>The receiver forgets what it was given, and what the last program wrote is put on the disk now and not in the next one's time.</summary>
    public async Task ClearAsync()
    {
        (await _client.PostAsync(new Uri("forget", UriKind.Relative), new ByteArrayContent([]))).Dispose();
        await _cluster.CheckpointAsync(CancellationToken.None);
    }

    public async Task<Store> CreateStoreAsync(string provider) => provider == "postgres"
        ? new Store(provider, await _cluster.CreateDatabaseAsync(CancellationToken.None))
        : new Store(provider, $"Data Source={Path.Combine(_folder, $"ledger-{Guid.NewGuid():N}.db")}");

    public async Task DropAsync(Store store)
    {
        if (store.Provider == "postgres")
        {
            await _cluster.DropAsync(store.ConnectionString, CancellationToken.None);
            return;
        }

        foreach (var part in (string[])["", "-wal", "-shm"])
        {
            File.Delete(store.File + part);
        }
    }

    public Process StartFloor(params string[] arguments) => Start(["floor", arguments[0], Source, _client.BaseAddress!.ToString(), .. arguments[1..]], Hooked);

    public Process StartProduct(Store store, params string[] arguments) => StartProduct(store, [], arguments);

    public Process StartProduct(Store store, Dictionary<string, string> more, params string[] arguments)
    {
        var settings = Product.Settings(Path.Combine(_folder, "mappings"), store.Provider, store.ConnectionString, Source, _client.BaseAddress!);
        foreach (var (name, value) in more.Concat(Hooked))
        {
            settings[name] = value;
        }

        return Start(Environment.GetEnvironmentVariable("BENCH_PRODUCT") ?? throw new InvalidOperationException("BENCH_PRODUCT names the product's program."), arguments, settings);
    }

    /// <returns>Milliseconds that each statement at the source took while <paramref name="work"/> went on, as its server logged them.</returns>
    public async Task<IReadOnlyList<double>> SourceStatementsAsync(Func<Task> work)
    {
        await using var data = NpgsqlDataSource.Create(Source);
        var database = new NpgsqlConnectionStringBuilder(Source).Database;
        await Benchmarks.Source.ExecuteAsync(data, $"ALTER DATABASE {database} SET log_min_duration_statement = 0", CancellationToken.None);
        var before = _cluster.Durations().Count;
        await work();
        await Benchmarks.Source.ExecuteAsync(data, $"ALTER DATABASE {database} RESET log_min_duration_statement", CancellationToken.None);
        return [.. _cluster.Durations().Skip(before)];
    }

    /// <summary>Runs a program to its end and tells what it cost.</summary>
    public async Task<Cost> MeasureAsync(Func<Process> start)
    {
        File.Delete(Allocated);
        var (database, receiver) = (DatabaseCpu, Usage.Cpu(_receiver.Id) ?? 0);
        var clock = Stopwatch.StartNew();
        using var process = start();
        var said = process.StandardOutput.ReadToEndAsync();
        var (cpu, memory) = (0.0, 0L);
        while (!process.WaitForExit(5))
        {
            cpu = Math.Max(cpu, Usage.Cpu(process.Id) ?? 0);
            memory = Math.Max(memory, Usage.PeakMemory(process.Id) ?? 0);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        return new Cost(seconds, cpu, DatabaseCpu - database, (Usage.Cpu(_receiver.Id) ?? 0) - receiver, memory,
            File.Exists(Allocated) ? long.Parse(await File.ReadAllTextAsync(Allocated), CultureInfo.InvariantCulture) : 0, process.ExitCode, await said);
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

    private string Allocated => Path.Combine(_folder, "allocated");

    private Dictionary<string, string> Hooked => new(StringComparer.Ordinal) { ["DOTNET_STARTUP_HOOKS"] = typeof(Stand).Assembly.Location, [StartupHook.Variable] = Allocated };

    private static Process Start(string[] arguments, Dictionary<string, string> environment) => Start("dotnet", [typeof(Stand).Assembly.Location, .. arguments], environment);

    private static Process Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
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
}

/// <summary>Where the product keeps its ledger.</summary>
internal sealed record Store(string Provider, string ConnectionString)
{
    /// <summary>Of a SQLite ledger.</summary>
    public string File => ConnectionString["Data Source=".Length..];
}

/// <param name="Cpu">Seconds of the program itself.</param>
/// <param name="Database">Seconds of all backends.</param>
/// <param name="Memory">Peak resident bytes.</param>
/// <param name="Allocated">Bytes of managed memory, from start to end; 0 when it did not end by itself.</param>
internal sealed record Cost(double Seconds, double Cpu, double Database, double Receiver, long Memory, long Allocated, int Exit, string Said);
