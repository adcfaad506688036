using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Npgsql;

namespace Integration.Benchmarks;

/// <summary>A throwaway PostgreSQL with its durability switched on, held by a small shell so that it ends with this process.</summary>
internal sealed partial class Cluster : IAsyncDisposable
{
    // $1 binaries, $2 folder, $3 port, $4 user to become when root.
    private const string Keeper = """
        trap '' INT TERM HUP
        bin=$1 dir=$2 port=$3 user=$4
        as() { if [ "$(id -u)" = 0 ]; then exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"; else exec "$@"; fi; }
        mkdir -m 700 "$dir" && cd "$dir" || exit 1
        [ "$(id -u)" = 0 ] && chown "$user" "$dir"
        (as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C) >"$dir/log" 2>&1 &&
        {
            (as "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" -h 127.0.0.1 -c shared_buffers=512MB -c max_wal_size=4GB -c timezone=UTC) >>"$dir/log" 2>&1 &
            postgres=$!
            while kill -0 $postgres 2>/dev/null && ! "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U postgres; do sleep 0.05; done
            echo "$postgres"
            cat >/dev/null
            kill -QUIT $postgres 2>/dev/null
            wait $postgres
        }
        cd / && rm -rf "$dir"
        """;

    private readonly Process _keeper;
    private readonly string _server;
    private int _databases;

    private readonly string _log;

    private Cluster(Process keeper, string server, string log, int postmaster) => (_keeper, _server, _log, Postmaster) = (keeper, server, log, postmaster);

    /// <summary>Process id, by which the CPU of all its backends is counted.</summary>
    public int Postmaster { get; }

    public static async Task<Cluster> StartAsync(CancellationToken cancellationToken)
    {
        var port = FreePort();
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(static d => d, StringComparer.Ordinal).Select(static d => Path.Combine(d, "bin")).First();
        var folder = Path.Combine(Path.GetTempPath(), $"pg-bench-{Guid.NewGuid():N}");
        var keeper = Process.Start(new ProcessStartInfo("sh", ["-c", Keeper, "keeper", binaries, folder, $"{port}", "postgres"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var postmaster = int.Parse(await keeper.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("PostgreSQL did not start."), System.Globalization.CultureInfo.InvariantCulture);
        return new Cluster(keeper, $"Host=127.0.0.1;Port={port};Username=postgres", Path.Combine(folder, "log"), postmaster);
    }

    /// <summary>Milliseconds of every statement that was logged so far.</summary>
    public IReadOnlyList<double> Durations() =>
        [.. LoggedDuration().Matches(File.ReadAllText(_log)).Select(static m => double.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))];

    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"bench_{++_databases}";
        await using var server = NpgsqlDataSource.Create($"{_server};Database=postgres;Pooling=false");
        await Source.ExecuteAsync(server, $"CREATE DATABASE {name}", cancellationToken);
        return $"{_server};Database={name}";
    }

    public async Task DropAsync(string connection, CancellationToken cancellationToken)
    {
        NpgsqlConnection.ClearAllPools();
        await using var server = NpgsqlDataSource.Create($"{_server};Database=postgres;Pooling=false");
        await Source.ExecuteAsync(server, $"DROP DATABASE {new NpgsqlConnectionStringBuilder(connection).Database} WITH (FORCE)", cancellationToken);
    }

    /// <summary>What one program left behind must not be written to disk in the next one's time.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        await using var server = NpgsqlDataSource.Create($"{_server};Database=postgres;Pooling=false");
        await Source.ExecuteAsync(server, "CHECKPOINT", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync(CancellationToken.None);
        _keeper.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"LOG:  duration: ([0-9.]+) ms")]
    private static partial Regex LoggedDuration();
}
