using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Spectre.Console;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary><c>integration failures</c>: what was refused, why, and what a person decides about it.</summary>
internal static class FailuresCommand
{
    private static readonly Option<string?> PipelineOption = new("--pipeline") { Description = "Chỉ luồng này / only this pipeline" };
    private static readonly Option<string?> KeyOption = new("--key") { Description = "Chỉ bản ghi này / only this record" };
    private static readonly Option<string?> RuleOption = new("--rule") { Description = "Chỉ lý do này / only this rule" };
    private static readonly Option<string?> FieldOption = new("--field") { Description = "Chỉ trường này / only this field" };
    private static readonly Option<bool> AllOption = new("--all") { Description = "Từng bản ghi thay vì từng nhóm / single records instead of groups" };
    private static readonly Option<int> TakeOption = new("--take") { Description = "Số dòng / rows", DefaultValueFactory = _ => 50 };

    public static Command Build() => new("failures", "Bản ghi bị từ chối hoặc cần người quyết định / records refused or in need of a person")
    {
        BuildList(), BuildShow(), BuildReplay(), BuildDismiss(),
    };

    private static Command BuildList()
    {
        var command = new Command("list", "Danh sách, gộp theo lý do / list, grouped by reason") { PipelineOption, KeyOption, RuleOption, FieldOption, AllOption, TakeOption };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            var ledger = await context.LedgerAsync(cancel);
            var filter = Filter(parsed);
            if (parsed.GetValue(AllOption))
            {
                var rows = await ledger.ReadFailuresAsync(filter, 0, parsed.GetValue(TakeOption), cancel);
                WriteRows(context, rows);
                return rows.Count > 0 ? Exit.RecordsFailed : Exit.Done;
            }

            var groups = await ledger.ReadFailureGroupsAsync(filter, cancel);
            WriteGroups(context, groups);
            return groups.Count > 0 ? Exit.RecordsFailed : Exit.Done;
        }));
        return command;
    }

    private static Command BuildShow()
    {
        var pipeline = new Argument<string>("pipeline");
        var key = new Argument<string>("key");
        var command = new Command("show", "Một bản ghi, kèm nội dung đã che / one record, with its content masked") { pipeline, key };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            if (context.Find(parsed.GetRequiredValue(pipeline)) is not { } found)
            {
                return Exit.WrongUse;
            }

            var ledger = await context.LedgerAsync(cancel);
            var versions = await ledger.ReadHistoryAsync(found.Name, parsed.GetRequiredValue(key).Trim().Normalize(), cancel);
            if (versions.FirstOrDefault(v => v.Newest) is not { } newest)
            {
                return context.Fail(new Text("Sổ không có bản ghi này.", "The ledger has no such record."), Exit.WrongUse);
            }

            var content = newest.Kind == EntryKind.Put && await ledger.ReadPayloadAsync(newest.Version, cancel) is { } payload
                ? Payload.Masked(payload, found.Definition.Personal)
                : null;
            if (context.IsJson)
            {
                context.Write(new { newest, content });
                return Exit.Done;
            }

            context.Line($"[bold]{found.Name} {newest.Key}[/]  {newest.State}");
            foreach (var rejection in newest.Rejections)
            {
                context.Line($"  [red]✗[/] {context.Say(Rules.What(rejection))}");
                context.Line($"      [grey]→ {context.Say(Rules.Advice(rejection))}[/]");
            }

            if (content is not null)
            {
                context.Screen.WriteLine(content.ToString());
            }

            return Exit.Done;
        }));
        return command;
    }

    private static Command BuildReplay()
    {
        var reason = PauseCommand.ReasonOption();
        var command = new Command("replay", "Gửi lại, sau khi đã sửa / send again, after a correction") { PipelineOption, KeyOption, RuleOption, FieldOption, reason };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            var ledger = await context.LedgerAsync(cancel);
            var filter = Filter(parsed);
            var replayed = await ledger.ReplayAsync(filter, PauseCommand.Decide(parsed.GetRequiredValue(reason)), cancel);
            var mapped = 0;
            if (replayed.NeedMapping > 0)
            {
                foreach (var pipeline in context.Pipelines.All.Where(p => filter.Pipeline is null || filter.Pipeline == p.Name))
                {
                    if (await new Remapping(pipeline, ledger, context.Worker, context.Loggers.CreateLogger<Remapping>()).RunAsync(filter, cancel) is not { } count)
                    {
                        return context.Fail(new Text($"Luồng '{pipeline.Name}' đang được đồng bộ; thử lại sau.", $"'{pipeline.Name}' is being synced; try again later."), Exit.CannotReach);
                    }

                    mapped += count;
                }
            }

            var stillRefused = replayed.NeedMapping - mapped;
            if (context.IsJson)
            {
                context.Write(new { ready = replayed.Ready, mappedAgain = mapped, stillRefused });
            }
            else
            {
                context.Line($"{context.Say($"Gửi lại {replayed.Ready}, ánh xạ lại {mapped}, vẫn bị từ chối {stillRefused}.", $"Ready again {replayed.Ready}, mapped again {mapped}, still refused {stillRefused}.")}");
            }

            return stillRefused > 0 ? Exit.RecordsFailed : Exit.Done;
        }));
        return command;
    }

    private static Command BuildDismiss()
    {
        var reason = PauseCommand.ReasonOption();
        var command = new Command("dismiss", "Bỏ qua theo quyết định của người vận hành / leave unsent by an operator's decision") { PipelineOption, KeyOption, RuleOption, FieldOption, reason };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(parsed, async context =>
        {
            var filter = Filter(parsed);
            if (filter == new FailureFilter())
            {
                return context.Fail(new Text("Cần nêu ít nhất một điều kiện (--pipeline, --key, --rule, --field).", "At least one condition is needed (--pipeline, --key, --rule, --field)."), Exit.WrongUse);
            }

            var count = await (await context.LedgerAsync(cancel)).DismissAsync(filter, PauseCommand.Decide(parsed.GetRequiredValue(reason)), cancel);
            if (context.IsJson)
            {
                context.Write(new { dismissed = count });
            }
            else
            {
                context.Line($"{context.Say($"Đã bỏ qua {count} bản ghi.", $"{count} records dismissed.")}");
            }

            return Exit.Done;
        }));
        return command;
    }

    private static FailureFilter Filter(ParseResult parsed) =>
        new(parsed.GetValue(PipelineOption), parsed.GetValue(KeyOption)?.Trim().Normalize(), parsed.GetValue(RuleOption), parsed.GetValue(FieldOption));

    private static void WriteGroups(CommandContext context, IReadOnlyList<FailureGroup> groups)
    {
        if (context.IsJson)
        {
            context.Write(new { groups });
            return;
        }

        if (groups.Count == 0)
        {
            context.Line($"{context.Say("Không có bản ghi nào bị từ chối.", "Nothing is refused.")}");
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns(
            context.Say("Luồng", "Pipeline"), context.Say("Số bản ghi", "Records"), context.Say("Lý do", "Reason"), context.Say("Cần làm gì", "What to do"), context.Say("Ví dụ", "Example"));
        table.Columns[1].RightAligned();
        foreach (var g in groups)
        {
            table.AddRow(Markup.Escape(g.Pipeline), CommandContext.Count(g.Count), Markup.Escape(context.Say(Rules.What(g.Example))), Markup.Escape(context.Say(Rules.Advice(g.Example))), Markup.Escape(g.ExampleKey));
        }

        context.Screen.Write(table);
    }

    private static void WriteRows(CommandContext context, IReadOnlyList<FailureRow> rows)
    {
        if (context.IsJson)
        {
            context.Write(new { rows });
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns(context.Say("Luồng", "Pipeline"), context.Say("Khóa", "Key"), context.Say("Lý do", "Reason"));
        foreach (var r in rows)
        {
            table.AddRow(Markup.Escape(r.Pipeline), Markup.Escape(r.Key), Markup.Escape(context.Say(Rules.What(r.Rejection))));
        }

        context.Screen.Write(table);
    }
}
