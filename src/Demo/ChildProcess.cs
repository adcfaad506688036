using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Demo;

/// <summary>
/// One of our programs, run as a process of its own from this program's folder. Its input stays open as long as we live, so that a program
/// started with <c>--stop-with-stdin</c> ends with us, however we end.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Queue<string> _last = new();

    private readonly int _keptLines;

    private ChildProcess(Process process, int keptLines)
    {
        (_process, _keptLines) = (process, keptLines);
        Ended = WatchAsync();
    }

    public int Id => _process.Id;

    /// <summary>The exit code, once the program ended and everything it printed was read. 128 + signal where it was killed.</summary>
    public Task<int> Ended { get; }

    /// <summary>The last lines it printed, oldest first.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_last)
            {
                return [.. _last];
            }
        }
    }

    /// <param name="program">File name of the program's dll (<c>integration.dll</c>).</param>
    /// <param name="environment">Added to our own.</param>
    /// <param name="keptLines">How many of the last lines are kept (<see cref="LastLines"/>).</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, int keptLines = 20)
    {
        // A program that brings its own runtime is started by itself.
        var needsHost = program.EndsWith(".dll", StringComparison.Ordinal);
        var path = Path.Combine(AppContext.BaseDirectory, program);
        var start = new ProcessStartInfo(needsHost ? RuntimeHost() : path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
            StandardErrorEncoding = System.Text.Encoding.UTF8,
            UseShellExecute = false,
        };
        foreach (var argument in (IEnumerable<string>)[.. needsHost ? [path] : Array.Empty<string>(), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!, keptLines);
    }

    /// <summary>Waits until the program prints a line that begins so, and gives the rest of that line.</summary>
    /// <exception cref="InvalidOperationException">It ended without saying so.</exception>
    public async Task<string> WaitForLineAsync(string beginning, CancellationToken cancellationToken)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line[beginning.Length..].Trim();
            }
        }

        throw new InvalidOperationException($"The program ended with code {await Ended}: {string.Join('\n', LastLines)}");
    }

    /// <summary>Asks it to end by closing its input; kills it when it takes longer than <paramref name="patience"/>.</summary>
    public async Task<int> StopAsync(TimeSpan patience)
    {
        _process.StandardInput.Close();
        try
        {
            return await Ended.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            Kill();
            return await Ended;
        }
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await StopAsync(TimeSpan.FromSeconds(10));
        }

        await Ended;
        _process.Dispose();
    }

    private async Task<int> WatchAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError), _process.WaitForExitAsync());
        _lines.Writer.Complete();
        return _process.ExitCode;
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_last)
            {
                _last.Enqueue(line);
                if (_last.Count > _keptLines)
                {
                    _last.Dequeue();
                }
            }

            _lines.Writer.TryWrite(line);
        }
    }

    /// <summary>The very runtime this program runs on: <c>shared/Microsoft.NETCore.App/{version}/</c> lies three folders below its host.</summary>
    private static string RuntimeHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(host) ? host : name;
    }
}
