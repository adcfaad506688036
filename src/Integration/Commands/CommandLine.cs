using System.CommandLine;
using System.CommandLine.Invocation;
using Integration.Pipelines;
using Integration.Records;

namespace Integration.Commands;

/// <summary>The whole command line: <c>integration &lt;command&gt;</c>.</summary>
internal static class CommandLine
{
    public static RootCommand Build() => new("Đồng bộ dữ liệu của tỉnh lên các hệ thống quốc gia / keeps national systems in step with a province's own")
    {
        GlobalOptions.Json,
        GlobalOptions.Lang,
        RunCommand.Build(),
        CheckCommand.Build(),
        StatusCommand.Build(),
        SyncCommand.Build(),
        ExplainCommand.Build(),
        FailuresCommand.Build(),
        PauseCommand.BuildPause(),
        PauseCommand.BuildResume(),
        HealthCommand.Build(),
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Build().Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return Refuse(parsed, args);
        }

        // The library ends the process two seconds after a signal unless told otherwise; a worker drains for longer.
        var how = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Worker.ShutdownTimeout + TimeSpan.FromSeconds(5) };
        return await parsed.InvokeAsync(how);
    }

    // The library's own messages are English, so each is followed by what an operator needs.
    private static int Refuse(ParseResult parsed, string[] args)
    {
        var command = string.Concat(Names(parsed.CommandResult).Reverse().Select(n => $"{n} "));
        var what = new Text($"Lệnh không đúng, chưa có gì được chạy. Xem cách dùng: {command}--help", $"Wrong use, nothing was run. For help: {command}--help");
        var screen = new Screen(args.Contains("en") ? Language.English : Language.Vietnamese, args.Contains("--json"));
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
