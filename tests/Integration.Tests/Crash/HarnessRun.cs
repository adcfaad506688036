using System.Diagnostics;
using System.Globalization;
using Integration.Records;
using Microsoft.Data.Sqlite;
using PortalSimulator;
using PortalSimulator.Faults;

namespace Integration.Tests.Crash;

/// <param name="OnWork">Kills that came while a call, a lease or a run was under way.</param>
/// <param name="ReadySeconds">From the start of a process until it is ready.</param>
/// <param name="FreeSeconds">From a worker's death until nothing it had leased is leased any more.</param>
/// <param name="Kept">Where the ledger, the effects and the events of a failed run lie; null: it did not fail.</param>
internal sealed record RunResult(
    Plan Plan, IReadOnlyList<Violation> Violations, int Kills, int OnWork, int Versions, int Effects, IReadOnlyList<double> ReadySeconds, IReadOnlyList<double> FreeSeconds, double Seconds,
    IReadOnlyList<string> Events, string? Kept)
{
    public bool Passed => Violations.Count == 0;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Plan.Store} seed {Plan.Seed}: {Kills} kills, {OnWork} on work in flight, {Versions} versions, {Effects} effects, ready in {ReadySeconds.DefaultIfEmpty().Max():F1} s at most, {Seconds:F1} s: {(Passed ? "holds" : $"BROKEN: {Violations[0]}")}");

    /// <summary>What is needed to understand a failure and to see it again.</summary>
    public string Tell() => string.Join('\n',
    [
        ToString(), .. Violations.Take(20).Select(v => $"  {v}"), $"  seed {Plan.Seed}, store {Plan.Store}, {Plan.Kills.Count} kills: {string.Join("; ", Plan.Kills)}", $"  kept in {Kept}",
        "  last 200 events:", .. Events.TakeLast(200).Select(e => $"    {e}"),
    ]);
}

