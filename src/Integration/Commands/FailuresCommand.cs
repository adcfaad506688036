using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary><c>integration failures</c>: what was refused, why, and what a person decides about it.</summary>
internal static class FailuresCommand
{
    private static readonly Option<string?> PipelineOption = new("--pipeline") { Description = "Chỉ luồng này / only this pipeline" };
    private static readonly Option<string?> KeyOption = new("--key") { Description = "Chỉ bản ghi này / only this record" };
    private static readonly Option<string?> RuleOption = Among("--rule", "Chỉ lý do này / only this rule", Rules.ByCode.Keys);
    private static readonly Option<string?> FieldOption = new("--field") { Description = "Chỉ trường này / only this field" };
    private static readonly Option<bool> AllOption = new("--all") { Description = "Từng bản ghi thay vì từng nhóm / single records instead of groups" };
    private static readonly Option<int> TakeOption = AtLeastOne("--take", "Số dòng / rows", 50);

    public static Command Build(Terminal terminal) => new("failures", "Bản ghi bị từ chối hoặc cần người quyết định / records refused or in need of a person")
    {
        BuildList(terminal), BuildShow(terminal), BuildReplay(terminal), BuildDismiss(terminal),
    };

    private static Command BuildList(Terminal terminal)
    {
        var command = new Command("list", "Danh sách, gộp theo lý do / list, grouped by reason") { PipelineOption, KeyOption, RuleOption, FieldOption, AllOption, TakeOption };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            if (Filter(context, parsed) is not { } filter)
            {
                return Exit.WrongUse;
            }

            var ledger = await context.LedgerAsync(cancel);
            if (parsed.GetValue(AllOption))
            {
                var rows = await ledger.ReadFailuresAsync(filter, 0, parsed.GetValue(TakeOption), cancel);
                FailureList.Write(context.Screen, rows);
                return rows.Count > 0 ? Exit.RecordsFailed : Exit.Done;
            }

            var groups = await ledger.ReadFailureGroupsAsync(filter, cancel);
            FailureList.Write(context.Screen, groups);
            return groups.Count > 0 ? Exit.RecordsFailed : Exit.Done;
        }));
        return command;
    }

    private static Command BuildShow(Terminal terminal)
    {
        var (pipeline, key) = (GlobalOptions.Pipeline(), GlobalOptions.Key());
        var command = new Command("show", "Một bản ghi, kèm nội dung đã che / one record, with its content masked") { pipeline, key };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            var name = parsed.GetRequiredValue(pipeline);
            if (!context.Knows(name))
            {
                return Exit.WrongUse;
            }

            var ledger = await context.LedgerAsync(cancel);
            var versions = await ledger.ReadHistoryAsync(name, parsed.GetRequiredValue(key).Trim().Normalize(), cancel);
            if (versions.FirstOrDefault(v => v.Newest) is not { } newest)
            {
                return context.Screen.Fail(
                    new Text($"Sổ không có bản ghi này. Xem: integration explain {name} KHÓA", $"The ledger has no such record. See: integration explain {name} KEY"), Exit.WrongUse);
            }

            // A row that was never mapped has columns, not fields; which of them are personal nobody has said, so it is not shown.
            var content = newest.Kind == EntryKind.Put && await ledger.ReadPayloadAsync(newest.Version, cancel) is { } payload
                ? Payload.Masked(payload, context.Workspace.Definitions.Pipelines.First(p => p.Name == name).Personal)
                : null;
            FailureList.Write(context.Screen, newest, content);
            return Exit.Done;
        }));
        return command;
    }

    private static Command BuildReplay(Terminal terminal)
    {
        var reason = GlobalOptions.Reason();
        var command = new Command("replay", "Gửi lại, sau khi đã sửa / send again, after a correction") { PipelineOption, KeyOption, RuleOption, FieldOption, reason };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            if (Filter(context, parsed) is not { } filter)
            {
                return Exit.WrongUse;
            }

            // Before anything is decided: what is wrong with the connections is told first.
            var pipelines = context.Pipelines.All;
            var ledger = await context.LedgerAsync(cancel);
            var replayed = await ledger.ReplayAsync(filter, PauseCommand.Decide(parsed.GetRequiredValue(reason)), cancel);
            var mapped = 0;
            foreach (var pipeline in replayed.NeedMapping == 0 ? [] : pipelines.Where(p => filter.Pipeline is null || filter.Pipeline == p.Name))
            {
                if (await new Remapping(pipeline, ledger, context.Worker, context.Loggers.CreateLogger<Remapping>()).RunAsync(filter, cancel) is not { } count)
                {
                    return context.Screen.Fail(new Text($"Luồng '{pipeline.Name}' đang được đồng bộ; thử lại sau.", $"'{pipeline.Name}' is being synced; try again later."), Exit.CannotReach);
                }

                mapped += count;
            }

            var stillRefused = replayed.NeedMapping - mapped;
            if (context.Screen.IsJson)
            {
                context.Screen.Write(new { ready = replayed.Ready, mappedAgain = mapped, stillRefused });
            }
            else
            {
                context.Screen.Line($"{context.Screen.Say(
                    $"Sẵn sàng gửi lại {replayed.Ready}, ánh xạ lại đạt {mapped}, vẫn bị từ chối {stillRefused}. Tiến trình đồng bộ sẽ gửi, hoặc: integration sync LUỒNG",
                    $"Ready again {replayed.Ready}, mapped again {mapped}, still refused {stillRefused}. The worker sends them, or: integration sync PIPELINE")}");
            }

            return stillRefused > 0 ? Exit.RecordsFailed : Exit.Done;
        }));
        return command;
    }

    private static Command BuildDismiss(Terminal terminal)
    {
        var reason = GlobalOptions.Reason();
        var command = new Command("dismiss", "Bỏ qua theo quyết định của người vận hành / leave unsent by an operator's decision") { PipelineOption, KeyOption, RuleOption, FieldOption, reason };
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            if (Filter(context, parsed) is not { } filter)
            {
                return Exit.WrongUse;
            }

            if (filter == new FailureFilter())
            {
                return context.Screen.Fail(new Text("Cần nêu ít nhất một điều kiện (--pipeline, --key, --rule, --field).", "At least one condition is needed (--pipeline, --key, --rule, --field)."), Exit.WrongUse);
            }

            var count = await (await context.LedgerAsync(cancel)).DismissAsync(filter, PauseCommand.Decide(parsed.GetRequiredValue(reason)), cancel);
            if (context.Screen.IsJson)
            {
                context.Screen.Write(new { dismissed = count });
            }
            else
            {
                context.Screen.Line($"{context.Screen.Say($"Đã bỏ qua {count} bản ghi. Bản bị từ chối: giữ nguyên không gửi. Bản chưa rõ kết quả: sổ ghi là nơi nhận đã có.", $"{count} records dismissed. Refused ones stay unsent; those whose outcome was unknown are taken as received.")}");
            }

            return Exit.Done;
        }));
        return command;
    }

    /// <returns>Null when it names a pipeline that is not there; that was told then.</returns>
    private static FailureFilter? Filter(CommandContext context, ParseResult parsed) => parsed.GetValue(PipelineOption) is { } name && !context.Knows(name)
        ? null
        : new(parsed.GetValue(PipelineOption), parsed.GetValue(KeyOption)?.Trim().Normalize(), parsed.GetValue(RuleOption), parsed.GetValue(FieldOption));

    private static Option<string?> Among(string name, string description, IEnumerable<string> words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "rule" };
        option.AcceptOnlyFromAmong([.. words]);
        return option;
    }

    private static Option<int> AtLeastOne(string name, string description, int unlessSet)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => unlessSet };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name}: phải từ 1 / must be at least 1");
            }
        });
        return option;
    }
}
