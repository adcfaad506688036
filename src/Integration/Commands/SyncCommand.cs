using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;

namespace Integration.Commands;

/// <summary><c>integration sync &lt;pipeline&gt;</c>: one run now, delivered to the end; with <c>--dry-run</c> it shows and sends nothing.</summary>
internal static class SyncCommand
{
    private const int ShownRecords = 20;

    public static Command Build(Terminal terminal)
    {
        var pipeline = GlobalOptions.Pipeline();
        var dry = new Option<bool>("--dry-run") { Description = "Chỉ xem sẽ gửi gì / show what would be sent, send nothing" };
        var full = new Option<bool>("--full") { Description = "Đọc lại từ đầu / read from the beginning" };
        var mass = new Option<bool>("--allow-mass-change") { Description = "Đã kiểm tra nguồn: cho phép thay đổi hàng loạt / the source was checked: allow a mass change" };
        var command = new Command("sync", "Đồng bộ một luồng ngay / sync a pipeline now") { pipeline, dry, full, mass };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
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
        var screen = context.Screen;
        var (delivery, limits) = (context.Workspace.Settings.Delivery, context.Workspace.Settings.Limits);
        var lane = new DeliveryLane(pipeline, ledger, context.Worker, delivery, context.Clock, context.Loggers.CreateLogger<DeliveryLane>());
        var run = new SyncRun(pipeline, ledger, context.Worker, delivery.Lease, context.Clock, context.Loggers.CreateLogger<SyncRun>(), limits);
        var result = await screen.WhileAsync(new Text("Đọc nguồn và gửi…", "Reading the source and delivering…"), () => lane.WhileAsync(() => run.RunAsync(request, cancel), cancel));
        if (result.Outcome is not { } outcome)
        {
            return screen.Fail(result.Detail!, Exit.CannotReach);
        }

        await ledger.UpkeepAsync(cancel);
        await screen.WhileAsync(new Text("Gửi…", "Delivering…"), () => lane.DrainAsync(cancel, cancel));
        var status = (await ledger.ReadStatusAsync(cancel)).First(s => s.Pipeline == pipeline.Name);
        var held = await Backpressure.OfAllAsync(ledger, [pipeline.Definition], limits, cancel);

        // Told from the ledger: what a lane saw last says nothing of records that are to be asked for later.
        var exit = outcome switch
        {
            RunOutcome.BrokenOff or RunOutcome.Stopped => Exit.CannotReach,
            _ when status.Paused is not null || Open(status) > 0 => Exit.CannotReach,
            _ => status.States.GetValueOrDefault(RecordState.Quarantined) > 0 || status.WaitingForPerson > 0 ? Exit.RecordsFailed : Exit.Done,
        };
        if (screen.IsJson)
        {
            screen.Write(new
            {
                pipeline = pipeline.Name, outcome, counts = Answers.Of(result.Counts), result.Detail, result.Notes,
                status = Answers.Of(pipeline.Definition, status, held.GetValueOrDefault(pipeline.Name), context.Clock.GetUtcNow()), exit,
            });
            return exit;
        }

        WriteCounts(screen, result.Counts);
        foreach (var note in result.Notes.Where(n => n != result.Detail).Distinct())
        {
            screen.Line($"[yellow]{screen.Say(note)}[/]");
        }

        StatusCommand.Write(context, [pipeline.Definition], [status], held);
        Complain(screen, result, status);
        return exit;
    }

    private static void Complain(Screen screen, SyncResult result, PipelineStatus status)
    {
        if (result.Outcome != RunOutcome.Done)
        {
            screen.Complain(screen.Say(result.Detail!));
        }

        if (status.Paused is { } paused)
        {
            screen.Complain(screen.Say($"Luồng đã tạm dừng bởi {paused.Who.Vi}: {paused.Why.Vi}", $"The pipeline was paused by {paused.Who.En}: {paused.Why.En}"));
        }
        else if (Open(status) is > 0 and var open)
        {
            var reason = status.ParkedReason ?? new Text("", "");
            screen.Complain(screen.Say(
                $"Chưa gửi xong: còn {open} bản ghi trong sổ. {reason.Vi} Tiến trình đồng bộ sẽ tự gửi tiếp; hoặc chạy lại lệnh này sau.",
                $"Not all was sent: {open} records are left in the ledger. {reason.En} The worker goes on by itself; or run this command again later."));
        }
    }

    /// <summary>Records that are still to be sent or asked for, without a person.</summary>
    private static long Open(PipelineStatus status) =>
        status.States.GetValueOrDefault(RecordState.Ready) + status.States.GetValueOrDefault(RecordState.Unknown) - status.WaitingForPerson;

    private static async Task<int> DryAsync(CommandContext context, ILedger ledger, Pipeline pipeline, bool full, CancellationToken cancel)
    {
        var screen = context.Screen;
        var result = await screen.WhileAsync(new Text("Đọc nguồn, không gửi…", "Reading, sending nothing…"), () =>
            new DryRun(pipeline, ledger).RunAsync(full, ShownRecords, cancel));
        if (result.Failure is { } failure)
        {
            return screen.Fail(failure, Exit.CannotReach);
        }

        var exit = result.Counts.Rejected > 0 ? Exit.RecordsFailed : Exit.Done;
        if (screen.IsJson)
        {
            screen.Write(Answers.Of(result));
            return exit;
        }

        foreach (var record in result.Records)
        {
            Write(screen, record);
        }

        if (result.Counts.Extracted - result.Counts.Unchanged - result.Records.Count is > 0 and var more)
        {
            screen.Line($"[grey]{screen.Say($"… và {more} bản ghi nữa.", $"… and {more} more.")}[/]");
        }

        WriteCounts(screen, result.Counts);
        screen.Line($"[grey]{screen.Say("Chạy thử: không ghi, không gửi gì.", "Dry run: nothing was written or sent.")}[/]");
        return exit;
    }

    private static void Write(Screen screen, DryRunRecord record)
    {
        screen.Line($"[bold]{record.Key}[/]  {Kind(screen, record.Kind)}");
        foreach (var change in record.Kind == DryRunKind.Update ? record.Changes : [])
        {
            screen.Below(4, $"{change.Field}: [red]{change.Before ?? "–"}[/] → [green]{change.Now ?? "–"}[/]");
        }

        foreach (var rejection in record.Rejections)
        {
            screen.Below(4, $"[red]✗[/] {screen.Say(Rules.What(rejection))}");
        }
    }

    private static string Kind(Screen screen, DryRunKind kind) => kind switch
    {
        DryRunKind.Create => screen.Say("gửi mới", "would be created"),
        DryRunKind.Update => screen.Say("gửi cập nhật", "would be updated"),
        _ => screen.Say("bị từ chối", "would be refused"),
    };

    private static void WriteCounts(Screen screen, SliceCounts c) => screen.Line(
        $"{screen.Say("Đã đọc", "Extracted")} {c.Extracted}: {screen.Say("không đổi", "unchanged")} {c.Unchanged}, {screen.Say("mới", "new")} {c.Added}, {screen.Say("thay đổi", "changed")} {c.Changed}, {screen.Say("rút", "withdrawn")} {c.Withdrawn}, {screen.Say("từ chối", "refused")} {c.Rejected}");
}
