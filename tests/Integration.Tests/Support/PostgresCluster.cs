using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Integration.Tests.Support;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresCluster))]

namespace Integration.Tests.Support;

/// <summary>
/// One throwaway PostgreSQL for the whole test run, started when the first test asks for a database. A small shell holds it by a pipe on
/// its stdin, so that it is stopped and removed even when the test process is killed.
/// </summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    // $1 binaries, $2 folder, $3 port, $4 user to become when root.
    private const string Keeper = """
        trap '' INT TERM HUP
        bin=$1 dir=$2 port=$3 user=$4
        as() { if [ "$(id -u)" = 0 ]; then exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"; else exec "$@"; fi; }
        mkdir -m 700 "$dir" && cd "$dir" || exit 1
        [ "$(id -u)" = 0 ] && chown "$user" "$dir"
        (as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync) >"$dir/log" 2>&1 &&
        {
            (as "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" -h 127.0.0.1 -F -c full_page_writes=off -c max_connections=300 \
                -c timezone=UTC -c max_prepared_transactions=10) >>"$dir/log" 2>&1 &
            postgres=$!
            while kill -0 $postgres 2>/dev/null && ! "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U postgres; do sleep 0.05; done
            if kill -0 $postgres 2>/dev/null; then echo ready; else tail -n 20 "$dir/log"; fi
            cat >/dev/null
            kill -QUIT $postgres 2>/dev/null
            wait $postgres
        } || tail -n 20 "$dir/log"
        # Thousands of files: nobody waits for them to be gone.
        cd / && rm -rf "$dir" >/dev/null 2>&1 &
        """;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Process? _keeper;
    private string? _server;
    private int _databases;

    /// <summary>Folder with <c>psql</c>, <c>pg_ctl</c> and the others.</summary>
    public static string Binaries { get; } = FindBinaries();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <returns>Connection string of a new, empty database (UTF-8, superuser).</returns>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed or did not start; the message says which.</exception>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _server ??= await StartAsync(cancellationToken);
            var name = $"test_{++_databases}";
            await using var connection = new NpgsqlConnection($"{_server};Database=postgres");
            await connection.OpenAsync(cancellationToken);
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
            return $"{_server};Database={name}";
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_keeper is not null)
        {
            _keeper.StandardInput.Close();
            await _keeper.WaitForExitAsync(CancellationToken.None);
            _keeper.Dispose();
        }

        _gate.Dispose();
    }

    private async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        if (Binaries.Length == 0)
        {
            throw new InvalidOperationException("PostgreSQL is not installed: these tests need initdb and postgres (apt-get install postgresql).");
        }

        var said = "";
        for (var attempt = 0; attempt < 3; attempt++)
        {
            // Another process may take the port between this look and the start.
            var port = FreePort();
            var folder = Path.Combine(Path.GetTempPath(), $"pg-{Guid.NewGuid():N}");
            var keeper = Process.Start(new ProcessStartInfo("sh", ["-c", Keeper, "keeper", Binaries, folder, $"{port}", "postgres"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            said = await keeper.StandardOutput.ReadLineAsync(cancellationToken) ?? "";
            if (said == "ready")
            {
                _keeper = keeper;
                return $"Host=127.0.0.1;Port={port};Username=postgres";
            }

            keeper.StandardInput.Close();
            said += await keeper.StandardOutput.ReadToEndAsync(cancellationToken);
            await keeper.WaitForExitAsync(cancellationToken);
            keeper.Dispose();
        }

        throw new InvalidOperationException($"PostgreSQL did not start: {said}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindBinaries()
    {
        const string Packaged = "/usr/lib/postgresql";
        var packaged = Directory.Exists(Packaged)
            ? Directory.GetDirectories(Packaged).OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return packaged.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres"))) ?? "";
    }
}
