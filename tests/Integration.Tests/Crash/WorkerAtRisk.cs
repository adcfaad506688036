using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;
using Demo;
using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using Integration.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>
/// A sample province and a portal that lives through everything, and between them the real worker: a process of its own, to be killed and
/// started again. Nobody else holds the ledger open while no worker runs, so that the next worker meets it exactly as the last one left it.
/// </summary>
internal sealed class WorkerAtRisk : IAsyncDisposable
{
    // Patience, not a promise: how long it took is printed, and depends on what else the machine does.
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Seldom = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly string _folder;
    private readonly string? _postgres;
    private readonly Dictionary<string, string> _environment;
    private readonly IReadOnlyDictionary<string, Expectation> _expected;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly Stack<ChildProcess> _workers = new();
    private long _requestsAtStart;
    private long _lastToken;

    private WorkerAtRisk(string folder, SampleProvince province, Portal portal, string? postgres)
    {
        (_folder, Province, Portal, _postgres) = (folder, province, portal, postgres);
        _expected = Expectations.Read(province).ToDictionary(e => e.Pipeline, StringComparer.Ordinal);
        _environment = ProvinceAtWork.Settings(folder, province, portal.Url, postgres)
            .ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value!, StringComparer.Ordinal);

        // Many small calls, so that there are many moments to be killed at.
        _environment["Delivery__BatchBytes"] = "8192";
        _environment["Connections__Portal__RequestsPerSecond"] = "0";

