using System.CommandLine;
using Integration.Pipelines;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Commands;

/// <summary><c>integration check</c>: reads everything, runs the samples, starts nothing.</summary>
internal static class CheckCommand
{
    public static Command Build(Terminal terminal)
    {
        var command = new Command("check", "Kiểm tra toàn bộ cấu hình và bản ghi mẫu / check all definitions and samples");
        command.SetAction((parsed, _) => CommandContext.RunAsync(terminal, parsed, context => Task.FromResult(Check(context)), evenFaulty: true));
        return command;
    }

    private static int Check(CommandContext context)
    {
        var pipelines = context.Workspace.Definitions.Pipelines;
        Fault[] faults = [.. context.Workspace.Faults, .. ConnectionFaults(context), .. pipelines.SelectMany(SampleCheck.Run)];
        if (faults.Length > 0)
        {
            return FaultReport.Write(context.Screen, faults);
        }

        if (context.Screen.IsJson)
        {
            context.Screen.Write(new { pipelines = pipelines.Select(p => new { p.Name, version = p.Version.ToString(), samples = p.Samples.Count, p.Schedule.Cron, zone = p.Schedule.Zone.Id }) });
            return Exit.Done;
        }

        foreach (var p in pipelines)
        {
            context.Screen.Line($"[green]✓[/] {p.Name}  {context.Screen.Say($"{p.Samples.Count} mẫu đạt", $"{p.Samples.Count} samples pass")}  {p.Schedule.Cron} {p.Schedule.Zone.Id}");
        }

        return Exit.Done;
    }

    private static IReadOnlyList<Fault> ConnectionFaults(CommandContext context)
    {
        try
        {
            _ = context.Pipelines;
            return [];
        }
        catch (ConnectionFaultsException e)
        {
            return e.Faults;
        }
    }
}
