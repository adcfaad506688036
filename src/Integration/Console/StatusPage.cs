using System.Globalization;
using System.Net;
using System.Text;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Console;

/// <summary>One page that tells an operator how things stand: counts by pipeline, and what was refused and why. Nothing on it names a person.</summary>
internal static class StatusPage
{
    public const string Style = """
        :root{color-scheme:light dark;--line:#8884;--good:#17803d;--warn:#b45309;--bad:#b91c1c}
        @media (prefers-color-scheme:dark){:root{--good:#4ade80;--warn:#fbbf24;--bad:#f87171}}
        *{box-sizing:border-box}
        body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1.25rem}
        h1{font-size:1.35rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
        .sub{opacity:.7;margin:.1rem 0 1.2rem}
        .wide{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem}
        table{border-collapse:collapse;width:100%}
        th,td{padding:.5rem .75rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
        thead th{border-top:0;font-weight:600;white-space:nowrap}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
        .zero{opacity:.4}.hint{opacity:.75;font-size:.9em}
        code{font-size:.9em;overflow-wrap:anywhere}
        @media (max-width:44rem){
          thead{display:none}table,tbody,tr,td{display:block}
          tr{padding:.5rem 0;border-top:1px solid var(--line)}tr:first-child{border-top:0}
          td,td.n{border:0;padding:.15rem .75rem;text-align:left}
          td[data-h]{display:grid;grid-template-columns:8rem 1fr;gap:.5rem}
          td[data-h]::before{content:attr(data-h);opacity:.7}
        }
        """;

    private static readonly Text LastRun = new("Lượt gần nhất", "Last run");
    private static readonly Text NextRun = new("Lượt tới", "Next run");

    private static readonly Column[] Columns =
    [
        new(new("Đã xác nhận", "Acknowledged"), "good", RecordState.Acknowledged),
        new(new("Đang chờ", "Waiting"), "", RecordState.Ready, RecordState.Leased, RecordState.Waiting),
        new(new("Chưa rõ", "Unknown"), "warn", RecordState.Unknown),
        new(new("Từ chối", "Refused"), "bad", RecordState.Quarantined, RecordState.Withheld),
        new(new("Bỏ qua", "Dismissed"), "", RecordState.Dismissed),
    ];

    public static string Render(
        IReadOnlyList<PipelineDefinition> pipelines, IReadOnlyList<PipelineStatus> status, IReadOnlyDictionary<string, Text> held, IReadOnlyList<FailureGroup> failures, int allGroups,
        Language language, DateTimeOffset now)
    {
        var say = new Speaker(language);
        var page = Head(say, now, pipelines.Count > 0 ? pipelines[0].Schedule.Zone : TimeZoneInfo.Utc);
        page.Append("<div class=wide><table><thead><tr><th>").Append(say.It("Luồng đồng bộ", "Pipeline"));
        foreach (var column in Columns)
        {
            page.Append("<th class=n>").Append(say.It(column.Heading));
        }

        page.Append("<th>").Append(say.It(LastRun)).Append("<th>").Append(say.It(NextRun)).Append("</tr></thead><tbody>");
        foreach (var definition in pipelines)
        {
            Row(page, definition, status.FirstOrDefault(s => s.Pipeline == definition.Name), held.GetValueOrDefault(definition.Name), say, now);
        }

        page.Append("</tbody></table></div>");
        Failures(page, failures, allGroups, say);
        return page.Append("</body></html>").ToString();
    }

    public static string RenderUnavailable(Text what, Language language)
    {
        var say = new Speaker(language);
        return Head(say, null, TimeZoneInfo.Utc).Append("<p class=bad>").Append(WebUtility.HtmlEncode(what.In(language))).Append("</p></body></html>").ToString();
    }

    private static StringBuilder Head(Speaker say, DateTimeOffset? now, TimeZoneInfo zone) => new StringBuilder("<!doctype html><html lang=")
        .Append(say.It("vi", "en"))
        .Append("><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\"><meta http-equiv=refresh content=5><title>")
        .Append(say.It("Đồng bộ dữ liệu quốc gia", "National data sync"))
        .Append("</title><link rel=stylesheet href=/status.css></head><body><h1>")
        .Append(say.It("Đồng bộ dữ liệu quốc gia", "National data sync"))
        .Append("</h1><p class=sub>")
        .Append(now is { } t ? say.It($"Cập nhật lúc {Time(t, zone)}, tự làm mới mỗi 5 giây", $"As of {Time(t, zone)}, refreshed every 5 seconds") : "")
        .Append("</p>");

