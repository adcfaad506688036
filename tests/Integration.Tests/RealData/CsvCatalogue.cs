using System.Text;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.House;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.RealData;

/// <summary>A catalogue of real services that comes as CSV files instead of from a database: mappings, inbox, ledger and portal of its own.</summary>
internal sealed class CsvCatalogue : IAsyncDisposable
{
    private static readonly WorkerIdentity Me = new("test", Language.English);

    // Any fixed moment long ago: the file stands still.
    private static readonly DateTime Written = new(2025, 7, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly string _folder;

    private CsvCatalogue(string folder, Portal portal, RealNames names)
    {
        (_folder, Portal) = (folder, portal);
        Inbox = Directory.CreateDirectory(Path.Combine(folder, "inbox")).FullName;
        Services = [.. names.Communes.Select((c, i) => (Commune: c, Procedure: names.Procedures[i % names.Procedures.Count])).Select(s => new RealService($"{s.Procedure.Code}-{s.Commune.Code}", s.Procedure, s.Commune))];
    }

    public Portal Portal { get; }

    public string Inbox { get; }

    public IReadOnlyList<RealService> Services { get; }

    public static async Task<CsvCatalogue> StartAsync(RealNames names)
    {
        var folder = Directory.CreateTempSubdirectory("catalogue-").FullName;
        var work = new CsvCatalogue(folder, await Portal.StartAsync(new PortalOptions(), TestContext.Current.CancellationToken), names);
        work.WriteLookups(names);
        return work;
    }

    /// <summary>Drops the whole catalogue as a file of this form and runs a sync and its delivery to the end.</summary>
    /// <param name="form">nfc, nfd (both UTF-8) or windows-1258, declared as what it is.</param>
    public async Task<SliceCounts> FeedAsync(string form)
    {
        var encoding = form == "windows-1258" ? form : "utf-8";
        Drop(form switch { "nfc" => Encoding.UTF8.GetBytes(Csv()), "nfd" => Encoding.UTF8.GetBytes(Csv().Normalize(NormalizationForm.FormD)), _ => Windows1258(Csv()) });
        var result = await RunAsync(encoding);
        Assert.True(result.Outcome == RunOutcome.Done, result.Detail?.En);
        Assert.Equal(0, result.Counts.Rejected);
        return result.Counts;
    }

    /// <summary>Drops these lines under the usual header and delivers what comes of them.</summary>
    public async Task<SliceCounts> FeedLinesAsync(params IEnumerable<string> lines)
    {
        Drop(Encoding.UTF8.GetBytes(string.Concat(lines.Prepend("service_code,service_name,procedure_code,commune_code").Select(l => $"{l}\n"))));
        var result = await RunAsync("utf-8");
        Assert.True(result.Outcome == RunOutcome.Done, result.Detail?.En);
        return result.Counts;
    }

    /// <summary>A line more in the lookup of procedures.</summary>
    public void AddProcedure(string code) => File.AppendAllText(Path.Combine(_folder, "mappings", "lookups", "procedures.csv"), $"{code},{code},Thủ tục {code},Hộ tịch\n");

    /// <summary>A line more in the map.</summary>
    public string? MoreMap { get; set; }

    /// <summary>Maps again what was refused, as <c>failures replay</c> does, and delivers it.</summary>
    /// <returns>Records no longer refused.</returns>
    public async Task<int> MapAgainAsync()
    {
        var mapped = 0;
        await WithPipelineAsync("utf-8", async (pipeline, ledger) =>
            mapped = await new Remapping(pipeline, ledger, Me, NullLogger.Instance).RunAsync(new FailureFilter(), TestContext.Current.CancellationToken) ?? -1);
        return mapped;
    }

    /// <summary>Every failure: key and rule, in order of the keys.</summary>
    public async Task<IReadOnlyList<(string Key, string Rule)>> FailuresAsync()
    {
        IReadOnlyList<FailureRow> rows = [];
        await WithPipelineAsync("utf-8", async (_, ledger) => rows = await ledger.ReadFailuresAsync(new FailureFilter(), 0, 100, TestContext.Current.CancellationToken));
        return [.. rows.Select(r => (r.Key, r.Rejection.Rule)).Distinct().Order()];
    }

    /// <summary>Windows-1258 where UTF-8 is declared.</summary>
    /// <returns>What the run said.</returns>
    public async Task<Text> FeedWronglyAsync()
    {
        Drop(Windows1258(Csv()));
        var result = await RunAsync("utf-8");
        Assert.Equal(RunOutcome.Stopped, result.Outcome);
        return result.Detail!;
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<SyncResult> RunAsync(string encoding)
    {
        SyncResult? result = null;
        await WithPipelineAsync(encoding, async (pipeline, ledger) => result = await new SyncRun(pipeline, ledger, Me, new DeliverySettings().Lease, TimeProvider.System, NullLogger<SyncRun>.Instance, new LimitSettings { FreeDisk = 0 })
            .RunAsync(new SyncRequest(RunKind.Request), TestContext.Current.CancellationToken));
        return result!;
    }

    // Everything is read anew, as by a program that was started anew; what is due afterwards is delivered.
    private async Task WithPipelineAsync(string encoding, Func<Pipeline, ILedger, Task> work)
    {
        var cancelled = TestContext.Current.CancellationToken;
        WritePipeline(encoding);
        var workspace = Workspace.Read(new ConfigurationBuilder().AddInMemoryCollection(Settings()).Build());
        Assert.Empty(workspace.Faults.Select(f => $"{f.At} {f.What.En}"));
        await using var ledger = workspace.OpenLedger(TimeProvider.System, NullLoggerFactory.Instance);
        await ledger.OpenAsync(cancelled);
        await using var pipelines = PipelineSet.Build(workspace.Definitions.Pipelines, workspace.Configuration, TimeProvider.System, NullLoggerFactory.Instance);
        var pipeline = pipelines.Find("services")!;
        await work(pipeline, ledger);
        var lane = new DeliveryLane(pipeline, ledger, Me, workspace.Settings.Delivery, TimeProvider.System, NullLogger<DeliveryLane>.Instance);
        Assert.Equal(LaneLook.Idle, await lane.DrainAsync(cancelled, cancelled));
    }

    private Dictionary<string, string?> Settings() => new(StringComparer.Ordinal)
    {
        ["Mappings"] = Path.Combine(_folder, "mappings"),
        ["Ledger:ConnectionString"] = $"Data Source={Path.Combine(_folder, "ledger.db")}",
        ["Connections:Files:Folder"] = Inbox,
        ["Connections:Portal:Url"] = Portal.Url,
        ["Connections:Portal:Username"] = new PortalOptions().Username,
        ["Connections:Portal:Password"] = new PortalOptions().Password,
        ["Connections:Portal:Unit"] = "000.00.00.H60",
    };

    private void WriteLookups(RealNames names)
    {
        var lookups = Directory.CreateDirectory(Path.Combine(_folder, "mappings", "lookups")).FullName;
        File.WriteAllLines(Path.Combine(lookups, "procedures.csv"), names.Procedures.Select(p => Line(p.Code, p.Code, p.Name, p.Field)).Prepend("from,to,TENTTHC,TENLINHVUC"));
        File.WriteAllLines(Path.Combine(lookups, "agencies.csv"), names.Communes.Select(c => Line(c.Code, c.Code, $"UBND {c.FullName}")).Prepend("from,to,name"));
    }

    // The shipped pipeline's contract and its target, on another source.
    private void WritePipeline(string encoding)
    {
        var pipeline = Directory.CreateDirectory(Path.Combine(_folder, "mappings", "services")).FullName;
        File.Copy(Path.Combine(Repository.Root, "mappings", "services", "contract.schema.json"), Path.Combine(pipeline, "contract.schema.json"), overwrite: true);
        File.WriteAllText(Path.Combine(pipeline, "pipeline.yaml"), $$"""
            source:
              csv: { connection: Files, key: service_code, encoding: {{encoding}}, columns: [service_code, service_name, procedure_code, commune_code] }
            target:
              dvcqg: { connection: Portal, service: DongBoDVC, recordKey: MADVC, lookUp: { service: LayDVC, argument: MADVC, from: MADVC, path: share } }
            schedule: { cron: "0 1 * * *", zone: Asia/Ho_Chi_Minh }
            map:
              MADVC: service_code
              MATTHC: { from: procedure_code, lookup: procedures }
              TENDVC: service_name
              TENTTHC: { from: procedure_code, lookup: procedures.TENTTHC }
              TENLINHVUC: { from: procedure_code, lookup: procedures.TENLINHVUC }
              TENCOQUANBANHANH: { from: commune_code, lookup: agencies.name }
              {{MoreMap}}

            """);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(pipeline, "samples")).FullName, "unmapped.json"), """
            { "in": { "service_code": "X", "service_name": "X", "procedure_code": "X", "commune_code": "X" },
              "rejected": [ { "rule": "lookup-missing", "field": "MATTHC" }, { "rule": "lookup-missing", "field": "TENTTHC" },
                            { "rule": "lookup-missing", "field": "TENLINHVUC" }, { "rule": "lookup-missing", "field": "TENCOQUANBANHANH" } ] }
            """);
    }

    private void Drop(byte[] bytes)
    {
        var path = Path.Combine(Inbox, "services.csv");
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, Written);
    }

    private string Csv() => string.Concat(Services
        .Select(s => Line(s.Code, s.Procedure.Name, s.Procedure.Code, s.Commune.Code))
        .Prepend("service_code,service_name,procedure_code,commune_code")
        .Select(line => $"{line}\r\n"));

    private static string Line(params string[] cells) => string.Join(',', cells.Select(c => c.AsSpan().ContainsAny(",;\"") ? $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : c));

    // The code page has letters with their own marks (ê, ơ) and tones apart, as Windows keyboards typed them.
    private static byte[] Windows1258(string text)
    {
        const string Tones = "\u0300\u0301\u0303\u0309\u0323";
        var apart = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var all = c.ToString().Normalize(NormalizationForm.FormD);
            apart.Append(string.Concat(all.Where(x => !Tones.Contains(x))).Normalize(NormalizationForm.FormC)).Append(string.Concat(all.Where(x => Tones.Contains(x))));
        }

        return CodePagesEncodingProvider.Instance.GetEncoding("windows-1258", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!.GetBytes(apart.ToString());
    }
}
