using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Integration.Benchmarks;

/// <summary>
/// What comes after the first load: nothing changed, one record changed, everything read again, how long a command takes to answer, and what a
/// second worker brings. Each program is a process of its own, so its start is part of every figure.
/// </summary>
internal static class Later
{
    private const int Turns = 5;

    // A minute each.
    private const int ScheduledTurns = 3;

    // A receiver so slow that a worker waits most of the time, and batches so small that extraction is not what holds it back.
    private const int SlowReceiver = 200;
    private const int SlowRows = 60_000;
    private const int SlowBatch = 200;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["workers"])
        {
            await SecondWorkerAsync();
            return 0;
        }

        if (arguments is ["unchanged", "--rows", var many])
        {
            await UnchangedAsync(long.Parse(many, CultureInfo.InvariantCulture));
            return 0;
        }

        var rows = arguments is ["--rows", var number] ? long.Parse(number, CultureInfo.InvariantCulture) : 1_000_000;
        await using (var stand = await Stand.StartAsync(rows, latency: 0))
        {
            foreach (var provider in (string[])["postgres", "sqlite"])
            {
                await AfterFirstLoadAsync(stand, provider, rows);
            }
        }

        await SecondWorkerAsync();
        return 0;
    }

    private static async Task UnchangedAsync(long rows)
    {
        await using var stand = await Stand.StartAsync(rows, latency: 0);
        foreach (var provider in (string[])["postgres", "sqlite"])
        {
            await FromTheBeginningAsync(stand, await LoadAsync(stand, provider, rows), rows);
        }
    }

    /// <summary>In turns with a program that reads the same and does nothing with it: each turn gives one ratio.</summary>
    private static async Task FromTheBeginningAsync(Stand stand, Store store, long rows)
    {
        var turns = await TakeAsync(Turns, async () =>
        {
            var full = await stand.MeasureAsync(() => stand.StartProduct(store, "sync", Product.Pipeline, "--full"));
            await DemandAsync(stand, full, records: 0);
            return (Full: full, Read: await stand.MeasureAsync(() => stand.StartFloor("read")));
        });
        Say($"{store.Provider}: nothing changed, read from the beginning: {rows / Median(turns, static t => t.Full.Seconds):N0} rows/s; read only: {rows / Median(turns, static t => t.Read.Seconds):N0}; ratio {Median(turns, static t => t.Read.Seconds / t.Full.Seconds):F2} ({turns.Min(static t => t.Read.Seconds / t.Full.Seconds):F2}–{turns.Max(static t => t.Read.Seconds / t.Full.Seconds):F2})");
        Say($"{store.Provider}: of it own CPU and that of the databases: {Median(turns, static t => t.Full.Cpu):F2} and {Median(turns, static t => t.Full.Database):F2} s; read only {Median(turns, static t => t.Read.Cpu):F2} and {Median(turns, static t => t.Read.Database):F2} s");
    }

    /// <returns>A ledger that has everything, all of it acknowledged.</returns>
    private static async Task<Store> LoadAsync(Stand stand, string provider, long rows)
    {
        var store = await stand.CreateStoreAsync(provider);
        await stand.ClearAsync();
        var first = await stand.MeasureAsync(() => stand.StartProduct(store, "sync", Product.Pipeline));
        await DemandAsync(stand, first, records: rows);
        Say($"{provider}: first load {rows / first.Seconds:N0} rows/s, peak {first.Memory >> 20} MB");
        await stand.ClearAsync();
        return store;
    }

    private static async Task AfterFirstLoadAsync(Stand stand, string provider, long rows)
    {
        var store = await LoadAsync(stand, provider, rows);
        var size = await SizeAsync(store);
        var unchanged = await TakeAsync(Turns, () => stand.MeasureAsync(() => stand.StartProduct(store, "sync", Product.Pipeline)));
        await DemandAsync(stand, unchanged[^1], records: 0);
        var asked = await stand.SourceStatementsAsync(() => stand.MeasureAsync(() => stand.StartProduct(store, "sync", Product.Pipeline)));
        Say($"{provider}: the same, statements at the source: {asked.Count}, {asked.Sum():F1} ms together, the longest {asked.Max():F1} ms");
        Say($"{provider}: nothing changed, by watermark: {Median(unchanged, static c => c.Seconds):F2} s, {Median(unchanged, static c => c.Cpu):F2} s of own CPU, {Median(unchanged, static c => c.Database):F2} s of the databases");

        await FromTheBeginningAsync(stand, store, rows);
        Say($"{provider}: 0 requests, ledger {size >> 20} MB before and {await SizeAsync(store) >> 20} MB after");

        var one = await TakeAsync(Turns, async () =>
        {
            await stand.ClearAsync();
            await ChangeOneAsync(stand.Source);
            var cost = await stand.MeasureAsync(() => stand.StartProduct(store, "sync", Product.Pipeline));
            await DemandAsync(stand, cost, records: 1);
            return cost;
        });
        Say($"{provider}: one record of {rows:N0} changed: acknowledged and told after {Median(one, static c => c.Seconds):F2} s ({one.Min(static c => c.Seconds):F2}–{one.Max(static c => c.Seconds):F2}), {Median(one, static c => c.Cpu):F2} s of own CPU");

        await OneInRunningAsync(stand, store, rows);
        var status = await TakeAsync(Turns, () => stand.MeasureAsync(() => stand.StartProduct(store, "status")));
        Say($"{provider}: status answers after {Median(status, static c => c.Seconds):F2} s ({status.Min(static c => c.Seconds):F2}–{status.Max(static c => c.Seconds):F2})");
        var ready = await TakeAsync(Turns, () => ReadyAsync(stand, store));
        Say($"{provider}: a worker is ready after {Median(ready, static s => s):F2} s ({ready.Min():F2}–{ready.Max():F2})");
        await stand.DropAsync(store);
    }

    /// <summary>A worker that runs by its schedule, every full minute, and one record that changes between two runs.</summary>
    private static async Task OneInRunningAsync(Stand stand, Store store, long rows)
    {
        using var worker = StartWorker(stand, store);
        var told = await TakeAsync(ScheduledTurns, async () =>
        {
            // Again when it came before its minute: the run at the start took it.
            do
            {
                await SecondAsync(s => s is > 10 and < 50);
                await stand.ClearAsync();
                await ChangeOneAsync(stand.Source);
                await SecondAsync(s => s == 59);
            }
            while ((await stand.TakenAsync()).Records > 0);

            var (cpu, database) = (Usage.Cpu(worker.Id) ?? 0, stand.DatabaseCpu);
            while ((await stand.TakenAsync()).Records == 0)
            {
                await Task.Delay(5);
            }

            return (Seconds: (TimeProvider.System.GetUtcNow().TimeOfDay.TotalSeconds + 1) % 60 - 1, Cpu: (Usage.Cpu(worker.Id) ?? 0) - cpu, Database: stand.DatabaseCpu - database);
        });
        worker.Kill();
        await worker.WaitForExitAsync();
        Say($"{store.Provider}: one record of {rows:N0} changed under a running worker: with the receiver {Median(told, static t => t.Seconds):F2} s after the full minute ({told.Min(static t => t.Seconds):F2}–{told.Max(static t => t.Seconds):F2}), {Median(told, static t => t.Cpu):F2} s of own CPU, {Median(told, static t => t.Database):F2} s of the databases");
    }

    private static async Task SecondAsync(Func<int, bool> isRight)
    {
        while (!isRight(TimeProvider.System.GetUtcNow().Second))
        {
            await Task.Delay(20);
        }
    }

    /// <summary>One and two workers on one PostgreSQL, sending the same records to a receiver that takes its time.</summary>
    private static async Task SecondWorkerAsync()
    {
        await using var stand = await Stand.StartAsync(SlowRows, SlowReceiver, SlowBatch);
        var seconds = new Dictionary<int, List<double>> { [1] = [], [2] = [] };
        for (var turn = 0; turn < 3; turn++)
        {
            foreach (var workers in turn % 2 == 0 ? (int[])[1, 2] : [2, 1])
            {
                seconds[workers].Add(await TogetherAsync(stand, workers));
            }
        }

        var (alone, two) = (Median(seconds[1], static s => s), Median(seconds[2], static s => s));
        Say($"{SlowRows:N0} records in batches of {SlowBatch} to a receiver that takes {SlowReceiver} ms: one worker {alone:F2} s, two {two:F2} s, {alone / two:F2} times as fast");
    }

    private static async Task<double> TogetherAsync(Stand stand, int workers)
    {
        await stand.ClearAsync();
        var store = await stand.CreateStoreAsync("postgres");
        var clock = Stopwatch.StartNew();
        var processes = Enumerable.Range(0, workers).Select(_ => StartWorker(stand, store)).ToArray();
        while ((await stand.TakenAsync()).Records < SlowRows)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(5))
            {
                throw new InvalidOperationException($"{workers} workers did not come to an end.");
            }

            await Task.Delay(20);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        foreach (var process in processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        var told = await stand.TakenAsync();
        if (told.Records != SlowRows || told.Keys != SlowRows)
        {
            throw new InvalidOperationException($"{told.Records} records of {told.Keys} keys came, and not {SlowRows}.");
        }

        await stand.DropAsync(store);
        return seconds;
    }

    private static async Task<double> ReadyAsync(Stand stand, Store store)
    {
        var clock = Stopwatch.StartNew();
        using var process = StartWorker(stand, store);
        string? url = null;
        while (url is null && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            url = line.IndexOf("listening ", StringComparison.Ordinal) is >= 0 and var at ? line[(at + "listening ".Length)..].Trim() : null;
        }

        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"{url ?? throw new InvalidOperationException("The worker did not say where it listens.")}/health/ready"));
                if (answer.IsSuccessStatusCode)
                {
                    break;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(5);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        process.Kill();
        await process.WaitForExitAsync();
        return seconds;
    }

    private static Process StartWorker(Stand stand, Store store) => stand.StartProduct(
        store, new Dictionary<string, string>(StringComparer.Ordinal) { ["RunAtStart"] = "true", ["Http__Url"] = "http://127.0.0.1:0" }, "run", "--stop-with-stdin");

    private static async Task ChangeOneAsync(string source)
    {
        await using var data = NpgsqlDataSource.Create(source);
        await Source.ExecuteAsync(
            data, "UPDATE dossier SET note = note || '.', updated_at = (SELECT max(updated_at) FROM dossier) + interval '1 second' WHERE dossier_no = (SELECT min(dossier_no) FROM dossier)",
            CancellationToken.None);
    }

    private static async Task<long> SizeAsync(Store store)
    {
        if (store.Provider == "sqlite")
        {
            return new FileInfo(store.File).Length;
        }

        await using var data = NpgsqlDataSource.Create(store.ConnectionString);
        await using var command = data.CreateCommand("SELECT pg_database_size(current_database())");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task DemandAsync(Stand stand, Cost cost, long records)
    {
        var told = await stand.TakenAsync();
        if (cost.Exit != 0 || told.Records != records)
        {
            throw new InvalidOperationException($"exit {cost.Exit}, {told.Records} records and not {records}\n{cost.Said}");
        }
    }

    private static async Task<List<T>> TakeAsync<T>(int times, Func<Task<T>> measure)
    {
        var taken = new List<T>(times);
        for (var i = 0; i < times; i++)
        {
            taken.Add(await measure());
        }

        return taken;
    }

    private static double Median<T>(IEnumerable<T> all, Func<T, double> value)
    {
        double[] sorted = [.. all.Select(value).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Say(FormattableString line) => System.Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
