using System.CommandLine;
using Integration.Ledger;

namespace Integration.Commands;

/// <summary><c>integration pause</c> and <c>integration resume</c>, each with a reason that is kept.</summary>
internal static class PauseCommand
{
    public static Command BuildPause(Terminal terminal) => Build(terminal, "pause", "Tạm dừng một luồng / pause a pipeline", (ledger, pipeline, decision, cancel) => ledger.PauseAsync(pipeline, decision, cancel),
        ("Đã tạm dừng", "Paused"));

    public static Command BuildResume(Terminal terminal) => Build(terminal, "resume", "Cho luồng chạy tiếp / resume a pipeline", (ledger, pipeline, decision, cancel) => ledger.ResumeAsync(pipeline, decision, cancel),
        ("Đã cho chạy tiếp", "Resumed"));

    public static Decision Decide(string reason) => new(Environment.UserName, reason.Trim());

    private static Command Build(Terminal terminal, string name, string description, Func<ILedger, string, Decision, CancellationToken, Task> act, (string Vi, string En) done)
    {
        var pipeline = GlobalOptions.Pipeline();
        var reason = GlobalOptions.Reason();
        var command = new Command(name, description) { pipeline, reason };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            var wanted = parsed.GetRequiredValue(pipeline);
            if (!context.Knows(wanted))
            {
                return Exit.WrongUse;
            }

            var decision = Decide(parsed.GetRequiredValue(reason));
            await act(await context.LedgerAsync(cancel), wanted, decision, cancel);
            if (context.Screen.IsJson)
            {
                context.Screen.Write(new { pipeline = wanted, done = name, decision.By, decision.Reason });
            }
            else
            {
                context.Screen.Line($"{context.Screen.Say(done.Vi, done.En)}: {wanted}");
            }

            return Exit.Done;
        }));
        return command;
    }
}
