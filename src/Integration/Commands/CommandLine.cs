using System.CommandLine;
using System.CommandLine.Invocation;
using Integration.Pipelines;
using Integration.Records;

namespace Integration.Commands;

/// <summary>The whole command line: <c>integration &lt;command&gt;</c>.</summary>
internal static class CommandLine
{
    public static RootCommand Build(Terminal terminal) => new("Đồng bộ dữ liệu của tỉnh lên các hệ thống quốc gia / keeps national systems in step with a province's own")
    {
        GlobalOptions.Json,
        GlobalOptions.Lang,
        RunCommand.Build(terminal),
        CheckCommand.Build(terminal),
        StatusCommand.Build(terminal),
        SyncCommand.Build(terminal),
        ExplainCommand.Build(terminal),
        FailuresCommand.Build(terminal),
        ReconcileCommand.Build(terminal),
        PauseCommand.BuildPause(terminal),
        PauseCommand.BuildResume(terminal),
        HealthCommand.Build(terminal),
    };

    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        var parsed = Build(terminal).Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return Refuse(terminal, parsed, args);
        }

        // The library ends the process two seconds after a signal unless told otherwise; a worker drains for longer.
        var how = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = Worker.ShutdownTimeout + TimeSpan.FromSeconds(5),
        };
        return await parsed.InvokeAsync(how);
    }

    // The library's own messages are English, so each is followed by what an operator needs.
    private static int Refuse(Terminal terminal, ParseResult parsed, string[] args)
    {
        var command = string.Concat(Names(parsed.CommandResult).Reverse().Select(n => $"{n} "));
        var what = new Text($"Lệnh không đúng, chưa có gì được chạy. Xem cách dùng: {command}--help", $"Wrong use, nothing was run. For help: {command}--help");
        var screen = new Screen(terminal, string.Join(' ', args).Contains("--lang en", StringComparison.Ordinal) ? Language.English : Language.Vietnamese, args.Contains("--json"));
        if (screen.IsJson)
        {
            screen.Write(new { error = what, exit = Exit.WrongUse, details = parsed.Errors.Select(e => e.Message) });
            return Exit.WrongUse;
        }

        foreach (var error in parsed.Errors)
        {
            screen.Complain(error.Message);
        }

        screen.Complain(screen.Say(what));
        return Exit.WrongUse;
    }

    private static IEnumerable<string> Names(System.CommandLine.Parsing.CommandResult? command)
    {
        for (; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
        {
            yield return command.Parent is null ? "integration" : command.Command.Name;
        }
    }
}