    private static void Row(StringBuilder page, PipelineDefinition definition, PipelineStatus? row, Text? held, Speaker say, DateTimeOffset now)
    {
        var zone = definition.Schedule.Zone;
        page.Append("<tr><td><b>").Append(WebUtility.HtmlEncode(definition.Name)).Append("</b>");
        if (Note(row, held, zone, say, now) is { } note)
        {
            page.Append("<br><span class=\"hint warn\">").Append(WebUtility.HtmlEncode(note)).Append("</span>");
        }

        foreach (var column in Columns)
        {
            var count = column.States.Sum(state => row?.States.GetValueOrDefault(state) ?? 0);
            Cell(page, column.Heading, say, $"n {(count == 0 ? "zero" : column.Tone)}").Append(say.Count(count));
        }

        Cell(page, LastRun, say).Append("<span>");
        if (row?.LastRun is { } run)
        {
            var c = run.Counts;
            page.Append(Time(run.Started, zone)).Append("<br><span class=hint>")
                .Append(say.It($"đọc {say.Count(c.Extracted)}, mới {say.Count(c.Added)}, đổi {say.Count(c.Changed)}", $"read {say.Count(c.Extracted)}, new {say.Count(c.Added)}, changed {say.Count(c.Changed)}")).Append("</span>");
        }
        else
        {
            page.Append(say.It("chưa chạy", "never"));
        }

        Cell(page.Append("</span>"), NextRun, say).Append(Schedule.Next(definition.Schedule, now) is { } next ? Time(next, zone) : "–").Append("</tr>");
    }

    private static void Failures(StringBuilder page, IReadOnlyList<FailureGroup> failures, int allGroups, Speaker say)
    {
        page.Append("<h2>").Append(say.It("Bị từ chối hoặc cần người quyết định", "Refused, or in need of a person")).Append("</h2>");
        if (failures.Count == 0)
        {
            page.Append("<p class=good>").Append(say.It("Không có.", "None.")).Append("</p>");
            return;
        }

        page.Append("<div class=wide><table><thead><tr><th>").Append(say.It("Luồng", "Pipeline")).Append("<th class=n>").Append(say.It("Số bản ghi", "Records"))
            .Append("<th>").Append(say.It("Lý do", "Reason")).Append("<th>").Append(say.It("Xem một bản ghi", "Look at one")).Append("</tr></thead><tbody>");
        foreach (var group in failures)
        {
            page.Append("<tr><td>").Append(WebUtility.HtmlEncode(group.Pipeline)).Append("<td class=n>").Append(say.Count(group.Count))
                .Append("<td>").Append(WebUtility.HtmlEncode(say.It(Rules.What(group.Example))))
                .Append("<br><span class=hint>").Append(WebUtility.HtmlEncode(say.It(Rules.Advice(group.Example)))).Append("</span>")
                .Append("<td><code>integration explain ").Append(WebUtility.HtmlEncode(group.Pipeline)).Append(' ').Append(WebUtility.HtmlEncode(group.ExampleKey)).Append("</code></tr>");
        }

        page.Append("</tbody></table></div>");
        if (allGroups > failures.Count)
        {
            page.Append("<p class=hint>").Append(say.It($"Còn {allGroups - failures.Count} nhóm nữa: integration failures list", $"{allGroups - failures.Count} more groups: integration failures list")).Append("</p>");
        }
    }

    private static string? Note(PipelineStatus? row, Text? held, TimeZoneInfo zone, Speaker say, DateTimeOffset now) => row switch
    {
        { Paused: { } paused } => say.It($"Tạm dừng bởi {paused.Who.Vi}: {paused.Why.Vi}", $"Paused by {paused.Who.En}: {paused.Why.En}"),
        { ParkedUntil: { } until } when until > now => $"{say.It($"Nghỉ đến {Time(until, zone)}.", $"Rests until {Time(until, zone)}.")} {(row.ParkedReason is { } why ? say.It(why) : "")}",
        _ when held is not null => say.It(held),
        { LastRun: { Outcome: RunOutcome.Stopped or RunOutcome.BrokenOff, Detail: { } detail } } => say.It(detail),
        { WaitingForPerson: > 0 and var n } => say.It($"{n} bản ghi cần người quyết định", $"{n} records need a person"),
        _ => null,
    };

    // The heading stands beside the value where the screen is too narrow for a table.
    private static StringBuilder Cell(StringBuilder page, Text heading, Speaker say, string tone = "") =>
        page.Append("<td class=\"").Append(tone).Append("\" data-h=\"").Append(say.It(heading)).Append("\">");

    private static string Time(DateTimeOffset time, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(time, zone).ToString("dd/MM HH:mm:ss", CultureInfo.InvariantCulture);

    private sealed record Speaker(Language Language)
    {
        private static readonly CultureInfo Vietnamese = CultureInfo.GetCultureInfo("vi-VN");

        public string It(string vi, string en) => Language == Language.Vietnamese ? vi : en;

        public string It(Text text) => text.In(Language);

        public string Count(long count) => count.ToString("N0", Language == Language.Vietnamese ? Vietnamese : CultureInfo.InvariantCulture);
    }

    private sealed record Column(Text Heading, string Tone, params RecordState[] States);
}
