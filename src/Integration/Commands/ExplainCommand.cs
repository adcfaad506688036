using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;

namespace Integration.Commands;

/// <summary><c>integration explain &lt;pipeline&gt; &lt;key&gt;</c>: why is this record not on the portal?</summary>
internal static class ExplainCommand
{
    public static Command Build(Terminal terminal)
    {
        var (pipeline, key) = (GlobalOptions.Pipeline(), GlobalOptions.Key());
        var command = new Command("explain", "Vì sao bản ghi này chưa có trên cổng? / why is this record not on the portal?") { pipeline, key };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            if (context.Find(parsed.GetRequiredValue(pipeline)) is not { } found)
            {
                return Exit.WrongUse;
            }

            var explanation = await new Explainer(await context.LedgerAsync(cancel), context.Clock).ExplainAsync(found, parsed.GetRequiredValue(key), cancel);
            if (context.Screen.IsJson)
            {
                context.Screen.Write(Answers.Of(explanation));
            }
            else
            {
                Write(context.Screen, explanation, found.Definition.Schedule.Zone);
            }

            return explanation.IsDelivered ? Exit.Done : Exit.RecordsFailed;
        }));
        return command;
    }

    private static void Write(Screen screen, Explanation explanation, TimeZoneInfo zone)
    {
        screen.Line($"[bold]{explanation.Pipeline} {explanation.Key}[/]");
        foreach (var gate in explanation.Gates)
        {
            var (mark, colour) = gate.Result switch
            {
                GateResult.Passed => ("✓", "green"),
                GateResult.Waits => ("…", "yellow"),
                _ => ("✗", "red"),
            };
            screen.Below(2, System.Runtime.CompilerServices.FormattableStringFactory.Create($"[{colour}]{mark}[/] {{0}}: {{1}}", screen.Say(gate.Name), screen.Say(gate.What)));
            if (gate.Advice is { } advice)
            {
                screen.Below(4, $"[grey]→ {screen.Say(advice)}[/]");
            }
        }

        foreach (var attempt in explanation.Versions.Where(v => v.Newest).SelectMany(v => v.Attempts))
        {
            var kind = attempt.Kind == AttemptKind.Send ? screen.Say("gửi", "sent") : screen.Say("hỏi lại", "asked");
            screen.Below(4, $"[grey]{Screen.Time(attempt.Started, zone)}  {kind}  HTTP {attempt.Status}  {attempt.Code} {screen.Say(Records.Text.OfMessage(attempt.Code, attempt.Message))}  ({attempt.Records} {screen.Say("bản ghi", "records")}, {attempt.Took.TotalMilliseconds:N0} ms)[/]");
        }
    }
}
