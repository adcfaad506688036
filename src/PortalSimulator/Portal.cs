using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Newtonsoft.Json.Linq;
using PortalSimulator.Effects;
using PortalSimulator.Faults;
using PortalSimulator.Http;

namespace PortalSimulator;

/// <summary>
/// A strict stand-in for the national portal's envelope API, with a memory of every effect it ever had and faults to switch on.
/// <code>
/// await using var portal = await Portal.StartAsync(new PortalOptions(), token);
/// portal.Faults = new FaultPlan { Seed = 7, Faults = [new FaultRule { Mode = FaultModes.CommitThenDrop, Times = 2 }] };
/// … send to portal.Url …
/// Assert.Equal(0, portal.Summary().Services["CapNhatTienDoHoSoMC"].AppliedMoreThanOnce);
/// </code>
/// Over HTTP, from any process:
/// <list type="bullet">
/// <item><c>POST mapi/login</c> and <c>POST mapi/g</c>, also under <c>XrdAdapter/RestService/forward/</c> and <c>VXPAdapter/…</c>;
/// <c>POST relay/{service}?MaDinhDanhDV=…&amp;isUpdating=True|False</c> with a bare array.</item>
/// <item><c>GET sim/effects?after=SEQ&amp;limit=N</c> and <c>GET sim/requests?after=SEQ&amp;limit=N</c> (NDJSON), <c>GET sim/summary</c>.</item>
/// <item><c>GET|PUT|DELETE sim/faults</c> (<see cref="FaultPlan"/>), <c>GET|PUT sim/options</c> (<see cref="PortalSimulator.Switches"/>),
/// <c>PUT sim/procedures</c>, <c>DELETE sim/sessions</c>, <c>POST sim/forget {service, key}</c>, <c>POST sim/reset</c>.</item>
/// </list>
/// What no source tells is this simulator's own and marked so where it stands: all codes but 0 and -3 (<see cref="Codes"/>), the write call for
/// services, the progress rows in <c>TraCuuHoSo</c>, answers record by record.
/// </summary>
internal sealed class Portal : IAsyncDisposable
{
    private readonly PortalOptions _options;
    private readonly Switches _first;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Sessions _sessions;
    private readonly FaultBoard _faults = new();
    private readonly RequestLog _log;
    private readonly Catalogue _catalogue = new();
    private readonly Answers _answers;
    private readonly WebApplication _app;

    private Portal(PortalOptions options)
    {
        _options = options;
        _first = Switches;
        _sessions = new Sessions(options);
        _log = new RequestLog(options.Clock);
        _answers = new Answers(options.Clock);
        Register = new Register(options);
        _app = Build();
    }

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The faults that are on. Setting them takes the place of all there were and counts afresh.</summary>
    /// <exception cref="ArgumentException">A fault is not one.</exception>
    public FaultPlan Faults
    {
        get => _faults.Plan;
        set => _faults.Set(value);
    }

    /// <summary>What can be switched while it runs; what is null in the value set stays as it is.</summary>
    public Switches Switches
    {
        get => new(_options.PerRecordResults, _options.DoubleEncodedRelay, _options.SessionLifetime.TotalSeconds, _options.LookUpLag.TotalSeconds);
        set
        {
            _options.PerRecordResults = value.PerRecordResults ?? _options.PerRecordResults;
            _options.DoubleEncodedRelay = value.DoubleEncodedRelay ?? _options.DoubleEncodedRelay;
            _options.SessionLifetime = value.SessionSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _options.SessionLifetime;
            _options.LookUpLag = value.LookUpLagSeconds is { } lag ? TimeSpan.FromSeconds(lag) : _options.LookUpLag;
        }
    }

    internal Register Register { get; }

    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="InvalidDataException">The folder's list of effects is damaged.</exception>
    public static async Task<Portal> StartAsync(PortalOptions options, CancellationToken cancellationToken)
    {
        var portal = new Portal(options);
        try
        {
            await portal._app.StartAsync(cancellationToken);
            portal.Url = portal._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
            return portal;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    /// <summary>All effects after one of them (from 1; 0: from the first), in order.</summary>
    public IEnumerable<Effect> Effects(long after = 0)
    {
        while (Register.Read(after) is { } effect)
        {
            yield return effect;
            after = effect.Seq;
        }
    }

    public IReadOnlyList<RequestEntry> Requests(long after = 0, long limit = int.MaxValue) => _log.Read(after, limit);

    public Summary Summary() => Register.Count((effects, tallies) => new Summary(
        effects,
        tallies.ToDictionary(
            t => t.Key,
            t => new ServiceCounts(
                t.Value.Create, t.Value.Update, t.Value.Append, t.Value.DistinctKeys, t.Value.DistinctVersions, t.Value.AppliedMoreThanOnce, t.Value.Unchanged),
            StringComparer.Ordinal),
        _log.Count,
        _sessions.Logins,
        _sessions.RefusedLogins,
        _faults.Fired));

    public void ForgetSessions() => _sessions.Forget();

    /// <summary>Lets the portal lose a record, as a restored backup would; its effects stay listed. A restart brings the record back.</summary>
    /// <exception cref="ArgumentException">It holds no such record.</exception>
    public void Forget(string service, string key)
    {
        if (!Register.Forget(service, key))
        {
            throw new ArgumentException($"The portal holds no '{key}' of {service}.", nameof(key));
        }
    }

    /// <param name="procedures">Whole answers of <c>LayThuTuc</c>.</param>
    /// <exception cref="ArgumentException">One of them has no MATTHC or no TENTTHC.</exception>
    public void ReplaceProcedures(IReadOnlyList<JObject> procedures) => _catalogue.Replace(procedures);

    /// <summary>As started in an empty folder: no effects, records, requests, sessions or faults, and the options it started with.</summary>
    public void Reset()
    {
        _faults.Reset();
        Register.Clear();
        _log.Clear();
        _sessions.Reset();
        _catalogue.Reset();
        _answers.Reset();
        Switches = _first;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Register.Dispose();
        _stopping.Dispose();
    }

    private WebApplication Build()
    {
        // An empty builder reads neither files nor environment: what the worker beside it is told must not reach the portal.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        // A start that fails is thrown, so the host need not print it as well.
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);

        // Standard output belongs to the one line that says where it listens.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;

            // A call that drips is the sender's trouble to stage; the server must not end it.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(_options.Address, _options.Port, listener => listener.Protocols = HttpProtocols.Http1);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));

        var app = builder.Build();
        app.UseRouting();
        var reception = new Reception(_options, _log, _faults, _answers, _sessions, app.Services.GetRequiredService<ILogger<Reception>>(), _stopping.Token);
        NationalEndpoints.Map(
            app,
            reception,
            new LoginDoor(_answers, _sessions),
            new EnvelopeDoor(_answers, _sessions, Register, _catalogue),
            new RelayDoor(_answers, Register, _catalogue, _options),
            _answers);
        new SimEndpoints(this, _stopping.Token).Map(app);
        return app;
    }
}