/// <summary>One run: sources that change, workers that die, a portal that misbehaves and lives through everything.</summary>
internal sealed class HarnessRun : IAsyncDisposable
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(180);

    private readonly Plan _plan;
    private readonly string _folder;
    private readonly Portal _portal;
    private readonly SourceAtRisk _source;
    private readonly Truth _truth = new();
    private readonly Changes _changes;
    private readonly Invariants _invariants;
    private readonly HarnessWorker _worker;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<string> _events = [];
    private readonly List<Violation> _violations = [];
    private readonly List<double> _ready = [];
    private readonly List<double> _free = [];
    private readonly Stopwatch _sinceDeath = new();
    private long _leasedAtDeath;
    private DateTimeOffset _launched;
    private long _requestsAtStart;
    private int _kills;
    private int _onWork;

    private HarnessRun(Plan plan, string folder, Portal portal, SourceAtRisk source, string? postgres, string program)
    {
        (_plan, _folder, _portal, _source) = (plan, folder, portal, source);
        var inbox = Path.Combine(folder, "inbox");
        var drops = new Drops(inbox, _truth, Tell);
        drops.CreateFolders();
        _changes = new Changes(plan.Seed, _truth, source, drops, Tell);
        _invariants = new Invariants(portal, inbox, drops);
        _worker = new HarnessWorker(program, folder, postgres, Settings(folder, portal.Url, source, postgres));
    }

    /// <param name="ledger">Connection string of an empty database; null: SQLite.</param>
    /// <param name="source">The same for the province's database.</param>
    public static async Task<HarnessRun> CreateAsync(Plan plan, string? ledger, string? source, string program, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("harness-").FullName;
        HarnessFolder.Write(Path.Combine(folder, "mappings"), plan.PerRecord);
        var portal = await Portal.StartAsync(new PortalOptions { PerRecordResults = plan.PerRecord }, cancellationToken);
        portal.Faults = plan.Faults;
        var from = source is null
            ? new SourceAtRisk("sqlite", new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "source.db"), Pooling = false }.ToString())
            : new SourceAtRisk("postgres", $"{source};Pooling=false");
        await from.CreateAsync(cancellationToken);
        return new HarnessRun(plan, folder, portal, from, ledger, program);
    }

    public async Task<RunResult> RunAsync(CancellationToken cancellationToken)
    {
        var changing = Task.CompletedTask;
        foreach (var kill in _plan.Kills)
        {
            changing = ThenAsync(changing, cancellationToken);
            await DieAsync(kill, cancellationToken);
            await CheckAsync();
            if (_violations.Count > 0)
            {
                break;
            }
        }

        await changing;
        await _changes.FreezeAsync(cancellationToken);
        if (_violations.Count == 0)
        {
            await SettleAsync(cancellationToken);
        }

        var look = await _worker.LookAsync(t => t.ReadAsync(cancellationToken));
        return new RunResult(
            _plan, _violations, _kills, _onWork, look.Versions.Count, _invariants.LookAtEffects(), _ready, _free, _clock.Elapsed.TotalSeconds, _events, _violations.Count == 0 ? null : await KeepAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _changes.DisposeAsync();
        await _portal.DisposeAsync();
        if (_violations.Count == 0)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task ThenAsync(Task before, CancellationToken cancellationToken)
    {
        await before;
        await _changes.RunAsync(_plan.Transactions, cancellationToken);
    }

    private async Task LaunchAsync(string? crashAt)
    {
        _requestsAtStart = _portal.Summary().Requests;
        _launched = TimeProvider.System.GetUtcNow();
        await _worker.LaunchAsync(crashAt);
        Tell($"worker launched{(crashAt is null ? "" : $", to crash at {crashAt}")}");
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (await _worker.ReadyAsync(Start, cancellationToken) is { } took)
        {
            _ready.Add(took.TotalSeconds);
        }
        else
        {
            Break(20, $"the worker is not ready: {string.Join(" | ", _worker.LastLines)}");
        }
    }

    private async Task DieAsync(Kill kill, CancellationToken cancellationToken)
    {
        Tell($"next: {kill}");
        var isOwn = kill.Kind is KillKind.AtFailpoint or KillKind.WhileStopping;
        await LaunchAsync(isOwn ? $"{kill.Point}:{kill.Hit}" : null);
        switch (kill.Kind)
        {
            case KillKind.AfterCalls or KillKind.PowerCut or KillKind.WhileStopping:
                await ReadyAsync(cancellationToken);
                await _worker.UntilAsync(() => Task.FromResult(_portal.Summary().Requests - _requestsAtStart >= kill.Calls), TimeSpan.FromSeconds(8), cancellationToken);
                await Task.Delay(kill.DelayMs, cancellationToken);
                break;
            case KillKind.AfterReady:
                await ReadyAsync(cancellationToken);
                await Task.Delay(kill.DelayMs, cancellationToken);
                break;
            case KillKind.BeforeReady:
                await Task.Delay(kill.DelayMs, cancellationToken);
                break;
            case KillKind.InReplay:
                await ReadyAsync(cancellationToken);
                await ReplayAsync(kill, cancellationToken);
                break;
        }

        if (kill.Kind == KillKind.WhileStopping)
        {
            await _worker.TerminateAsync();
        }

        if (kill.Kind == KillKind.AtFailpoint)
        {
            // Many points are reached on the way; patience is for the work after it.
            await _worker.ReadyAsync(Start, cancellationToken);
        }

        if (isOwn && !await _worker.DiesAsync(TimeSpan.FromSeconds(_plan.DemandsPoints ? 30 : 6)))
        {
            Tell($"{kill.Point} was not reached");
            if (_plan.DemandsPoints)
            {
                Break(24, $"failpoint {kill.Point}:{kill.Hit} was not reached");
            }
        }

        var calling = _portal.Requests(_requestsAtStart).Any(r => r.Status is null);
        if (!isOwn && _worker.HasEnded)
        {
            Break(20, $"the worker ended by itself: {string.Join(" | ", _worker.LastLines)}");
        }

        var code = kill.Kind == KillKind.PowerCut ? await _worker.CutPowerAsync() : await _worker.KillAsync();
        if (code != 137)
        {
            Break(20, $"the worker ended with code {code}: {string.Join(" | ", _worker.LastLines)}");
        }

        _sinceDeath.Restart();
        var left = await _worker.LookAsync(t => t.ReadAsync(cancellationToken));
        _leasedAtDeath = left.Versions.Where(v => v.State == RecordState.Leased).Select(v => v.Token).DefaultIfEmpty().Max();
        var isOnWork = calling || left.RunsUnderWay > 0 || left.Count(RecordState.Leased) > 0;
        (_kills, _onWork) = (_kills + 1, _onWork + (isOnWork ? 1 : 0));
        Tell($"worker dead{(isOnWork ? ", work was in flight" : "")}: {left}");
    }

    /// <summary>A replay that dies half-way changed nothing; the next one does it all, and leaves one line in the audit trail.</summary>
    private async Task ReplayAsync(Kill kill, CancellationToken cancellationToken)
    {
        string[] replay = ["failures", "replay", "--rule", Rules.RefusedByTarget.Code, "--reason", "harness"];
        if (!await _worker.UntilLedgerAsync(
            async t => (await t.ReadAsync(cancellationToken)).Versions.Any(v => v is { State: RecordState.Quarantined, Kind: EntryKind.Put }), TimeSpan.FromSeconds(20), cancellationToken))
        {
            Break(24, "nothing was refused by the portal, so nothing can be replayed");
            return;
        }

        var before = (await _worker.LookAsync(t => t.ReadAsync(cancellationToken))).Audited;
        var died = await _worker.RunBesideAsync(replay, $"{kill.Point}:{kill.Hit}");
        var between = (await _worker.LookAsync(t => t.ReadAsync(cancellationToken))).Audited;
        var done = await _worker.RunBesideAsync(replay, null);
        var after = (await _worker.LookAsync(t => t.ReadAsync(cancellationToken))).Audited;
        Tell($"replay died with {died} at {kill.Point}, then ended with {done}; audited {before}, {between}, {after}");
        if (died != 137 || done != 0)
        {
            Break(24, $"the replay was to die and then to succeed, and ended with {died} and {done}");
        }

        if (between != before || after != before + 1)
        {
            Break(13, $"of a replay that died and one that did not the audit trail has {after - before} lines");
        }
    }

    private async Task CheckAsync()
    {
        var before = _truth.Take(committed: true);
        var known = _invariants.LookAtEffects();
        var ledger = await _worker.LookAsync(t => t.ReadAsync(CancellationToken.None));
        _invariants.LookAtEffects();
        _violations.AddRange(_invariants.CheckAlways(before, known, ledger, _truth.Take(committed: false)));
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        _portal.Faults = new FaultPlan();
        Tell("sources are still, faults are over");

        // What one reading passed over (a stamp taken before and committed after it) the next one brings.
        IReadOnlyList<Violation> open = [];
        for (var round = 1; round <= 3; round++)
        {
            await LaunchAsync(null);
            await ReadyAsync(cancellationToken);
            await AwaitLeasesAsync(cancellationToken);
            var isSettled = await _worker.UntilLedgerAsync(t => t.IsSettledAsync(_launched, HarnessFolder.All.Count, cancellationToken), Longest, cancellationToken);
            await CheckAsync();
            var ledger = await _worker.LookAsync(t => t.ReadAsync(cancellationToken));
            Tell($"round {round}{(isSettled ? "" : ", not settled")}: {ledger}");
            open = [.. _invariants.CheckSettled(ledger, _truth.Take(committed: true))];
            if (await _worker.StopAsync() is var code and not 0)
            {
                Break(20, $"a worker told to stop ended with code {code}: {string.Join(" | ", _worker.LastLines)}");
            }

            if (open.Count == 0 || _violations.Count > 0 || !isSettled)
            {
                break;
            }
        }

        _violations.AddRange(open);
        for (var i = 0; await _source.SessionsOfWorkersAsync(cancellationToken) > 0; i++)
        {
            if (i == 50)
            {
                Break(17, "sessions of dead workers stay open at the source");
                break;
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    private async Task AwaitLeasesAsync(CancellationToken cancellationToken)
    {
        if (_leasedAtDeath == 0)
        {
            return;
        }

        if (await _worker.UntilLedgerAsync(async t => await t.LeasedUpToAsync(_leasedAtDeath, cancellationToken) == 0, Longest, cancellationToken))
        {
            _free.Add(_sinceDeath.Elapsed.TotalSeconds);
        }

        _leasedAtDeath = 0;
    }

    private async Task<string> KeepAsync()
    {
        var kept = Directory.CreateDirectory(Path.Combine(_folder, "kept")).FullName;
        if ((await _worker.LookAsync(t => t.ReadAsync(CancellationToken.None))).Versions.Count > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(kept, "ledger.txt"), await _worker.LookAsync(t => t.DumpAsync(CancellationToken.None)));
        }

        await File.WriteAllLinesAsync(Path.Combine(kept, "effects.txt"), _portal.Effects().Select(e => $"{e.Seq}\t{e.Time:O}\t{e.Service}\t{e.Key}\t{e.Kind}\t{e.Sha256}\t{e.Raw}"));
        await File.WriteAllLinesAsync(Path.Combine(kept, "requests.txt"), _portal.Requests().Select(r => $"{r.Seq}\t{r.Time:O}\t{r.Service}\t{r.Records}\t{r.Applied}\t{r.Code}\t{r.Fault}\t{r.Status}"));
        await File.WriteAllLinesAsync(Path.Combine(kept, "events.txt"), _events);
        return kept;
    }

    private void Break(int invariant, string what) => _violations.Add(new Violation(invariant, what));

    private void Tell(string what)
    {
        lock (_events)
        {
            _events.Add(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,7:F3} {what}"));
        }
    }

    private static Dictionary<string, string> Settings(string folder, string portal, SourceAtRisk source, string? postgres)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Mappings"] = Path.Combine(folder, "mappings"),
            ["OperatorLanguage"] = "en",
            ["RunAtStart"] = "true",
            ["Ledger__Provider"] = postgres is null ? "sqlite" : "postgres",
            ["Ledger__ConnectionString"] = postgres ?? new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "ledger.db") }.ToString(),
            ["Connections__OneStop__Provider"] = source.Provider,
            ["Connections__OneStop__ConnectionString"] = source.ConnectionString,
            ["Connections__OneStop__Zone"] = "UTC",
            ["Connections__Inbox__Folder"] = Path.Combine(folder, "inbox"),
            ["Http__Url"] = "http://127.0.0.1:0",

            // Short, so that a run need not wait for what takes minutes in a province; and many small calls, to be killed in.
            ["Delivery__Lease"] = "00:00:01.2",
            ["Delivery__LookEvery"] = "00:00:00.225",
            ["Delivery__Settle"] = "00:00:00.3",
            ["Delivery__UpkeepEvery"] = "00:00:00.2",
            ["Delivery__BatchBytes"] = "8192",

            // A process that lives for seconds gains nothing from being compiled twice.
            ["DOTNET_TC_CallCounting"] = "0",
            ["DOTNET_TieredPGO"] = "0",

            // Workers die here without any record's fault, and far more often than in years of a province.
            ["Delivery__CrashesAlone"] = "100",
        };
        foreach (var connection in (string[])["Portal", "Files"])
        {
            settings[$"Connections__{connection}__Url"] = portal;
            settings[$"Connections__{connection}__Username"] = new PortalOptions().Username;
            settings[$"Connections__{connection}__Password"] = new PortalOptions().Password;
            settings[$"Connections__{connection}__Unit"] = "000.00.00.H60";
            settings[$"Connections__{connection}__Timeout"] = "00:00:05";
            settings[$"Connections__{connection}__Circuit__Break"] = "1s";
            settings[$"Connections__{connection}__RequestsPerSecond"] = "0";
        }

        return settings;
    }
}
