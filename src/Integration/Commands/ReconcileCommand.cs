using System.CommandLine;
using Integration.Ledger;
using Integration.Pipelines;
using Spectre.Console;
using Text = Integration.Records.Text;

namespace Integration.Commands;

/// <summary>
/// <c>integration reconcile &lt;pipeline&gt;</c>: asks the receiver about every acknowledged record. With <c>--send</c> what it lost is sent again.
/// </summary>
internal static class ReconcileCommand
{
    private const int ShownKeys = 20;

    public static Command Build(Terminal terminal)
    {
        var pipeline = GlobalOptions.Pipeline();
        var send = new Option<bool>("--send") { Description = "Gửi lại bản ghi nơi nhận không còn / send again what the receiver no longer has" };
        var different = new Option<bool>("--different") { Description = "Cùng với --send: cả bản ghi nơi nhận đang giữ khác / with --send: what it holds differently too" };
        var mass = new Option<bool>("--allow-mass-change") { Description = "Đã hỏi nơi nhận: cho phép gửi lại hàng loạt / the receiver was asked: allow many to be sent again" };
        var reason = new Option<string?>("--reason") { Description = "Lý do, bắt buộc khi có --send / why; required with --send" };
        var command = new Command("reconcile", "Đối chiếu sổ với nơi nhận / compare the ledger with the receiver") { pipeline, send, different, mass, reason };
        command.Validators.Add(result =>
        {
            if (result.GetValue(send) && string.IsNullOrWhiteSpace(result.GetValue(reason)))
            {
                result.AddError("--send: cần --reason \"…\" / needs --reason \"…\"");
            }

            if (result.GetValue(different) && !result.GetValue(send))
            {
                result.AddError("--different: chỉ dùng cùng --send / only with --send");
            }
        });
        command.SetAction((parsed, cancel) => CommandContext.RunAsync(terminal, parsed, async context =>
        {
            if (context.Find(parsed.GetRequiredValue(pipeline)) is not { } found)
            {
                return Exit.WrongUse;
            }

            if (!found.Target.Traits.CanLookUp)
            {
                return context.Screen.Fail(new Text($"Nơi nhận của '{found.Name}' không cho tra cứu nên không đối chiếu được.", $"The receiver of '{found.Name}' cannot be asked, so nothing can be compared."), Exit.WrongUse);
            }

            var ledger = await context.LedgerAsync(cancel);
            var reconciliation = new Reconciliation(found, ledger, context.Workspace.Settings.Delivery);
            var comparison = await context.Screen.WhileAsync(new Text("Hỏi nơi nhận từng bản ghi…", "Asking the receiver record by record…"), () => reconciliation.CompareAsync(cancel));
            var decision = parsed.GetValue(send) ? PauseCommand.Decide(parsed.GetValue(reason)!) : null;
            var doubtful = decision is null || comparison.Unanswered is not null ? [] : parsed.GetValue(different) ? [.. comparison.Missing, .. comparison.Different] : comparison.Missing;
            var isTooMuch = !parsed.GetValue(mass) && !new MassChangeGuard(found.Definition.Guard, comparison.Compared).Allows(doubtful.Count);
            var doubted = doubtful.Count > 0 && !isTooMuch ? await reconciliation.DoubtAsync(doubtful, decision!, cancel) : 0;
            var exit = comparison.Unanswered is not null ? Exit.CannotReach : isTooMuch || comparison.Missing.Count + comparison.Different.Count > 0 ? Exit.RecordsFailed : Exit.Done;
            if (context.Screen.IsJson)
            {
                context.Screen.Write(new
                {
                    pipeline = found.Name, compared = comparison.Compared, same = comparison.Same, missing = comparison.Missing.Select(m => m.Key),
                    different = comparison.Different.Select(d => d.Key), unanswered = comparison.Unanswered, sentAgain = doubted, heldBack = isTooMuch, exit,
                });
                return exit;
            }

            Write(context.Screen, found.Name, comparison, isTooMuch ? doubtful.Count : null, decision is null ? null : doubted);
            return exit;
        }));
        return command;
    }

    private static void Write(Screen screen, string pipeline, Comparison comparison, int? heldBack, int? doubted)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns(screen.Say("Đã so", "Compared"), screen.Say("Khớp", "Same"), screen.Say("Nơi nhận không có", "Missing"), screen.Say("Khác", "Different"));
        table.AddRow(screen.Count(comparison.Compared), screen.Count(comparison.Same), screen.Count(comparison.Missing.Count), screen.Count(comparison.Different.Count));
        screen.Table(table);
        Keys(screen, new Text("Nơi nhận không có", "Missing"), comparison.Missing);
        Keys(screen, new Text("Nơi nhận giữ khác", "Different"), comparison.Different);
        if (comparison.Unanswered is { } unanswered)
        {
            screen.Complain(screen.Say($"Chưa so hết: {unanswered.Vi} Chưa có gì thay đổi; chạy lại lệnh này sau.", $"Not all was compared: {unanswered.En} Nothing was changed; run this command again later."));
        }
        else if (heldBack is { } held)
        {
            screen.Complain(screen.Say(
                $"Không gửi lại {screen.Count(held)} bản ghi: quá nhiều so với {screen.Count(comparison.Compared)} bản ghi đã so, có thể việc tra cứu của nơi nhận đang hỏng. Hỏi nơi nhận; nếu đúng là đã mất, thêm --allow-mass-change.",
                $"{screen.Count(held)} records are not sent again: too many of the {screen.Count(comparison.Compared)} compared, the receiver's look-up may be broken. Ask its operator; if they really are lost, add --allow-mass-change."));
        }
        else if (doubted is { } sent)
        {
            screen.Line($"{screen.Say(
                $"{screen.Count(sent)} bản ghi sẽ được hỏi lại rồi gửi. Tiến trình đồng bộ làm việc đó, hoặc: integration sync {pipeline}",
                $"{screen.Count(sent)} records are asked for once more and then sent. The worker does that, or: integration sync {pipeline}")}");
        }
        else if (comparison.Missing.Count + comparison.Different.Count > 0)
        {
            screen.Line($"{screen.Say(
                $"Chưa có gì thay đổi. Để gửi lại: integration reconcile {pipeline} --send --reason \"…\" (luồng cha trước: hồ sơ rồi mới đến tiến độ)",
                $"Nothing was changed. To send again: integration reconcile {pipeline} --send --reason \"…\" (parents first: dossiers before progress)")}");
        }
    }

    private static void Keys(Screen screen, Text what, IReadOnlyList<AcknowledgedRecord> found)
    {
        foreach (var record in found.Take(ShownKeys))
        {
            screen.Line($"{screen.Say(what)}: [bold]{record.Key}[/]");
        }

        if (found.Count > ShownKeys)
        {
            screen.Line($"[grey]{screen.Say($"… và {screen.Count(found.Count - ShownKeys)} bản ghi nữa (--json cho đủ).", $"… and {screen.Count(found.Count - ShownKeys)} more (--json shows all).")}[/]");
        }
    }
}
