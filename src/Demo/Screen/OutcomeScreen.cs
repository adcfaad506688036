using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using Spectre.Console;

namespace Demo.Screen;

/// <summary>The last thing the demo shows: what became of every record, why some were refused, and what to type next.</summary>
/// <param name="command">How the product's command line is called for this province.</param>
internal sealed class OutcomeScreen(IAnsiConsole console, Language language, string command)
{
    private readonly Wording _say = new(language);

    /// <param name="expected">Null once the province was edited: then nobody knows the outcome beforehand.</param>
    public void Show(IReadOnlyList<PipelineStatus> status, IReadOnlyList<FailureGroup> failures, IReadOnlyList<Expectation>? expected)
    {
        console.Write(Pipelines(status, expected));
        if (failures.Count > 0)
        {
            console.Write(Reasons(failures));
        }

        ShowNext(failures);
    }

    private Table Pipelines(IReadOnlyList<PipelineStatus> status, IReadOnlyList<Expectation>? expected)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(_say.Say("Kết quả đồng bộ", "Outcome"));
        table.AddColumn(new TableColumn(_say.Say("Luồng", "Pipeline")).NoWrap());
        foreach (var heading in (ReadOnlySpan<string>)[
            _say.Say("Đã đọc", "Extracted"), _say.Say("Không đổi", "Unchanged"), _say.Say("Biên nhận", "Acknowledged"),
            _say.Say("Chờ", "Waiting"), _say.Say("Từ chối", "Refused"), _say.Say("Chưa rõ", "Unknown")])
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        if (expected is not null)
        {
            table.AddColumn(_say.Say("Như dự kiến", "Expected"));
        }

        foreach (var one in status)
        {
            List<string> cells =
            [
                Markup.Escape(one.Pipeline), _say.Say(one.LastRun?.Counts.Extracted ?? 0), _say.Say(one.LastRun?.Counts.Unchanged ?? 0),
                _say.Say(Count(one, RecordState.Acknowledged)), _say.Say(Waiting(one)), _say.Say(Refused(one)), _say.Say(Count(one, RecordState.Unknown)),
            ];
            if (expected is not null)
            {
                cells.Add(Verdict(one, expected.FirstOrDefault(e => e.Pipeline == one.Pipeline)));
            }

            table.AddRow([.. cells]);
        }

        return table;
    }

    private Table Reasons(IReadOnlyList<FailureGroup> failures)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(_say.Say("Bị từ chối, theo lý do", "Refused, by reason"));
        table.AddColumn(new TableColumn(_say.Say("Luồng", "Pipeline")).NoWrap());
        table.AddColumn(_say.Say("Lý do", "Reason"));
        table.AddColumn(new TableColumn(_say.Say("Số", "Count")).RightAligned().NoWrap());
        table.AddColumn(new TableColumn(_say.Say("Ví dụ", "Example")).NoWrap());
        foreach (var group in failures)
        {
            table.AddRow(Markup.Escape(group.Pipeline), _say.Say(Rules.What(group.Example)), _say.Say(group.Count), Markup.Escape(group.ExampleKey));
        }

        return table;
    }

    private void ShowNext(IReadOnlyList<FailureGroup> failures)
    {
        console.MarkupLine(_say.Say("Gõ tiếp:", "Next, type:"));
        string[] next = failures is [var largest, ..] ? [$"explain {largest.Pipeline} {largest.ExampleKey}", "failures list", "status"] : ["status"];
        foreach (var one in next)
        {
            console.MarkupLine($"  [bold]{Markup.Escape($"{command} {one}")}[/]");
        }
    }

    private string Verdict(PipelineStatus status, Expectation? expected)
    {
        if (expected is null)
        {
            return "";
        }

        return Count(status, RecordState.Acknowledged) == expected.Acknowledged && Waiting(status) == expected.Waiting && Refused(status) == expected.Refused
            ? $"[green]{_say.Say("đúng", "yes")}[/]"
            : $"[red]{_say.Say("khác: {0} / {1} / {2}", "differs: {0} / {1} / {2}", expected.Acknowledged, expected.Waiting, expected.Refused)}[/]";
    }

    /// <summary>Everything that will still be sent: waiting for another record, ready, or on its way.</summary>
    private static long Waiting(PipelineStatus status) =>
        Count(status, RecordState.Waiting) + Count(status, RecordState.Ready) + Count(status, RecordState.Leased);

    private static long Refused(PipelineStatus status) => Count(status, RecordState.Quarantined) + Count(status, RecordState.Withheld);

    private static long Count(PipelineStatus status, RecordState state) => status.States.GetValueOrDefault(state);
}
