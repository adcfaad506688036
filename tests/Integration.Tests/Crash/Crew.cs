using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;
using Demo;
using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using Integration.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>A sample province, a portal, one PostgreSQL ledger, and as many real workers on it as a test starts, each a process of its own.</summary>
internal sealed class Crew : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _folder;
    private readonly string _ledger;
    private readonly Dictionary<string, string> _environment;
    private readonly IReadOnlyDictionary<string, Expectation> _expected;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly List<Member> _members = [];

    private Crew(string folder, SampleProvince province, Portal portal, string workersConnection, string ledger)
    {
        (_folder, Province, Portal, _ledger) = (folder, province, portal, ledger);
        _expected = Expectations.Read(province).ToDictionary(e => e.Pipeline, StringComparer.Ordinal);
        _environment = ProvinceAtWork.Settings(folder, province, portal.Url, workersConnection)
            .ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value!, StringComparer.Ordinal);
        _environment["OperatorLanguage"] = "vi";
        _environment["Delivery__BatchBytes"] = "8192";
        _environment["Connections__Portal__RequestsPerSecond"] = "0";

        // A process that lives for seconds gains nothing from being compiled twice.
        _environment["DOTNET_TC_CallCounting"] = "0";
    }

    public SampleProvince Province { get; }

    public Portal Portal { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="ledger">The ledger's database, as the test looks into it.</param>
    /// <param name="workersConnection">What the workers are told instead; null: the same.</param>
    public static async Task<Crew> CreateAsync(int dossiers, string ledger, FaultPlan faults, string? workersConnection = null)
    {
        var folder = Directory.CreateTempSubdirectory("crew-").FullName;
        var province = SampleProvince.Create(folder, dossiers);
        var portal = await Portal.StartAsync(new PortalOptions(), Cancelled);
        portal.Faults = faults;
        return new Crew(folder, province, portal, workersConnection ?? ledger, ledger);
    }

    /// <summary>For workers started from now on.</summary>
    public void Set(string name, string value) => _environment[name] = value;

    /// <summary>Starts one, without waiting until it is up.</summary>
    public Member Launch()
    {
        var member = new Member(ChildProcess.Start("integration.dll", ["run", "--stop-with-stdin"], _environment, keptLines: 2000));
        _members.Add(member);
        return member;
    }

    public async Task<Member[]> StartAsync(int count)
    {
        var members = Enumerable.Range(0, count).Select(_ => Launch()).ToArray();
        foreach (var member in members)
        {
            await ReadyAsync(member);
        }

        return members;
    }

    public static async Task<string> ListeningAsync(Member member) =>
        member.Url ??= await member.Process.WaitForLineAsync("listening ", Cancelled).WaitAsync(Patience, Cancelled);

    public async Task ReadyAsync(Member member)
    {
        await ListeningAsync(member);
        await UntilAsync(() => IsReadyAsync(member), "the worker is ready");
    }

    public async Task<bool> IsReadyAsync(Member member)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri($"{member.Url}/health/ready"), Cancelled);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException || (e is TaskCanceledException && !Cancelled.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>A signal by its name (<c>STOP</c>, <c>CONT</c>, <c>TERM</c>).</summary>
    public static async Task SignalAsync(Member member, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{member.Process.Id}"]);
        await kill.WaitForExitAsync(Cancelled);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Another program on the same configuration.</summary>
    public async Task<(int Code, string Said)> RunBesideAsync(params string[] arguments)
    {
        await using var other = ChildProcess.Start("integration.dll", arguments, _environment);
        var code = await other.Ended.WaitAsync(Patience, Cancelled);
        return (code, string.Join(' ', other.LastLines.Select(l => l.Trim())));
    }

    /// <summary>Waits; a worker that ends meanwhile without having been told to fails the test.</summary>
    public Task UntilAsync(Func<Task<bool>> condition, string what) => Until.TrueAsync(
        async () =>
        {
            Assert.All(_members.Where(m => !m.MayEnd), m => Assert.False(m.Process.Ended.IsCompleted, $"A worker ended: {m.Log}"));
            return await condition();
        },
        Patience,
        async () => $"{what}. {await TryLookAsync()}\n{string.Join("\n----\n", _members.Select(m => m.Log))}");

    public Task LedgerAsync(Func<LedgerLook, bool> condition, string what) => UntilAsync(async () => await TryLookAsync() is { } look && condition(look), what);

    /// <summary>Waits until so many calls of a service have reached the portal.</summary>
    public Task CallsAsync(int calls, string? service = null, long after = 0) =>
        UntilAsync(() => Task.FromResult(Calls(service, after) >= calls), $"{calls} calls of {service ?? "any service"}");

    public int Calls(string? service = null, long after = 0) => Portal.Requests(after).Count(r => service is null || r.Service == service);

    public async Task<LedgerLook> LookAsync()
    {
        await using DbConnection ledger = new NpgsqlConnection(_ledger);
        return await LedgerLook.TakeAsync(ledger, 0, DateTimeOffset.MinValue, Cancelled);
    }

    public async Task<T> SqlAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection($"{_ledger};Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>Waits until everything is extracted and nothing is on its way, then holds ledger and portal against the province.</summary>
    public async Task SettleAsync(string? ledger = null)
    {
        await UntilAsync(
            async () =>
            {
                var look = await TryLookAsync(ledger);
                return look is not null && _expected.Values.All(e => look.Extracted(e.Pipeline) == e.Extracted)
                    && look.Count(RecordState.Ready) + look.Count(RecordState.Leased) + look.Count(RecordState.Unknown) + look.RunsUnderWay == 0;
            },
            $"everything is settled: {string.Join("; ", _expected.Values.Select(e => $"{e.Pipeline} {e.Acknowledged}+{e.Waiting}+{e.Refused}"))}");
        await using var opened = LedgerFactory.Create("postgres", ledger ?? _ledger, TimeProvider.System, NullLoggerFactory.Instance);
        await Settled.AssertAsync(Province, opened, Portal, Cancelled);
    }

    /// <summary>Tells it to end as a service manager does; it must do so in order.</summary>
    public static async Task TerminateAsync(Member member)
    {
        member.MayEnd = true;
        await SignalAsync(member, "TERM");
        var code = await member.Process.Ended.WaitAsync(TimeSpan.FromSeconds(40), Cancelled);
        Assert.True(code == 0, $"{code}: {member.Log}");
    }

    public async Task TerminateAllAsync()
    {
        foreach (var member in _members.Where(m => !m.Process.Ended.IsCompleted))
        {
            await TerminateAsync(member);
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public static async Task KillAsync(Member member)
    {
        member.MayEnd = true;
        member.Process.Kill();
        Assert.Equal(137, await member.Process.Ended);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            member.Process.Kill();
            await member.Process.DisposeAsync();
        }

        _client.Dispose();
        await Portal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<LedgerLook?> TryLookAsync(string? ledger = null)
    {
        try
        {
            await using DbConnection connection = new NpgsqlConnection(ledger ?? _ledger);
            return await LedgerLook.TakeAsync(connection, 0, DateTimeOffset.MinValue, Cancelled);
        }
        catch (NpgsqlException)
        {
            // The server is away, which is what the test is about.
            return null;
        }
    }

    /// <summary>One worker.</summary>
    internal sealed class Member(ChildProcess process)
    {
        public ChildProcess Process => process;

        public string? Url { get; set; }

        /// <summary>The test ends it itself.</summary>
        public bool MayEnd { get; set; }

        public string Log => string.Join('\n', process.LastLines);

        public bool Said(string words) => process.LastLines.Any(l => l.Contains(words, StringComparison.Ordinal));
    }
}
