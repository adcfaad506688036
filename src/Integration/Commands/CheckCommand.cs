using System.CommandLine;
using Integration.Pipelines.Definitions;
using Spectre.Console;

namespace Integration.Commands;

/// <summary><c>integration check</c>: reads everything, runs the samples, starts nothing.</summary>
internal static class CheckCommand
{
    public static Command Build()
    {
        var command = new Command("check", "Kiểm tra toàn bộ cấu hình và bản ghi mẫu / check all definitions and samples");
        command.SetAction((parsed, _) => CommandContext.RunAsync(parsed, context => Task.FromResult(Check(context))));
        return command;
    }

    private static int Check(CommandContext context)
    {
        var pipelines = context.Workspace.Definitions.Pipelines;
        var faults = pipelines.SelectMany(SampleCheck.Run).ToArray();
        if (faults.Length > 0)
        {
            FaultReport.Write(context, faults);
            return Exit.WrongUse;
        }

        if (context.IsJson)
        {
            context.Write(new { pipelines = pipelines.Select(p => new { p.Name, version = p.Version, samples = p.Samples.Count, p.Schedule.Cron, zone = p.Schedule.Zone.Id }) });
            return Exit.Done;
        }

        foreach (var p in pipelines)
        {
            context.Line($"[green]✓[/] {p.Name}  {context.Say($"{p.Samples.Count} mẫu đạt", $"{p.Samples.Count} samples pass")}  {p.Schedule.Cron} {p.Schedule.Zone.Id}");
        }

        return Exit.Done;
    }
}
