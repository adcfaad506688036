using Demo.Province;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.Commands;
using Integration.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;
using PortalSimulator;
using PortalSimulator.Effects;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>A sample province on a bad day: its pipelines and lanes run here, its operator types commands, its portal keeps books of every effect.</summary>
internal sealed class FaultDay : IAsyncDisposable
{
    public const string Portal = "Portal";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly WorkerIdentity Me = new("test", Language.Vietnamese);

    private readonly CommandRig _rig;
    private ILedger? _ledger;
    private PipelineSet? _pipelines;
    private Workspace? _workspace;

    private FaultDay(CommandRig rig) => _rig = rig;

    public MovableClock Clock { get; } = new();

    public SampleProvince Province => _rig.Province;

    public Portal Receiver => _rig.Portal;

    public string LedgerPath => _rig.LedgerPath;

    public ILedger Ledger => _ledger!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<FaultDay> StartAsync(int dossiers = 120, params (string Name, string? Value)[] settings)
    {
        var day = new FaultDay(await CommandRig.StartAsync(dossiers));
        // The product's own rests: what a lane says while it rests is what many of these days look at.
        day.Set([("Delivery__FirstRest", null), ("Delivery__LongestRest", null), ($"Connections__{Portal}__RestAfterDenial", null), .. settings]);
        return day;
    }

    /// <summary>What the worker is told from its next start on, and every command at once.</summary>
    public void Set(params (string Name, string? Value)[] settings)
    {
        foreach (var (name, value) in settings)
        {
            _rig.Set(name, value);
        }
    }

    /// <summary>Changes a pipeline's definition before the worker starts.</summary>
    public void Define(string pipeline, Func<string, string> line)
    {
        var file = Path.Combine(Province.Mappings, pipeline, "pipeline.yaml");
        File.WriteAllLines(file, File.ReadAllLines(file).Select(line).ToArray());
    }

    /// <summary>The batch size of dossiers or services, which name none of their own.</summary>
    public void Batch(string pipeline, int records) =>
        Define(pipeline, l => l.StartsWith("    service: ", StringComparison.Ordinal) ? $"{l}\n    batch: {records}" : l.StartsWith("    batch: ", StringComparison.Ordinal) ? "" : l);

    public void Fail(params FaultRule[] faults) => Receiver.Faults = new FaultPlan { Seed = 7, Faults = faults };

    /// <summary>Starts the worker's parts, or starts them anew with what was set since.</summary>
    public async Task OpenAsync()
    {
        await CloseAsync();
        _workspace = Workspace.Read(new ConfigurationBuilder().AddInMemoryCollection(_rig.Environment.Where(e => e.Value is not null).Select(e => KeyValuePair.Create(e.Key.Replace("__", ":", StringComparison.Ordinal), e.Value))).Build());
        Assert.Empty(_workspace.Faults.Select(f => $"{f.At} {f.What.En}"));
        _ledger = _workspace.OpenLedger(Clock, NullLoggerFactory.Instance);
        await _ledger.OpenAsync(Token);
        _pipelines = PipelineSet.Build(_workspace.Definitions.Pipelines, _workspace.Configuration, Clock, NullLoggerFactory.Instance);
    }

    public async Task<SyncResult> SyncAsync(params string[] pipelines)
    {
        SyncResult? last = null;
        foreach (var pipeline in pipelines.Length > 0 ? pipelines : [.. PipelineNames.All])
        {
            last = await new SyncRun(_pipelines!.Find(pipeline)!, Ledger, Me, TimeSpan.FromMinutes(2), Clock, NullLogger<SyncRun>.Instance, FaultBench.AnyDisk).RunAsync(new SyncRequest(RunKind.Request, false), Token);
        }

        return last!;
    }

    /// <summary>Runs all lanes until something is so.</summary>
    public async Task WorkUntilAsync(Func<Task<bool>> done)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var loops = _pipelines!.All.SelectMany(p => new DeliveryLane(p, Ledger, Me, _workspace!.Settings.Delivery, Clock, NullLogger<DeliveryLane>.Instance).Start(stop.Token, Token)).ToArray();
        try
        {
            await Until.TrueAsync(
                async () =>
                {
                    await Ledger.UpkeepAsync(Token);
                    Assert.DoesNotContain(loops, l => l.IsFaulted);
                    return await done();
                },
                Patience,
                async () => string.Join("; ", (await Ledger.ReadStatusAsync(CancellationToken.None)).Select(s => $"{s.Pipeline} {string.Join(' ', s.States)} {s.ParkedUntil} {s.ParkedReason?.En} {s.Paused?.Reason}")));
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops);
        }
    }

    /// <summary>Runs all lanes until nothing is on its way any more.</summary>
    public Task DeliverAsync() => WorkUntilAsync(async () => Settled.Is(await Ledger.ReadStatusAsync(Token)));

    /// <summary>Runs all lanes until this pipeline rests.</summary>
    /// <returns>How it stood then: a short rest is over before one can look again.</returns>
    public async Task<PipelineStatus> WorkUntilRestsAsync(string pipeline)
    {
        PipelineStatus? resting = null;
        await WorkUntilAsync(async () => (resting = await StatusAsync(pipeline)).ParkedUntil is not null);
        return resting!;
    }

    /// <summary>Long enough for every lane to look many times; what must not happen has its chance.</summary>
    public async Task WorkInVainAsync()
    {
        var looks = 0;
        await WorkUntilAsync(() => Task.FromResult(++looks > 12));
    }

    public async Task<PipelineStatus> StatusAsync(string pipeline) => (await Ledger.ReadStatusAsync(Token)).Single(s => s.Pipeline == pipeline);

    public async Task<long> CountAsync(string pipeline, RecordState state) => (await StatusAsync(pipeline)).States.GetValueOrDefault(state);

    /// <summary>Calls of a service that reached the portal; a look-up is not one of its writes.</summary>
    public int Calls(string? service = null) => Receiver.Requests().Count(r => service is null ? r.Service != ServiceNames.Login : r.Service == service);

    /// <summary>A clean record of a pipeline, in the order of keys.</summary>
    public string Clean(string pipeline, int skip = 0) => Expectations.ReadFates(Province, pipeline).Where(f => f.Fate == Fate.Acknowledged).Skip(skip).First().Key;

    public Task<Answer> TypeAsync(params string[] command) => _rig.RunAsync(command);

    /// <summary>Who decided what, newest last.</summary>
    public (string Who, string What, long Versions, string Reason)[] Audit()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={LedgerPath};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT who, what, versions, reason FROM audit ORDER BY id";
        using var reader = command.ExecuteReader();
        var rows = new List<(string, string, long, string)>();
        while (reader.Read())
        {
            rows.Add((reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3)));
        }

        return [.. rows];
    }

    /// <summary>Nothing is lost and nothing was done twice, by the province's own list of dirt and the portal's list of effects.</summary>
    public Task AssertAllAsExpectedAsync() => Settled.AssertAsync(Province, Ledger, Receiver, Token);

    /// <summary>No content was applied twice, whatever else is still open.</summary>
    public void AssertNothingTwice() => Assert.Empty(Receiver.Effects().GroupBy(e => (e.Service, e.Key, e.Sha256)).Where(g => g.Count() > 1).Select(g => g.Key));

    public static string Field(Effect effect, string name) => (string)JObject.Parse(effect.Raw)[name]!;

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _rig.DisposeAsync();
    }

    private async Task CloseAsync()
    {
        if (_pipelines is not null)
        {
            await _pipelines.DisposeAsync();
            await Ledger.DisposeAsync();
        }
    }
}
