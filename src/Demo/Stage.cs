using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Demo.Province;
using Integration.Records;
using Newtonsoft.Json.Linq;

namespace Demo;

/// <summary>The stand-in portal and the worker, each a process of its own, that end when this one does.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly ChildProcess _portal;
    private readonly KeptAlive _worker;
    private readonly Task _workerRuns;
    private readonly CancellationTokenSource _stop;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private Stage(ChildProcess portal, Uri portalUrl, Uri page, KeptAlive worker, CancellationTokenSource stop)
    {
        (_portal, PortalUrl, Page, _worker, _stop) = (portal, portalUrl, page, worker, stop);
        _workerRuns = worker.RunAsync(stop.Token);
    }

    public Uri PortalUrl { get; }

    /// <summary>The worker's status page.</summary>
    public Uri Page { get; }

    /// <summary>Of the worker that runs now; null between two.</summary>
    public int? WorkerId => _worker.Current?.Id;

    /// <summary>Ends only when the worker cannot be kept alive.</summary>
    public Task WorkerGaveUp => _workerRuns;

    public static async Task<Stage> StartAsync(DemoOptions options, SampleProvince province, Action<Text> notice, CancellationToken cancellationToken)
    {
        WorkerSettings.WritePassword(options);
        var portal = ChildProcess.Start(
            "PortalSimulator.dll",
            ["--port", "0", "--data", PortalFolder(options), "--user", WorkerSettings.User, "--password-file", WorkerSettings.PasswordPath(options), "--stop-with-stdin"],
            new Dictionary<string, string>());
        var url = new Uri(await portal.WaitForLineAsync("listening ", cancellationToken));
        var page = new Uri($"http://127.0.0.1:{FreePort(8080)}");
        var settings = WorkerSettings.Of(options, province, url, page);
        CommandScript.Write(options.Folder, settings);
        var worker = new KeptAlive(() => ChildProcess.Start("integration.dll", ["run", "--stop-with-stdin"], settings), notice, TimeProvider.System);
        return new Stage(portal, url, page, worker, new CancellationTokenSource());
    }

    /// <summary>A province that starts over meets a portal that has never heard of it.</summary>
    public static void ForgetPortal(DemoOptions options)
    {
        if (Directory.Exists(PortalFolder(options)))
        {
            Directory.Delete(PortalFolder(options), recursive: true);
        }
    }

    /// <summary>How many effects the portal has had, by its own append-only list.</summary>
    public async Task<long> CountEffectsAsync(CancellationToken cancellationToken) =>
        (long)JObject.Parse(await _http.GetStringAsync(new Uri(PortalUrl, "sim/summary"), cancellationToken))["effects"]!;

    public async ValueTask DisposeAsync()
    {
        // The worker first: it drains, and what it is told on the way is still answered.
        if (_worker.Current is { } running)
        {
            await _stop.CancelAsync();
            await running.StopAsync(_patience);
        }

        await _stop.CancelAsync();
        await ((Task)_workerRuns).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _portal.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private static string PortalFolder(DemoOptions options) => Path.Combine(options.Folder, "portal");

    // The usual port where it is free, so that the address is easy to remember.
    private static int FreePort(int usual)
    {
        foreach (var port in (ReadOnlySpan<int>)[usual, 0])
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: the next.
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"No free port on {IPAddress.Loopback}."));
    }
}
