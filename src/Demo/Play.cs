using Demo.Province;
using Demo.Screen;
using Integration.Ledger;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Text = Integration.Records.Text;

namespace Demo;

/// <summary>The whole demo: province, portal, worker, a first pass with its outcome, and then the schedule.</summary>
internal static class Play
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        var say = new Wording(options.Language);
        try
        {
            return await RunAsync(options, console, say, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            console.MarkupLine($"[red]{say.Say("Không chạy tiếp được: {0}", "The demo cannot go on: {0}", e.Message)}[/]");
            return 1;
        }
    }

    private static async Task<int> RunAsync(DemoOptions options, IAnsiConsole console, Wording say, CancellationToken cancellationToken)
    {
        if (options.Fresh)
        {
            SampleProvince.Clear(options.Folder);
            WorkerSettings.ForgetLedger(options);
            Stage.ForgetPortal(options);
        }

        var isNew = !SampleProvince.ExistsIn(options.Folder);
        var province = isNew ? SampleProvince.Create(options.Folder, options.Dossiers) : SampleProvince.Open(options.Folder);
        var expected = Expectations.Read(province);
        if (isNew)
        {
            new ProvinceScreen(console, options.Language).Show(province, expected);
        }

        var began = TimeProvider.System.GetUtcNow();
        await using var stage = await Stage.StartAsync(options, province, text => console.MarkupLine($"[yellow]{say.Say(text)}[/]"), cancellationToken);
        console.MarkupLine(say.Say("Cổng giả lập {0}   Trang tình trạng {1}", "Portal stand-in {0}   Status page {1}", stage.PortalUrl, stage.Page));
        await using var ledger = LedgerFactory.Create(
            options.LedgerConnection is null ? "sqlite" : "postgres", WorkerSettings.LedgerConnection(options), TimeProvider.System, NullLoggerFactory.Instance);
        var before = await stage.CountEffectsAsync(cancellationToken);
        var status = await new PassScreen(console, options.Language).ShowAsync(expected, show => new Pass(ledger, began).WatchAsync(show, stage.WorkerGaveUp, cancellationToken));
        var took = TimeProvider.System.GetUtcNow() - began;

        status = [.. await Task.WhenAll(status.Select(s => WholePassAsync(ledger, s, began, cancellationToken)))];
        var failures = await ledger.ReadFailureGroupsAsync(new FailureFilter(), cancellationToken);
        var command = CommandScript.CallFrom(options.Folder);
        new OutcomeScreen(console, options.Language, command).Show(status, failures, isNew ? expected : null);
        var sent = await stage.CountEffectsAsync(cancellationToken) - before;
        console.MarkupLine(say.Say("Lượt này cổng ghi nhận thêm {0} bản ghi, trong {1:N1} giây.", "In this pass the portal applied {0} records, in {1:N1} seconds.", say.Say(sent), took.TotalSeconds));
        if (options.Once)
        {
            return 0;
        }

        await StayAsync(stage, console, say, options, command, cancellationToken);
        return 0;
    }

    // The schedule may have run a pipeline again while the pass was still being delivered; the table tells of the whole pass.
    private static async Task<PipelineStatus> WholePassAsync(ILedger ledger, PipelineStatus status, DateTimeOffset began, CancellationToken cancellationToken)
    {
        var runs = (await ledger.ReadRunsAsync(status.Pipeline, 100, cancellationToken)).Where(r => r.Started >= began);
        return status with { LastRun = status.LastRun! with { Counts = runs.Aggregate(default(SliceCounts), (sum, r) => sum + r.Counts) } };
    }

    private static async Task StayAsync(Stage stage, IAnsiConsole console, Wording say, DemoOptions options, string command, CancellationToken cancellationToken)
    {
        foreach (var hint in (ReadOnlySpan<Text>)[
            new($"Tiến trình đồng bộ {stage.WorkerId} chạy theo lịch mỗi phút. Ctrl+C để dừng. Thử:", $"The worker {stage.WorkerId} goes on, every minute. Ctrl+C stops. Try:"),
            new($"  sửa một dòng:   sqlite3 {Path.Combine(options.Folder, "one-stop.db")} …   rồi   {command} sync dossiers", $"  edit a row:      sqlite3 {Path.Combine(options.Folder, "one-stop.db")} …   then   {command} sync dossiers"),
            new($"  mất điện:       kill -9 {stage.WorkerId}", $"  a power cut:     kill -9 {stage.WorkerId}"),
            new($"  cổng trục trặc: curl -X PUT {stage.PortalUrl}sim/faults -d '{{\"faults\":[{{\"mode\":\"commit-then-drop\",\"times\":3}}]}}'",
                $"  a bad portal:    curl -X PUT {stage.PortalUrl}sim/faults -d '{{\"faults\":[{{\"mode\":\"commit-then-drop\",\"times\":3}}]}}'")])
        {
            console.MarkupLine(say.Say(hint));
        }

        var known = await stage.CountEffectsAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (stage.WorkerGaveUp.IsCompleted)
            {
                await stage.WorkerGaveUp;
            }

            await Task.Delay(_look, cancellationToken);
            var now = await stage.CountEffectsAsync(cancellationToken);
            if (now != known)
            {
                console.MarkupLine(say.Say("Cổng ghi nhận thêm {0} bản ghi.", "The portal applied {0} more records.", say.Say(now - known)));
                known = now;
            }
        }
    }
}
