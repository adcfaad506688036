using System.CommandLine;
using Integration.Ledger;

namespace Integration.Commands;

/// <summary><c>integration pause</c> and <c>integration resume</c>, each with a reason that is kept.</summary>
internal static class PauseCommand
{
    public static Command BuildPause() => Build("pause", "Tạm dừng một luồng / pause a pipeline", (ledger, pipeline, decision, cancel) => ledger.PauseAsync(pipeline, decision, cancel),
        ("Đã tạm dừng", "Paused"));

    public static Command BuildResume() => Build("resume", "Cho luồng chạy tiếp / resume a pipeline", (ledger, pipeline, decision, cancel) => ledger.ResumeAsync(pipeline, decision, cancel),
        ("Đã cho chạy tiếp", "Resumed"));

    public static Option<string> ReasonOption() => new("--reason") { Description = "Lý do, được lưu lại / why; it is kept", Required = true };

    public static Decision Decide(string reason) => new(Environment.UserName, reason.Trim());

    private static Command Build(string name, string description, Func<ILedger, string, Decision, CancellationToken, Task> act, (string Vi, string En) done)
    {
        var pipeline = new Argument<string>("pipeline") { Description = "Tên luồng / pipeline" };
        var reason = ReasonOption();
        reason.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
            {
                result.AddError("--reason: cần nêu lý do / a reason is needed");
            }
        });
        var command = new Command(name, description) { pipeline, reason };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            if (context.Find(parsed.GetRequiredValue(pipeline)) is not { } found)
            {
                return Exit.WrongUse;
            }

            await act(await context.LedgerAsync(cancel), found.Name, Decide(parsed.GetRequiredValue(reason)), cancel);
            if (context.IsJson)
            {
                context.Write(new { pipeline = found.Name, done = name });
            }
            else
            {
                context.Line($"{context.Say(done.Vi, done.En)}: {found.Name}");
            }

            return Exit.Done;
        }));
        return command;
    }
}
