using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;
using Demo;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Integration.Tests.Crash;

/// <summary>The real worker as a process of its own, one after the other, and the ledger they leave behind.</summary>
/// <param name="program">Its dll, or the program itself where it brings its own runtime; a plain name: the one beside these tests.</param>
/// <param name="postgres">The ledger's connection string; null: SQLite in the folder.</param>
internal sealed class HarnessWorker(string program, string folder, string? postgres, IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
{
    // What is asked of the process costs little; every look into the ledger is a connection of its own.
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(30);

    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(2) };
    private ChildProcess? _process;
    private Stopwatch _up = new();
    private string? _url;

    public bool HasEnded => _process is not { Ended.IsCompleted: false };

    public IReadOnlyList<string> LastLines => _process?.LastLines ?? [];

    public async Task LaunchAsync(string? crashAt)
    {
        await ForgetAsync();
        _url = null;
        _up = Stopwatch.StartNew();
        _process = ChildProcess.Start(program, ["run", "--stop-with-stdin"], With(crashAt));
    }

    /// <returns>How long it took to be ready; null when it ended before.</returns>
    public async Task<TimeSpan?> ReadyAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            _url ??= await _process!.WaitForLineAsync("listening ", cancellationToken).WaitAsync(longest, cancellationToken);
        }
        catch (InvalidOperationException)
        {
            return null;
        }

        return await UntilAsync(IsReadyAsync, longest, cancellationToken) ? _up.Elapsed : null;
    }

    /// <returns>False when the worker ended first, or the time was over.</returns>
    public Task<bool> UntilAsync(Func<Task<bool>> condition, TimeSpan longest, CancellationToken cancellationToken) =>
        UntilAsync(condition, BetweenChecks, longest, cancellationToken);

    /// <summary>The same for what stands in the ledger.</summary>
    public Task<bool> UntilLedgerAsync(Func<LedgerTables, Task<bool>> condition, TimeSpan longest, CancellationToken cancellationToken) =>
        UntilAsync(() => LookAsync(condition), BetweenLooks, longest, cancellationToken);

    private async Task<bool> UntilAsync(Func<Task<bool>> condition, TimeSpan between, TimeSpan longest, CancellationToken cancellationToken)
    {
        var started = Stopwatch.StartNew();
        while (!await condition())
        {
            if (HasEnded || started.Elapsed > longest)
            {
                return false;
            }

            await Task.Delay(between, cancellationToken);
        }

        return true;
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<bool> DiesAsync(TimeSpan longest)
    {
        await Task.WhenAny(_process!.Ended, Task.Delay(longest));
        return HasEnded;
    }

    /// <returns>Its exit code: 137 when it was killed.</returns>
    public async Task<int> KillAsync()
    {
        _process!.Kill();
        return await _process.Ended;
    }

    public Task<int> StopAsync() => _process!.StopAsync(TimeSpan.FromSeconds(40));

    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Takes the ledger's files as they stand at one instant, kills the worker, and puts those files in their place.</summary>
    public async Task<int> CutPowerAsync()
    {
        await SignalAsync("STOP");
        var instant = Copy();
        var code = await KillAsync();
        foreach (var name in (string[])["ledger.db", "ledger.db-wal", "ledger.db-shm"])
        {
            File.Delete(Path.Combine(folder, name));
            if (File.Exists(Path.Combine(instant, name)))
            {
                File.Move(Path.Combine(instant, name), Path.Combine(folder, name));
            }
        }

        Directory.Delete(instant, recursive: true);
        return code;
    }

    /// <summary>Another program on the same configuration, run to its end.</summary>
    public async Task<int> RunBesideAsync(string[] arguments, string? crashAt)
    {
        await using var other = ChildProcess.Start(program, arguments, With(crashAt));
        return await other.Ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async Task<T> LookAsync<T>(Func<LedgerTables, Task<T>> look)
    {
        // Of a dead worker's files a copy is looked at: opening them would already be the recovery that is the next worker's task.
        if (postgres is null && HasEnded)
        {
            var copy = Copy();
            try
            {
                await using var dead = Sqlite(copy);
                return await look(new LedgerTables(dead));
            }
            finally
            {
                Directory.Delete(copy, recursive: true);
            }
        }

        await using DbConnection live = postgres is null ? Sqlite(folder) : new NpgsqlConnection(postgres);
        return await look(new LedgerTables(live));
    }

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync();
        _client.Dispose();
    }

    private async Task ForgetAsync()
    {
        if (_process is { } old)
        {
            old.Kill();
            await old.DisposeAsync();
        }
    }

    private Dictionary<string, string> With(string? crashAt)
    {
        var all = new Dictionary<string, string>(environment, StringComparer.Ordinal);
        if (crashAt is not null)
        {
            all["CRASH_AT"] = crashAt;
        }

        return all;
    }

    private string Copy()
    {
        var copy = Directory.CreateTempSubdirectory("ledger-copy-").FullName;
        foreach (var name in (string[])["ledger.db", "ledger.db-wal"])
        {
            if (File.Exists(Path.Combine(folder, name)))
            {
                File.Copy(Path.Combine(folder, name), Path.Combine(copy, name));
            }
        }

        return copy;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    private static SqliteConnection Sqlite(string folder) =>
        new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "ledger.db"), Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _client.GetAsync(new Uri($"{_url}/health/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or TaskCanceledException)
        {
            return false;
        }
    }
}
