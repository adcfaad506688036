using Demo.Province;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.Support;

/// <summary>A small sample province, a portal, a ledger and the product's own pipelines between them, all real, in a folder of their own.</summary>
internal sealed class ProvinceAtWork : IAsyncDisposable
{
    private static readonly WorkerIdentity Me = new("test", Language.English);

    private readonly string _folder;

    private ProvinceAtWork(string folder, SampleProvince province, Portal portal, Workspace workspace, ILedger ledger, PipelineSet pipelines)
    {
        (_folder, Province, Portal, Workspace, Ledger, Pipelines) = (folder, province, portal, workspace, ledger, pipelines);
    }

    public SampleProvince Province { get; }

    public Portal Portal { get; }

    public Workspace Workspace { get; }

    public ILedger Ledger { get; }

    public PipelineSet Pipelines { get; }

    public DeliverySettings Delivery => Workspace.Settings.Delivery;

    /// <param name="postgres">Connection string of an empty database for the ledger; null: SQLite.</param>
    public static async Task<ProvinceAtWork> StartAsync(int dossiers, string? postgres, CancellationToken cancellationToken, PortalOptions? portalOptions = null)
    {
        var folder = Directory.CreateTempSubdirectory("province-").FullName;
        var province = SampleProvince.Create(folder, dossiers);
        var portal = await Portal.StartAsync(portalOptions ?? new PortalOptions(), cancellationToken);
        var workspace = Workspace.Read(new ConfigurationBuilder().AddInMemoryCollection(Settings(folder, province, portal.Url, postgres)).Build());
        Assert.Empty(workspace.Faults.Select(f => $"{f.At} {f.What.En}"));
        var ledger = workspace.OpenLedger(TimeProvider.System, NullLoggerFactory.Instance);
        await ledger.OpenAsync(cancellationToken);
        var pipelines = PipelineSet.Build(workspace.Definitions.Pipelines, workspace.Configuration, TimeProvider.System, NullLoggerFactory.Instance);
        return new ProvinceAtWork(folder, province, portal, workspace, ledger, pipelines);
    }

    /// <summary>What a worker of this province is told; short times, so that tests need not wait for what takes minutes in a province.</summary>
    public static Dictionary<string, string?> Settings(string folder, SampleProvince province, string portalUrl, string? postgres) => new(StringComparer.Ordinal)
    {
        ["Mappings"] = province.Mappings,
        ["OperatorLanguage"] = "en",
        ["Ledger:Provider"] = postgres is null ? "sqlite" : "postgres",
        ["Ledger:ConnectionString"] = postgres ?? new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "ledger.db") }.ToString(),
        ["Connections:OneStop:Provider"] = "sqlite",
        ["Connections:OneStop:ConnectionString"] = province.ConnectionString,
        ["Connections:Portal:Url"] = portalUrl,
        ["Connections:Portal:Username"] = new PortalOptions().Username,
        ["Connections:Portal:Password"] = new PortalOptions().Password,
        ["Connections:Portal:Unit"] = "000.00.00.H60",
        ["Connections:Portal:Timeout"] = "00:00:05",
        ["Connections:Portal:Circuit:Break"] = "1s",
        ["Connections:Portal:RequestsPerSecond"] = "0",
        ["Http:Url"] = "http://127.0.0.1:0",
        ["Delivery:Lease"] = "00:00:02",
        ["Limits:FreeDisk"] = "0",
        ["Delivery:LookEvery"] = "00:00:00.15",
        ["Delivery:Settle"] = "00:00:00.3",
        ["Delivery:UpkeepEvery"] = "00:00:00.2",
        ["Delivery:FirstRest"] = "00:00:00.1",
        ["Delivery:LongestRest"] = "00:00:02",
        ["Connections:Portal:RestAfterDenial"] = "2s",
    };

    public async Task<SyncResult> SyncAsync(string pipeline, bool full = false)
    {
        var result = await new SyncRun(Pipelines.Find(pipeline)!, Ledger, Me, new DeliverySettings().Lease, TimeProvider.System, NullLogger<SyncRun>.Instance, Workspace.Settings.Limits)
            .RunAsync(new SyncRequest(RunKind.Request, full), TestContext.Current.CancellationToken);
        Assert.True(result.Outcome == RunOutcome.Done, $"{pipeline}: {result.Outcome} {result.Detail?.En}");
        return result;
    }

    public async Task SyncAllAsync()
    {
        foreach (var pipeline in PipelineNames.All)
        {
            await SyncAsync(pipeline);
        }
    }

    /// <summary>Runs all lanes until nothing is open but what waits for a refused record.</summary>
    public async Task DeliverAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var loops = Pipelines.All.SelectMany(p => new DeliveryLane(p, Ledger, Me, Delivery, TimeProvider.System, NullLogger<DeliveryLane>.Instance).Start(stop.Token, TestContext.Current.CancellationToken)).ToArray();
        await Until.TrueAsync(
            async () =>
            {
                await Ledger.UpkeepAsync(TestContext.Current.CancellationToken);
                Assert.DoesNotContain(loops, l => l.IsFaulted);
                return await IsSettledAsync();
            },
            TimeSpan.FromSeconds(90),
            async () => string.Join("; ", (await Ledger.ReadStatusAsync(CancellationToken.None)).Select(s => $"{s.Pipeline} {string.Join(' ', s.States)} {s.ParkedReason?.En}"))
                + $" instead of {string.Join("; ", Expectations.Read(Province).Select(e => $"{e.Pipeline} {e.Acknowledged}+{e.Waiting}+{e.Refused}"))}");
        await stop.CancelAsync();
        await Task.WhenAll(loops);
    }

    public async Task<bool> IsSettledAsync() => Settled.Is(await Ledger.ReadStatusAsync(TestContext.Current.CancellationToken));

    /// <summary>Every record ended as the province's own list of planted dirt says, and the portal applied each acknowledged one exactly once.</summary>
    public async Task AssertAllAsExpectedAsync() => await Settled.AssertAsync(Province, Ledger, Portal, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Pipelines.DisposeAsync();
        await Ledger.DisposeAsync();
        await Portal.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
