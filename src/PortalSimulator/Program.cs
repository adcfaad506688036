using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace PortalSimulator;

/// <summary>
/// <c>dotnet run --project src/PortalSimulator -- --port N</c>; port 0 takes a free one. Prints <c>listening http://127.0.0.1:PORT</c> when ready.
/// How to use it then: <see cref="Portal"/>.
/// </summary>
internal static class Program
{
    private const string Usage = """
        --port N                 0: any free port (default)
        --listen ADDRESS         default 127.0.0.1
        --data FOLDER            keep the effects there; without it nothing survives a restart
        --user NAME              default province
        --password-file FILE     default password: simulated
        --session-seconds N      default 600
        --largest-batch N        default 1000
        --per-record-results     answer record by record
        --double-encoded-relay   the relay wraps the portal's JSON as a text
        --stop-with-stdin        end when standard input ends
        """;

    public static async Task<int> Main(string[] args)
    {
        if (Read(args, out var stopWithStdin) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await using var portal = await Portal.StartAsync(options, stop.Token);
            await Console.Out.WriteLineAsync($"listening {portal.Url}");
            var ended = stopWithStdin ? Console.OpenStandardInput().CopyToAsync(Stream.Null, stop.Token) : Task.Delay(Timeout.Infinite, stop.Token);
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 3;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static PortalOptions? Read(string[] args, out bool stopWithStdin)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var flags = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--per-record-results" or "--double-encoded-relay" or "--stop-with-stdin":
                    flags.Add(args[i]);
                    break;
                case "--port" or "--listen" or "--data" or "--user" or "--password-file" or "--session-seconds" or "--largest-batch" when i + 1 < args.Length:
                    values[args[i]] = args[++i];
                    break;
                default:
                    stopWithStdin = false;
                    return null;
            }
        }

        stopWithStdin = flags.Contains("--stop-with-stdin");
        var defaults = new PortalOptions();
        var passwordFile = values.GetValueOrDefault("--password-file");
        return TryNumber("--port", defaults.Port, out var port)
            && TryNumber("--session-seconds", (int)defaults.SessionLifetime.TotalSeconds, out var seconds)
            && TryNumber("--largest-batch", defaults.LargestBatch, out var largestBatch)
            && IPAddress.TryParse(values.GetValueOrDefault("--listen", defaults.Address.ToString()), out var address)
            && (passwordFile is null || File.Exists(passwordFile))
            ? new PortalOptions
            {
                Port = port,
                Address = address,
                Data = values.GetValueOrDefault("--data"),
                Username = values.GetValueOrDefault("--user", defaults.Username),
                Password = passwordFile is null ? defaults.Password : File.ReadAllText(passwordFile).Trim(),
                LargestBatch = largestBatch,
                SessionLifetime = TimeSpan.FromSeconds(seconds),
                PerRecordResults = flags.Contains("--per-record-results"),
                DoubleEncodedRelay = flags.Contains("--double-encoded-relay"),
            }
            : null;

        bool TryNumber(string name, int otherwise, out int value)
        {
            value = otherwise;
            return !values.TryGetValue(name, out var text) || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        }
    }
}
