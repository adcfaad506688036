using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Integration.Tests.Support;

namespace Integration.Tests.Faults;

/// <summary>The real program, started by a shell that first takes something away from it: files, a disk, a right.</summary>
internal sealed class StrainedWorker : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private StrainedWorker(Process process)
    {
        _process = process;
        Ended = WatchAsync();
    }

    public int Id => _process.Id;

    public Task<int> Ended { get; }

    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    private static string Host => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <param name="shell">What the shell does; <c>"$@"</c> stands for the program with its arguments.</param>
    /// <param name="settings">With <c>:</c> between their parts.</param>
    public static StrainedWorker Start(string shell, IEnumerable<KeyValuePair<string, string?>> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("sh", ["-c", shell, "sh", Host, Path.Combine(AppContext.BaseDirectory, "integration.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        start.Environment["LANG"] = "C.UTF-8";
        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return new StrainedWorker(Process.Start(start)!);
    }

    public Task SaysAsync(string text) => UntilAsync(() => Task.FromResult(Said.Contains(text, StringComparison.Ordinal)));

    /// <summary>Waits for it, as long as the program lives.</summary>
    public Task UntilAsync(Func<Task<bool>> condition) => Until.TrueAsync(
        async () => await condition() || (Ended.IsCompleted ? throw new InvalidOperationException($"It ended with {await Ended}: {Said}") : false),
        TimeSpan.FromSeconds(90), () => Task.FromResult(Said));

    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        kill.WaitForExit();
    }

    public async Task<int> StopAsync()
    {
        _process.StandardInput.Close();
        return await Ended.WaitAsync(TimeSpan.FromSeconds(45));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Ended;
        _process.Dispose();
    }

    private async Task<int> WatchAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError), _process.WaitForExitAsync());
        return _process.ExitCode;
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_said)
            {
                _said.AppendLine(line);
            }
        }
    }
}
