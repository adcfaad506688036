using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Pipelines.Definitions;
using Integration.Records;
using Spectre.Console;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary><c>integration status</c>: how many records of every pipeline stand where, and when it ran and runs next.</summary>
internal static class StatusCommand
{
    private const int LongestUnwrappedName = 22;

    public static Command Build(Terminal terminal)
    {
        var command = new Command("status", "Tình trạng các luồng đồng bộ / state of the pipelines");
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            var ledger = await context.LedgerAsync(cancel);
            var status = await ledger.ReadStatusAsync(cancel);
            var pipelines = context.Workspace.Definitions.Pipelines;
            Write(context, pipelines, status, await Backpressure.OfAllAsync(ledger, pipelines, context.Workspace.Settings.Limits, cancel));
            return Exit.Done;
        }));
        return command;
    }

    /// <param name="pipelines">Those to show, whether the ledger knows them or not.</param>
    /// <param name="held">Why those of them that are read no further are not.</param>
    public static void Write(
        CommandContext context, IReadOnlyList<PipelineDefinition> pipelines, IReadOnlyList<PipelineStatus> status, IReadOnlyDictionary<string, Text> held)
    {
        var (screen, now) = (context.Screen, context.Clock.GetUtcNow());
        var rows = pipelines.Select(p => (Definition: p, Row: status.FirstOrDefault(s => s.Pipeline == p.Name))).ToArray();
        if (screen.IsJson)
        {
            screen.Write(new { pipelines = rows.Select(r => Answers.Of(r.Definition, r.Row, held.GetValueOrDefault(r.Definition.Name), now)) });
            return;
        }

        screen.Table(Counts(screen, rows));
        foreach (var (definition, row) in rows)
        {
            var zone = definition.Schedule.Zone;
            screen.Line($"[bold]{definition.Name}[/]: {screen.Say("lượt gần nhất", "last run")} {Screen.Time(row?.LastRun?.Started, zone)}, {screen.Say("lượt tới", "next run")} {Screen.Time(Schedule.Next(definition.Schedule, now), zone)}");
            foreach (var note in Notes(row, zone, now))
            {
                screen.Below(2, $"[yellow]{screen.Say(note)}[/]");
            }

            if (held.GetValueOrDefault(definition.Name) is { } reason)
            {
                screen.Below(2, $"[yellow]{screen.Say(reason)}[/]");
            }
        }
    }

    private static Table Counts(Screen screen, (PipelineDefinition Definition, PipelineStatus? Row)[] rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns(
            screen.Say("Luồng", "Pipeline"), screen.Say("Đã xác nhận", "Acknowledged"), screen.Say("Đang chờ", "Waiting"), screen.Say("Chưa rõ", "Unknown"),
            screen.Say("Từ chối", "Refused"), screen.Say("Bỏ qua", "Dismissed"));
        table.Columns[0].NoWrap = rows.All(r => r.Definition.Name.Length <= LongestUnwrappedName);
        foreach (var column in table.Columns.Skip(1))
        {
            column.RightAligned().NoWrap();
        }

        foreach (var (definition, row) in rows)
        {
            table.AddRow(
                Markup.Escape(definition.Name),
                Sum(RecordState.Acknowledged), Sum(RecordState.Ready, RecordState.Leased, RecordState.Waiting), Sum(RecordState.Unknown),
                Sum(RecordState.Quarantined, RecordState.Withheld), Sum(RecordState.Dismissed));

            string Sum(params RecordState[] states) => screen.Count(states.Sum(s => row?.States.GetValueOrDefault(s) ?? 0));
        }

        return table;
    }

    private static IEnumerable<Records.Text> Notes(PipelineStatus? row, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (row is null)
        {
            yield return new("chưa chạy lần nào", "never ran");
            yield break;
        }

        if (row.Paused is { } paused)
        {
            yield return new($"tạm dừng bởi {paused.Who.Vi}: {paused.Why.Vi}", $"paused by {paused.Who.En}: {paused.Why.En}");
        }

        if (row.ParkedUntil is { } until && until > now)
        {
            yield return new($"tạm nghỉ gửi đến {Screen.Time(until, zone)}. {row.ParkedReason?.Vi}", $"delivery rests until {Screen.Time(until, zone)}. {row.ParkedReason?.En}");
        }

        if (row.WaitingForPerson > 0)
        {
            yield return new($"{row.WaitingForPerson} bản ghi cần người quyết định: integration failures list", $"{row.WaitingForPerson} records need a person: integration failures list");
        }

        if (row.LastRun is { Outcome: RunOutcome.Stopped or RunOutcome.BrokenOff, Detail: { } detail })
        {
            yield return new($"lượt gần nhất không trọn: {detail.Vi}", $"the last run did not finish: {detail.En}");
        }
    }
}
