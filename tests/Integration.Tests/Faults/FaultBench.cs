using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>
/// Two pipelines, one ledger, one portal. <see cref="Things"/> has the source that a test spoils; <see cref="Others"/> reads files of its own,
/// and whatever happens to the first must go on as if nothing had.
/// </summary>
internal sealed class FaultBench : IAsyncDisposable
{
    public const string Things = "things";
    public const string Others = "others";

    private static readonly WorkerIdentity Me = new("test", Language.Vietnamese);

    private readonly IConfiguration _configuration;
    private readonly List<string> _others = [];
    private readonly TimeProvider _clock;
    private bool _closed;

    private FaultBench(string folder, Portal portal, Workspace workspace, IConfiguration configuration, TimeProvider clock)
    {
        (Folder, Portal, Workspace, _configuration, _clock) = (folder, portal, workspace, configuration, clock);
        (Ledger, Pipelines) = Open();
    }

    public string Folder { get; }

    public Portal Portal { get; }

    public Workspace Workspace { get; }

    public ILedger Ledger { get; private set; }

    public PipelineSet Pipelines { get; private set; }

    /// <summary>Of a run; short where a test waits for it to end.</summary>
    public TimeSpan RunLease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What lanes and runs wrote to the log.</summary>
    public Heard Heard { get; } = new();

    /// <summary>For a worker of its own process; <see cref="CloseAsync"/> first.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings => [.. _configuration.AsEnumerable().Where(s => s.Value is not null), new("Http:Url", "http://127.0.0.1:0")];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="source">What stands under <c>source:</c> of the first pipeline; its connection is called Source, its columns are key and name.</param>
    /// <param name="connection">Settings of that connection.</param>
    /// <param name="ledger">Where the SQLite ledger lies; null: in the bench's folder.</param>
    /// <param name="guard">Of the first pipeline; null: the usual one.</param>
    public static async Task<FaultBench> StartAsync(
        string source, Dictionary<string, string?> connection, string? query = null, string? ledger = null, string? guard = null, TimeProvider? clock = null,
        Dictionary<string, string?>? more = null)
    {
        var folder = Directory.CreateTempSubdirectory("faults-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "others"));
        Write(folder, Things, source, "Portal", guard, query ?? "SELECT key, name, updated_at FROM record");
        Write(folder, Others, "csv: { connection: Others, key: key, stable: 0s }", "PortalToo", null, null);
        var portal = await Portal.StartAsync(new PortalOptions(), Cancelled);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            Defaults(folder, portal.Url, ledger).Concat(connection.Select(c => KeyValuePair.Create($"Connections:Source:{c.Key}", c.Value))).Concat(more ?? []).GroupBy(s => s.Key).Select(g => g.Last())).Build();
        var workspace = Workspace.Read(configuration);
        Assert.Empty(workspace.Faults.Select(f => $"{f.At} {f.What.En}"));
        var bench = new FaultBench(folder, portal, workspace, configuration, clock ?? TimeProvider.System);
        await bench.Ledger.OpenAsync(Cancelled);
        return bench;
    }

    /// <summary>Nothing is kept free: what happens on a full disk is what is looked at.</summary>
    public static LimitSettings AnyDisk { get; } = new() { FreeDisk = 0 };

    /// <summary>One run of one pipeline, as it ended.</summary>
    public Task<SyncResult> SyncAsync(string pipeline = Things, bool full = false, bool allowMassChange = false) =>
        new SyncRun(Pipelines.Find(pipeline)!, Ledger, Me, RunLease, _clock, Heard.As<SyncRun>(), AnyDisk)
            .RunAsync(new SyncRequest(RunKind.Request, full, allowMassChange), Cancelled);

    /// <summary>One run that must come to its end.</summary>
    public async Task<SyncResult> SyncedAsync(string pipeline = Things)
    {
        var result = await SyncAsync(pipeline);
        Assert.True(result.Outcome == RunOutcome.Done, $"{pipeline}: {result.Outcome} {result.Detail?.En}");
        return result;
    }

    /// <summary>A run that must not come to its end, and what the operator is told in Vietnamese.</summary>
    public async Task<string> BrokenAsync(RunOutcome outcome)
    {
        var watermark = await Ledger.ReadWatermarkAsync(Things, Cancelled);
        var result = await SyncAsync();
        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(watermark, await Ledger.ReadWatermarkAsync(Things, Cancelled));
        await OthersFlowAsync();
        return result.Detail!.Vi;
    }

