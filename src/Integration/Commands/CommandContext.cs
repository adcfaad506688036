using System.CommandLine;
using System.Diagnostics;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;

namespace Integration.Commands;

/// <summary>What every command needs: the checked workspace, the ledger, the pipelines, and a screen.</summary>
internal sealed class CommandContext : IAsyncDisposable
{
    private ILedger? _ledger;
    private PipelineSet? _pipelines;

    private CommandContext(Workspace workspace, Screen screen, ILoggerFactory loggers)
    {
        (Workspace, Screen, Loggers) = (workspace, screen, loggers);
        Worker = WorkerIdentity.Create(screen.Language);
    }

    public Workspace Workspace { get; }

    public Screen Screen { get; }

    public WorkerIdentity Worker { get; }

    public TimeProvider Clock { get; } = new SteadyClock(TimeProvider.System);

    public ILoggerFactory Loggers { get; }

    /// <exception cref="ConnectionFaultsException">Connections cannot be used as they are configured.</exception>
    public PipelineSet Pipelines => _pipelines ??= PipelineSet.Build(Workspace.Definitions.Pipelines, Workspace.Configuration, Clock, Loggers);

    /// <summary>Runs a command, and turns everything that can go wrong around it into a sentence and an exit code.</summary>
    /// <param name="evenFaulty">The command itself tells what is wrong with configuration and definitions.</param>
    /// <param name="settingsOnly">The command needs no definitions, so they are not read: that is half of what a start costs.</param>
    public static async Task<int> RunAsync(
        Terminal terminal, ParseResult parsed, Func<CommandContext, Task<int>> command, bool evenFaulty = false, bool settingsOnly = false)
    {
        var asked = parsed.GetValue(GlobalOptions.Lang) is { } lang ? lang == "en" ? Language.English : Language.Vietnamese : (Language?)null;
        var isJson = parsed.GetValue(GlobalOptions.Json);
        if (Configure(terminal) is not { } configuration)
        {
            return new Screen(terminal, asked ?? new WorkerSettings().Language, isJson).Fail(
                new Text("appsettings.json không phải JSON hợp lệ; chưa có gì được khởi động.", "appsettings.json is not valid JSON; nothing was started."), Exit.WrongUse);
        }

        var workspace = settingsOnly ? Workspace.ReadSettings(configuration) : Workspace.Read(configuration);
        var screen = new Screen(terminal, asked ?? workspace.Settings.Language, isJson);

        // A command tells what happened by itself; only what nobody foresaw is logged as well.
        using var loggers = LoggerFactory.Create(log => log
            .AddFilter(level => level >= LogLevel.Critical)
            .AddSimpleConsole(o => o.SingleLine = true)
            .AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var context = new CommandContext(workspace, screen, loggers);
        if (workspace.Faults.Count > 0 && !evenFaulty)
        {
            return FaultReport.Write(screen, workspace.Faults);
        }

        return await GuardedAsync(screen, () => command(context));
    }

    public async Task<ILedger> LedgerAsync(CancellationToken cancellationToken)
    {
        if (_ledger is null)
        {
            _ledger = Workspace.OpenLedger(Clock, Loggers);
            await _ledger.OpenAsync(cancellationToken);
        }

        return _ledger;
    }

    /// <summary>A pipeline by name; when there is none, says which there are.</summary>
    public Pipeline? Find(string name) => Knows(name) ? Pipelines.Find(name) : null;

    /// <summary>Whether there is such a pipeline; when there is none, says which there are.</summary>
    public bool Knows(string name)
    {
        string[] names = [.. Workspace.Definitions.Pipelines.Select(p => p.Name)];
        if (names.Contains(name))
        {
            return true;
        }

        Screen.Fail(new Text($"Không có luồng '{name}'. Các luồng: {string.Join(", ", names)}.", $"There is no pipeline '{name}'. There are: {string.Join(", ", names)}."), Exit.WrongUse);
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_pipelines is not null)
        {
            await _pipelines.DisposeAsync();
        }

        if (_ledger is not null)
        {
            await _ledger.DisposeAsync();
        }
    }

    /// <returns>Null when the configuration's file cannot be read.</returns>
    private static IConfiguration? Configure(Terminal terminal)
    {
        try
        {
            return terminal.Configure();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<int> GuardedAsync(Screen screen, Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (ConnectionFaultsException e)
        {
            return FaultReport.Write(screen, e.Faults);
        }
        catch (LedgerUnavailableException e)
        {
            return screen.Fail(e.What, Exit.CannotReach);
        }
        catch (LedgerTooNewException e)
        {
            return screen.Fail(e.What, Exit.WrongUse);
        }
        catch (OperationCanceledException)
        {
            return screen.Fail(new Text("Đã dừng theo yêu cầu; việc dở dang nằm trong sổ và sẽ được làm tiếp.", "Stopped as asked; what was under way is in the ledger and goes on later."), Exit.Interrupted);
        }
#pragma warning disable CA1031 // the last resort: an operator gets a sentence and a place to report, never a stack trace
        catch (Exception e)
#pragma warning restore CA1031
        {
            var frame = new StackTrace(e).GetFrame(0)?.GetMethod();
            var place = $"{e.GetType().Name}, {frame?.DeclaringType?.FullName}.{frame?.Name}";
            return screen.Fail(new Text(
                $"Lỗi của chương trình ({place}). Sổ đồng bộ không bị ảnh hưởng; hãy gửi dòng này cho bên phát triển.",
                $"A mistake of the program ({place}). The ledger is unharmed; please send this line to its developers."), Exit.Unexpected);
        }
    }
}
