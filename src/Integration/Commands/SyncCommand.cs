using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Spectre.Console;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary><c>integration sync &lt;pipeline&gt;</c>: one run now, delivered to the end; with <c>--dry-run</c> it shows and sends nothing.</summary>
internal static class SyncCommand
{
    private const int ShownRecords = 20;

    public static Command Build()
    {
        var pipeline = new Argument<string>("pipeline") { Description = "Tên luồng / pipeline" };
        var dry = new Option<bool>("--dry-run") { Description = "Chỉ xem sẽ gửi gì / show what would be sent, send nothing" };
        var full = new Option<bool>("--full") { Description = "Đọc lại từ đầu / read from the beginning" };
        var mass = new Option<bool>("--allow-mass-change") { Description = "Đã kiểm tra nguồn: cho phép thay đổi hàng loạt / the source was checked: allow a mass change" };
        var command = new Command("sync", "Đồng bộ một luồng ngay / sync a pipeline now") { pipeline, dry, full, mass };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            if (context.Find(parsed.GetRequiredValue(pipeline)) is not { } found)
            {
                return Exit.WrongUse;
            }

            var ledger = await context.LedgerAsync(cancel);
            return parsed.GetValue(dry)
                ? await DryAsync(context, ledger, found, parsed.GetValue(full), cancel)
                : await SyncAsync(context, ledger, found, new SyncRequest(RunKind.Request, parsed.GetValue(full), parsed.GetValue(mass)), cancel);
        }));
        return command;
    }

    private static async Task<int> SyncAsync(CommandContext context, ILedger ledger, Pipeline pipeline, SyncRequest request, CancellationToken cancel)
    {
        var result = await WithSpinnerAsync(context, context.Say("Đọc nguồn…", "Reading the source…"), () =>
            new SyncRun(pipeline, ledger, context.Worker, context.Workspace.Settings.Delivery.Lease, context.Clock, context.Loggers.CreateLogger<SyncRun>()).RunAsync(request, cancel));
        if (result.Outcome is null)
        {
            return context.Fail(result.Detail!, Exit.CannotReach);
        }

        var lane = new DeliveryLane(pipeline, ledger, context.Worker, context.Workspace.Settings.Delivery, context.Clock, context.Loggers.CreateLogger<DeliveryLane>());
        await ledger.UpkeepAsync(cancel);
        var look = await WithSpinnerAsync(context, context.Say("Gửi…", "Delivering…"), () => lane.DrainAsync(cancel, cancel));
        var status = (await ledger.ReadStatusAsync(cancel)).FirstOrDefault(s => s.Pipeline == pipeline.Name);
        if (context.IsJson)
        {
            context.Write(new { result, status });
        }
        else
        {
            WriteCounts(context, result.Counts);
            foreach (var note in result.Notes.Append(result.Detail).OfType<Text>())
            {
                context.Line($"[yellow]{context.Say(note)}[/]");
            }

            StatusCommand.Write(context, status is null ? [] : [status]);
        }

        return (result.Outcome, look) switch
        {
            (RunOutcome.BrokenOff or RunOutcome.Stopped, _) => Exit.CannotReach,
            (_, LaneLook.Resting) => Exit.CannotReach,
            _ => status is { } s && (s.States.GetValueOrDefault(RecordState.Quarantined) > 0 || s.WaitingForPerson > 0) ? Exit.RecordsFailed : Exit.Done,
        };
    }

    private static async Task<int> DryAsync(CommandContext context, ILedger ledger, Pipeline pipeline, bool full, CancellationToken cancel)
    {
        var result = await WithSpinnerAsync(context, context.Say("Đọc nguồn, không gửi…", "Reading, sending nothing…"), () =>
            new DryRun(pipeline, ledger).RunAsync(full, ShownRecords, cancel));
        if (result.Failure is { } failure)
        {
            return context.Fail(failure, Exit.CannotReach);
        }

        if (context.IsJson)
        {
            context.Write(result);
            return result.Counts.Rejected > 0 ? Exit.RecordsFailed : Exit.Done;
        }

        foreach (var record in result.Records)
        {
            context.Line($"[bold]{record.Key}[/]  {Kind(context, record.Kind)}");
            foreach (var change in record.Kind == DryRunKind.Update ? record.Changes : [])
            {
                context.Line($"    {change.Field}: [red]{change.Before ?? "–"}[/] → [green]{change.Now ?? "–"}[/]");
            }

            foreach (var rejection in record.Rejections)
            {
                context.Line($"    [red]✗[/] {context.Say(Rules.What(rejection))}");
            }
        }

        WriteCounts(context, result.Counts);
        context.Line($"[grey]{context.Say("Chạy thử: không ghi, không gửi gì.", "Dry run: nothing was written or sent.")}[/]");
        return result.Counts.Rejected > 0 ? Exit.RecordsFailed : Exit.Done;
    }

    private static string Kind(CommandContext context, DryRunKind kind) => kind switch
    {
        DryRunKind.Create => context.Say("gửi mới", "would be created"),
        DryRunKind.Update => context.Say("gửi cập nhật", "would be updated"),
        _ => context.Say("bị từ chối", "would be refused"),
    };

    private static void WriteCounts(CommandContext context, SliceCounts c) => context.Line(
        $"{context.Say("Đã đọc", "extracted")} {c.Extracted}, {context.Say("không đổi", "unchanged")} {c.Unchanged}, {context.Say("mới", "new")} {c.Added}, {context.Say("thay đổi", "changed")} {c.Changed}, {context.Say("rút", "withdrawn")} {c.Withdrawn}, {context.Say("từ chối", "refused")} {c.Rejected}");

    private static Task<T> WithSpinnerAsync<T>(CommandContext context, string what, Func<Task<T>> work) =>
        context.IsJson || System.Console.IsOutputRedirected ? work() : context.Screen.Status().StartAsync(what, _ => work());
}
