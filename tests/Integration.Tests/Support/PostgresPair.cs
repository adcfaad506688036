using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Xunit;

namespace Integration.Tests.Support;

/// <summary>
/// A PostgreSQL of one test's own, to be stopped, killed and started again; with a synchronous standby beside it where the test asks for
/// one. A small shell holds them by a pipe on its stdin and takes its orders there, so that they are stopped and removed even when the test
/// process is killed.
/// </summary>
internal sealed class PostgresPair : IAsyncDisposable
{
    // $1 binaries, $2 folder, $3 and $4 ports, $5 user to become when root. Orders: start|stop|kill a|b, clone, promote.
    private const string Keeper = """
        trap '' INT TERM HUP
        bin=$1 dir=$2 port_a=$3 port_b=$4 user=$5
        as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"; else "$@"; fi; }
        mkdir -m 700 "$dir" && cd "$dir" || exit 1
        [ "$(id -u)" = 0 ] && chown "$user" "$dir"
        port() { if [ "$1" = a ]; then echo "$port_a"; else echo "$port_b"; fi; }
        start() {
            as "$bin/pg_ctl" -D "$dir/$1" -l "$dir/$1.log" -w -t 60 -o "-p $(port "$1") -k $dir -h 127.0.0.1 -F \
                -c max_connections=60 -c timezone=UTC -c hot_standby=on -c wal_level=replica -c max_wal_senders=5 -c wal_retrieve_retry_interval=200ms" start
        }
        stop() { [ -f "$dir/$1/postmaster.pid" ] && as "$bin/pg_ctl" -D "$dir/$1" -m immediate -w stop; }
        murder() {
            pid=$(head -n 1 "$dir/$1/postmaster.pid") && kill -KILL $pid $(cat /proc/$pid/task/$pid/children)
            while kill -0 $pid 2>/dev/null; do sleep 0.02; done
        }
        clone() {
            as "$bin/pg_basebackup" -h 127.0.0.1 -p "$port_a" -U postgres -D "$dir/b" -R -X stream -c fast --no-sync &&
            echo "primary_conninfo = 'host=127.0.0.1 port=$port_a user=postgres application_name=b'" | as tee -a "$dir/b/postgresql.auto.conf"
        }
        (as "$bin/initdb" -D "$dir/a" -U postgres -A trust -E UTF8 --locale=C --no-sync) >"$dir/log" 2>&1
        echo ready
        while read -r order which; do
            case "$order" in
                start) start "$which" ;;
                stop) stop "$which" ;;
                kill) murder "$which" ;;
                clone) clone ;;
                promote) as "$bin/pg_ctl" -D "$dir/b" -w -t 60 promote ;;
            esac >>"$dir/log" 2>&1 </dev/null && echo done || tail -n 20 "$dir/log" "$dir"/*.log | tr '\n' '|' | sed 's/$/\n/'
        done
        stop a >/dev/null 2>&1
        stop b >/dev/null 2>&1
        cd / && rm -rf "$dir"
        """;

    private readonly Process _keeper;
    private readonly int _portA;
    private readonly int _portB;

    private PostgresPair(Process keeper, int portA, int portB)
    {
        (_keeper, _portA, _portB) = (keeper, portA, portB);
    }

    /// <summary>The first server alone; it has an empty database <c>ledger</c>.</summary>
    public string First => $"Host=127.0.0.1;Port={_portA};Username=postgres;Database=ledger;SSL Mode=Disable";

    /// <summary>What was the standby.</summary>
    public string Second => $"Host=127.0.0.1;Port={_portB};Username=postgres;Database=ledger;SSL Mode=Disable";

    /// <summary>As an operator writes it: both servers, the one that takes writes.</summary>
    public string Both => $"Host=127.0.0.1:{_portA},127.0.0.1:{_portB};Target Session Attributes=read-write;Username=postgres;Database=ledger;SSL Mode=Disable";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <param name="started">False: initialised and not yet running; there is no database <c>ledger</c> then.</param>
    public static async Task<PostgresPair> CreateAsync(bool withStandby, bool started = true)
    {
        Assert.True(PostgresCluster.Binaries.Length > 0, "PostgreSQL is not installed: these tests need initdb and postgres (apt-get install postgresql).");
        var (portA, portB) = (FreePort(), FreePort());
        var folder = Path.Combine(Path.GetTempPath(), $"pg-{Guid.NewGuid():N}");
        var pair = new PostgresPair(
            Process.Start(new ProcessStartInfo("sh", ["-c", Keeper, "keeper", PostgresCluster.Binaries, folder, $"{portA}", $"{portB}", "postgres"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!,
            portA, portB);
        try
        {
            Assert.Equal("ready", await pair._keeper.StandardOutput.ReadLineAsync(Cancelled));
            if (started)
            {
                await pair.StartAsync();
                await SqlAsync(pair.First.Replace("Database=ledger", "Database=postgres", StringComparison.Ordinal), "CREATE DATABASE ledger");
            }

            if (withStandby)
            {
                await pair.OrderAsync("clone");
                await pair.OrderAsync("start b");
                await SqlAsync(pair.First, "ALTER SYSTEM SET synchronous_standby_names = 'b'");
                await SqlAsync(pair.First, "SELECT pg_reload_conf()");
                await Until.TrueAsync(
                    async () => await SqlAsync(pair.First, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") is 1L,
                    TimeSpan.FromSeconds(30), () => Task.FromResult("the standby is not synchronous"));
            }

            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the first server again.</summary>
    public Task StartAsync() => OrderAsync("start a");

    /// <summary>As a crash would, but told to: <c>-m immediate</c>.</summary>
    public Task StopImmediatelyAsync() => OrderAsync("stop a");

    /// <summary>The first server and all its processes, by SIGKILL.</summary>
    public Task KillAsync() => OrderAsync("kill a");

    /// <summary>Makes the standby the server that takes writes.</summary>
    public Task PromoteAsync() => OrderAsync("promote");

    public static async Task<object?> SqlAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=False");
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync(CancellationToken.None);
        _keeper.Dispose();
    }

    private async Task OrderAsync(string order)
    {
        await _keeper.StandardInput.WriteLineAsync(order.AsMemory(), Cancelled);
        await _keeper.StandardInput.FlushAsync(Cancelled);
        Assert.Equal("done", await _keeper.StandardOutput.ReadLineAsync(Cancelled));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
