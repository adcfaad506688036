using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Spectre.Console;

namespace Integration.Commands;

/// <summary><c>integration status</c>: every pipeline in one table.</summary>
internal static class StatusCommand
{
    public static Command Build()
    {
        var command = new Command("status", "Tình trạng các luồng đồng bộ / state of the pipelines");
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            var ledger = await context.LedgerAsync(cancel);
            var status = await ledger.ReadStatusAsync(cancel);
            if (context.IsJson)
            {
                context.Write(new { pipelines = status });
            }
            else
            {
                Write(context, status);
            }

            return Exit.Done;
        }));
        return command;
    }

    public static void Write(CommandContext context, IReadOnlyList<PipelineStatus> status)
    {
        var now = context.Clock.GetUtcNow();
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns(
            context.Say("Luồng", "Pipeline"), context.Say("Đã xác nhận", "Acknowledged"), context.Say("Đang chờ", "Waiting"), context.Say("Chưa rõ", "Unknown"),
            context.Say("Từ chối", "Refused"), context.Say("Bỏ qua", "Dismissed"), context.Say("Lượt gần nhất", "Last run"), context.Say("Lượt tới", "Next run"), context.Say("Ghi chú", "Note"));
        foreach (var column in table.Columns.Skip(1).Take(5))
        {
            column.RightAligned();
        }

        foreach (var definition in context.Workspace.Definitions.Pipelines)
        {
            var row = status.FirstOrDefault(s => s.Pipeline == definition.Name);
            var zone = definition.Schedule.Zone;
            table.AddRow(
                Markup.Escape(definition.Name),
                Sum(row, RecordState.Acknowledged), Sum(row, RecordState.Ready, RecordState.Leased, RecordState.Waiting), Sum(row, RecordState.Unknown),
                Sum(row, RecordState.Quarantined, RecordState.Withheld), Sum(row, RecordState.Dismissed),
                CommandContext.Time(row?.LastRun?.Started, zone),
                CommandContext.Time(Schedule.Next(definition.Schedule, now), zone),
                Markup.Escape(Note(context, row, zone, now)));
        }

        context.Screen.Write(table);
    }

    private static string Sum(PipelineStatus? row, params ReadOnlySpan<RecordState> states)
    {
        var sum = 0L;
        foreach (var state in states)
        {
            sum += row?.States.GetValueOrDefault(state) ?? 0;
        }

        return CommandContext.Count(sum);
    }

    private static string Note(CommandContext context, PipelineStatus? row, TimeZoneInfo zone, DateTimeOffset now) => row switch
    {
        null => context.Say("chưa chạy lần nào", "never ran"),
        { Paused: { } paused } => context.Say($"tạm dừng: {paused.Reason}", $"paused: {paused.Reason}"),
        { ParkedUntil: { } until } when until > now => $"{context.Say($"nghỉ đến {CommandContext.Time(until, zone)}", $"rests until {CommandContext.Time(until, zone)}")} {row.ParkedReason?.In(context.Language)}",
        { WaitingForPerson: > 0 and var n } => context.Say($"{n} bản ghi cần người quyết định", $"{n} records need a person"),
        { LastRun: { Outcome: RunOutcome.Stopped or RunOutcome.BrokenOff, Detail: { } detail } } => detail.In(context.Language),
        _ => "",
    };
}