        // A process that lives for seconds gains nothing from being compiled twice.
        _environment["DOTNET_TC_CallCounting"] = "0";
    }

    public SampleProvince Province { get; }

    public Portal Portal { get; }

    /// <summary>The worker that runs now, or ran last.</summary>
    public ChildProcess Worker => _workers.Peek();

    /// <summary>The longest any worker took from its start until it was ready.</summary>
    public TimeSpan SlowestStart { get; private set; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<WorkerAtRisk> CreateAsync(int dossiers, string? postgres, FaultPlan faults)
    {
        var folder = Directory.CreateTempSubdirectory("at-risk-").FullName;
        var province = SampleProvince.Create(folder, dossiers);
        var portal = await Portal.StartAsync(new PortalOptions(), Cancelled);
        portal.Faults = faults;
        return new WorkerAtRisk(folder, province, portal, postgres);
    }

    /// <summary>What the next workers are told beside the rest; null takes it back.</summary>
    public void Tell(string setting, string? value)
    {
        if (value is null)
        {
            _environment.Remove(setting);
        }
        else
        {
            _environment[setting] = value;
        }
    }

    public ILedger OpenLedger() => LedgerFactory.Create(_environment["Ledger__Provider"], _environment["Ledger__ConnectionString"], TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Starts a worker and does not wait for it.</summary>
    public void Launch()
    {
        _requestsAtStart = Portal.Requests().Count;
        _workers.Push(ChildProcess.Start("integration.dll", ["run", "--stop-with-stdin"], _environment));
    }

    /// <summary>Starts a worker, which must be ready in time and must leave no lease of a dead one standing that had run out before.</summary>
    public async Task StartAsync()
    {
        var (started, at) = (Stopwatch.StartNew(), TimeProvider.System.GetUtcNow());
        Launch();
        var url = await Worker.WaitForLineAsync("listening ", Cancelled).WaitAsync(Start, Cancelled);
        await WaitAsync(() => IsReadyAsync(url), Seldom, Start, $"{url}/health/ready");
        SlowestStart = started.Elapsed > SlowestStart ? started.Elapsed : SlowestStart;

        await WaitAsync(async () => (await LookAsync(at)).Orphans == 0, Seldom, Start, "leases that ran out are let go");
        AssertSound(await LookAsync(at));
    }

    /// <summary>Ends the worker as a power cut would.</summary>
    /// <returns>Whether it held a lease or had a call under way.</returns>
    public async Task<bool> KillAsync()
    {
        Worker.Kill();
        var calling = Portal.Requests(_requestsAtStart).Any(r => r.Status is null);
        Assert.Equal(137, await Worker.Ended);
        var look = await LookAsync(DateTimeOffset.MinValue);
        AssertSound(look);
        _lastToken = look.LastToken;
        return calling || look.LeasedSince > 0;
    }

    /// <summary>Waits until the running worker has made so many calls, each <c>login</c> counted, or until nothing is left to call for.</summary>
    /// <returns>Whether the calls were made.</returns>
    public async Task<bool> CallsAsync(int calls)
    {
        bool Made() => Portal.Requests(_requestsAtStart).Count >= calls;
        var (looks, seldom) = (0, (int)(Seldom / Often));
        await WaitAsync(
            async () => Made() || (++looks % seldom == 0 && IsSettled(await LookAsync(DateTimeOffset.MinValue))), Often, Longest, $"call {calls} of this worker");
        return Made();
    }

    /// <summary>Waits until the ledger's tables say so.</summary>
    public Task LedgerAsync(Func<LedgerLook, bool> condition, string what) =>
        WaitAsync(async () => condition(await LookAsync(DateTimeOffset.MinValue)), Often, Longest, what);

    /// <summary>Waits until everything is extracted and nothing is on its way, then holds ledger and portal against the province.</summary>
    public async Task SettleAsync()
    {
        await WaitAsync(
            async () => IsSettled(await LookAsync(DateTimeOffset.MinValue)), Seldom, Longest,
            $"everything is settled: {string.Join("; ", _expected.Values.Select(e => $"{e.Pipeline} {e.Acknowledged}+{e.Waiting}+{e.Refused}"))}");
        var (provider, connection) = (_environment["Ledger__Provider"], _environment["Ledger__ConnectionString"]);
        await using (var ledger = LedgerFactory.Create(provider, connection, TimeProvider.System, NullLoggerFactory.Instance))
        {
            await Settled.AssertAsync(Province, ledger, Portal, Cancelled);
        }

        Assert.Equal(0, await Worker.StopAsync(TimeSpan.FromSeconds(40)));
    }

    /// <summary>Another program on the same configuration, while the worker runs.</summary>
    public async Task<(int Code, string Said)> RunBesideAsync(params string[] arguments)
    {
        await using var other = ChildProcess.Start("integration.dll", arguments, _environment);
        var code = await other.Ended.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        return (code, string.Join(' ', other.LastLines.Select(l => l.Trim())));
    }

    /// <summary>Tells the worker to end as a service manager does.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{Worker.Id}"]);
        await kill.WaitForExitAsync(Cancelled);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<LedgerLook> LookAsync(DateTimeOffset orphansAt)
    {
        // Of a dead worker's files a copy is looked at: opening them would already be the recovery that is the next worker's task.
        if (_postgres is null && Worker.Ended.IsCompleted)
        {
            var copy = Directory.CreateTempSubdirectory("ledger-copy-").FullName;
            foreach (var name in (string[])["ledger.db", "ledger.db-wal"])
            {
                if (File.Exists(Path.Combine(_folder, name)))
                {
                    File.Copy(Path.Combine(_folder, name), Path.Combine(copy, name));
                }
            }

            try
            {
                await using var dead = Sqlite(copy);
                return await LedgerLook.TakeAsync(dead, _lastToken, orphansAt, Cancelled);
            }
            finally
            {
                Directory.Delete(copy, recursive: true);
            }
        }

        await using DbConnection live = _postgres is null ? Sqlite(_folder) : new NpgsqlConnection(_postgres);
        return await LedgerLook.TakeAsync(live, _lastToken, orphansAt, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            worker.Kill();
            await worker.DisposeAsync();
        }

        _client.Dispose();
        await Portal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private bool IsSettled(LedgerLook look) => _expected.Values.All(e => look.Extracted(e.Pipeline) == e.Extracted)
        && look.Count(RecordState.Ready) + look.Count(RecordState.Leased) + look.Count(RecordState.Unknown) == 0;

    /// <summary>What must be true at any moment of a first pass, however many workers died in it.</summary>
    private void AssertSound(LedgerLook look)
    {
        var effects = Portal.Effects().ToArray();
        Assert.Empty(effects.GroupBy(e => (e.Service, e.Key, e.Sha256)).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.True(look.Count(RecordState.Acknowledged) <= effects.Length, $"{look}, but only {effects.Length} records were applied.");
        Assert.All(look.Keys, k => Assert.Equal(k.Value, look.Extracted(k.Key)));
        Assert.All(look.Keys, k => Assert.InRange(k.Value, 0, _expected[k.Key].Extracted));
    }

    private static SqliteConnection Sqlite(string folder) => new(new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(folder, "ledger.db"),
        Mode = SqliteOpenMode.ReadWrite,
        Pooling = false,
    }.ToString());

    private async Task<bool> IsReadyAsync(string url)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri($"{url}/health/ready"), Cancelled);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException || (e is TaskCanceledException && !Cancelled.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task WaitAsync(Func<Task<bool>> condition, TimeSpan look, TimeSpan longest, string what)
    {
        var started = Stopwatch.StartNew();
        while (!await condition())
        {
            if (Worker.Ended.IsCompleted || started.Elapsed > longest)
            {
                Assert.Fail($"Not within {longest.TotalSeconds} s: {what}. {await LookAsync(DateTimeOffset.MinValue)}\n{string.Join('\n', Worker.LastLines)}");
            }

            await Task.Delay(look, Cancelled);
        }
    }
}
