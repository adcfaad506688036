using Integration.Ledger;
using Integration.Records;
using Newtonsoft.Json.Linq;

namespace Integration.Commands;

/// <summary>Refusals on a screen: what happened, what to do, whose it is. Lines and no table, so that keys stay whole in a narrow terminal.</summary>
internal static class FailureList
{
    public static void Write(Screen screen, IReadOnlyList<FailureGroup> groups)
    {
        if (screen.IsJson)
        {
            screen.Write(new { groups = groups.Select(Answers.Of) });
            return;
        }

        Empty(screen, groups.Count);

        // One missing code may refuse several fields of the same records; a person has one thing to do.
        foreach (var same in groups.GroupBy(g => (g.Pipeline, What: screen.Say(Rules.What(g.Example)))))
        {
            var largest = same.MaxBy(g => g.Count)!;
            screen.Line($"[bold]{same.Key.Pipeline}[/]  {screen.Count(largest.Count)} {screen.Say("bản ghi", largest.Count == 1 ? "record" : "records")}");
            Reason(screen, largest.Example);
            screen.Below(4, $"[grey]{screen.Say("Ví dụ", "Example")}: integration explain {largest.Pipeline} {largest.ExampleKey}[/]");
        }
    }

    public static void Write(Screen screen, IReadOnlyList<FailureRow> rows)
    {
        if (screen.IsJson)
        {
            screen.Write(new { failures = rows.Select(Answers.Of) });
            return;
        }

        Empty(screen, rows.Count);
        foreach (var record in rows.GroupBy(r => (r.Pipeline, r.Key)))
        {
            screen.Line($"[bold]{record.Key.Pipeline} {record.Key.Key}[/]");
            foreach (var what in record.Select(r => screen.Say(Rules.What(r.Rejection))).Distinct())
            {
                screen.Below(2, $"[red]✗[/] {what}");
            }
        }
    }

    /// <param name="content">The payload with what is personal masked; null when there is none to show.</param>
    public static void Write(Screen screen, VersionHistory version, JObject? content)
    {
        if (screen.IsJson)
        {
            screen.Write(new { version.Pipeline, version.Key, version.Version, version.State, rejections = version.Rejections.Select(Answers.Of), content });
            return;
        }

        screen.Line($"[bold]{version.Pipeline} {version.Key}[/]  {screen.Say(Name(version.State))}");
        foreach (var rejection in version.Rejections.DistinctBy(Rules.What))
        {
            Reason(screen, rejection);
        }

        if (content is not null)
        {
            screen.Line($"{content.ToString()}");
        }
    }

    private static void Reason(Screen screen, Rejection rejection)
    {
        screen.Below(2, $"[red]✗[/] {screen.Say(Rules.What(rejection))}");
        screen.Below(4, $"[grey]→ {screen.Say(Rules.Advice(rejection))}[/]");
    }

    private static void Empty(Screen screen, int count)
    {
        if (count == 0)
        {
            screen.Line($"{screen.Say("Không có bản ghi nào bị từ chối.", "Nothing is refused.")}");
        }
    }

    private static Text Name(RecordState state) => state switch
    {
        RecordState.Ready => new("chờ gửi", "ready"),
        RecordState.Leased => new("đang gửi", "being sent"),
        RecordState.Waiting => new("chờ bản ghi khác", "waiting"),
        RecordState.Unknown => new("chưa rõ cổng đã nhận chưa", "outcome unknown"),
        RecordState.Acknowledged => new("cổng đã xác nhận", "acknowledged"),
        RecordState.Quarantined => new("bị từ chối", "refused"),
        RecordState.Superseded => new("đã có bản mới hơn", "superseded"),
        RecordState.Withheld => new("giữ lại vì độ mật", "withheld"),
        _ => new("đã quyết định bỏ qua", "dismissed"),
    };
}
