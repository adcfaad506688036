using System.CommandLine;
using Integration.Pipelines;
using Spectre.Console;

namespace Integration.Commands;

/// <summary><c>integration explain &lt;pipeline&gt; &lt;key&gt;</c>: why is this record not on the portal?</summary>
internal static class ExplainCommand
{
    public static Command Build()
    {
        var pipeline = new Argument<string>("pipeline") { Description = "Tên luồng / pipeline" };
        var key = new Argument<string>("key") { Description = "Khóa của bản ghi / the record's key" };
        var command = new Command("explain", "Vì sao bản ghi này chưa có trên cổng? / why is this record not on the portal?") { pipeline, key };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            if (context.Find(parsed.GetRequiredValue(pipeline)) is not { } found)
            {
                return Exit.WrongUse;
            }

            var explanation = await new Explainer(await context.LedgerAsync(cancel), context.Clock).ExplainAsync(found, parsed.GetRequiredValue(key), cancel);
            if (context.IsJson)
            {
                context.Write(explanation);
            }
            else
            {
                Write(context, explanation, found.Definition.Schedule.Zone);
            }

            return explanation.IsDelivered ? Exit.Done : Exit.RecordsFailed;
        }));
        return command;
    }

    private static void Write(CommandContext context, Explanation explanation, TimeZoneInfo zone)
    {
        context.Line($"[bold]{explanation.Pipeline} {explanation.Key}[/]");
        foreach (var gate in explanation.Gates)
        {
            var mark = gate.Result switch
            {
                GateResult.Passed => "[green]✓[/]",
                GateResult.Waits => "[yellow]…[/]",
                _ => "[red]✗[/]",
            };
            context.Screen.MarkupLine($"  {mark} {Markup.Escape(context.Say(gate.Name))}: {Markup.Escape(context.Say(gate.What))}");
            if (gate.Advice is { } advice)
            {
                context.Screen.MarkupLine($"      [grey]→ {Markup.Escape(context.Say(advice))}[/]");
            }
        }

        foreach (var attempt in explanation.Versions.Where(v => v.Newest).SelectMany(v => v.Attempts))
        {
            context.Line(
                $"      [grey]{CommandContext.Time(attempt.Started, zone)}  {attempt.Kind}  HTTP {attempt.Status}  {attempt.Code} {attempt.Message}  ({attempt.Records} {context.Say("bản ghi", "records")}, {attempt.Took.TotalMilliseconds:N0} ms)[/]");
        }
    }
}