    /// <summary>Runs all lanes until nothing is on its way.</summary>
    public async Task DeliverAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var loops = Pipelines.All.SelectMany(p => Lane(p).Start(stop.Token, Cancelled)).ToArray();
        await Until.TrueAsync(
            async () =>
            {
                Assert.DoesNotContain(loops, l => l.IsFaulted);
                await Ledger.UpkeepAsync(Cancelled);
                return Settled.Is(await Ledger.ReadStatusAsync(Cancelled));
            },
            TimeSpan.FromSeconds(60),
            async () => string.Join("; ", (await Ledger.ReadStatusAsync(Cancelled)).Select(s => $"{s.Pipeline} {string.Join(' ', s.States)} {s.ParkedReason?.En}")));
        await stop.CancelAsync();
        await Task.WhenAll(loops);
    }

    /// <summary>A new file of the other pipeline is read and arrives, whatever the first pipeline is going through.</summary>
    public async Task OthersFlowAsync()
    {
        var key = $"O{_others.Count}";
        await File.WriteAllTextAsync(Path.Combine(Folder, "others", $"{key}.csv"), $"key,name\n{key},x\n", Cancelled);
        _others.Add(key);
        await SyncedAsync(Others);
        await DeliverAsync();
        Assert.Contains(Portal.Effects(), e => e.Key == key);
    }

    /// <summary>These records of the first pipeline arrived, each content once, and nothing else did.</summary>
    public async Task AssertArrivedAsync(IEnumerable<string> keys)
    {
        await DeliverAsync();
        var effects = Portal.Effects().ToArray();
        Assert.Empty(effects.GroupBy(e => (e.Key, e.Sha256)).Where(g => g.Count() > 1).Select(g => $"{g.Key.Key}: {string.Join(' ', g.Select(e => e.Kind))}"));
        Assert.Equal(keys.Concat(_others).Order(StringComparer.Ordinal), effects.Select(e => e.Key).Distinct().Order(StringComparer.Ordinal));
    }

    public async Task<long> CountAsync(RecordState state, string pipeline = Things) =>
        (await Ledger.ReadStatusAsync(Cancelled)).SingleOrDefault(s => s.Pipeline == pipeline)?.States.GetValueOrDefault(state) ?? 0;

    /// <summary>As a worker that was killed and started again: nothing is left but what is on the disk.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        (Ledger, Pipelines) = Open();
        _closed = false;
        await Ledger.OpenAsync(Cancelled);
    }

    public async Task CloseAsync()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        await Pipelines.DisposeAsync();
        await Ledger.DisposeAsync();
    }

    /// <summary>The lane of one pipeline at work, until disposed.</summary>
    public Lanes Start(string pipeline)
    {
        var stop = new CancellationTokenSource();
        return new Lanes(stop, Lane(Pipelines.Find(pipeline)!).Start(stop.Token, Cancelled));
    }

    public DeliveryLane Lane(Pipeline pipeline) => new(pipeline, Ledger, Me, Workspace.Settings.Delivery, _clock, Heard.As<DeliveryLane>());

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Portal.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    private (ILedger, PipelineSet) Open() =>
        (Workspace.OpenLedger(_clock, NullLoggerFactory.Instance), PipelineSet.Build(Workspace.Definitions.Pipelines, _configuration, _clock, NullLoggerFactory.Instance));

    private static Dictionary<string, string?> Defaults(string folder, string portal, string? ledger)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Mappings"] = Path.Combine(folder, "mappings"),
            ["Ledger:ConnectionString"] = new SqliteConnectionStringBuilder { DataSource = Path.Combine(ledger ?? folder, "ledger.db"), DefaultTimeout = 1 }.ToString(),
            ["Connections:Others:Folder"] = Path.Combine(folder, "others"),
            ["Delivery:Lease"] = "00:00:02",
            ["Limits:FreeDisk"] = "0",
            ["Delivery:LookEvery"] = "00:00:00.15",
            ["Delivery:Settle"] = "00:00:00.3",
        };
        foreach (var name in (string[])["Portal", "PortalToo"])
        {
            settings[$"Connections:{name}:Url"] = portal;
            settings[$"Connections:{name}:Username"] = new PortalOptions().Username;
            settings[$"Connections:{name}:Password"] = new PortalOptions().Password;
            settings[$"Connections:{name}:Unit"] = "000.00.00.H60";
            settings[$"Connections:{name}:Timeout"] = "00:00:05";
            settings[$"Connections:{name}:Circuit:Break"] = "1s";
            settings[$"Connections:{name}:RequestsPerSecond"] = "0";
        }

        return settings;
    }

    private static void Write(string folder, string pipeline, string source, string target, string? guard, string? query)
    {
        var to = Directory.CreateDirectory(Path.Combine(folder, "mappings", pipeline, "samples")).Parent!.FullName;
        File.WriteAllText(Path.Combine(to, "pipeline.yaml"), $$"""
            source:
              {{source}}
            target:
              dvcqg:
                connection: {{target}}
                service: DongBoDVC
                recordKey: MADVC
                lookUp: { service: LayDVC, argument: MADVC, from: MADVC, path: share, atLeast: 2 }
                codes: { "-2": session, "-4": notThere, "-9": tryLater }
            schedule: { cron: "* * * * *", zone: Asia/Ho_Chi_Minh }
            {{(guard is null ? "" : $"guard: {guard}")}}
            map:
              MADVC: key
              MATTHC: { value: "1.900001" }
              TENDVC: name

            """);
        File.WriteAllText(Path.Combine(to, "contract.schema.json"), """
            { "type": "object", "required": ["MADVC", "MATTHC", "TENDVC"], "additionalProperties": false,
              "properties": { "MADVC": { "type": "string" }, "MATTHC": { "type": "string" }, "TENDVC": { "type": "string", "maxLength": 2000 } } }
            """);
        File.WriteAllText(Path.Combine(to, "samples", "plain.json"), """
            { "in": { "key": "K1", "name": "Tên" }, "expected": { "MADVC": "K1", "MATTHC": "1.900001", "TENDVC": "Tên" } }
            """);
        if (query is not null && source.StartsWith("sql", StringComparison.Ordinal))
        {
            File.WriteAllText(Path.Combine(to, "things.sql"), query);
        }
    }

    internal sealed class Lanes(CancellationTokenSource stop, IReadOnlyList<Task> loops) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops);
            stop.Dispose();
        }
    }
}
