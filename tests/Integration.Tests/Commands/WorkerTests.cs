using Demo;
using Demo.Province;
using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Commands;

/// <summary>The worker as a process of its own, on days when things go wrong around it.</summary>
public sealed class WorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_lookup_corrected_while_the_worker_is_down_is_picked_up_at_its_next_start()
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        var refused = rig.FirstOf(PipelineNames.Dossiers, DirtKind.UnknownStatus);
        var before = rig.Portal.Summary().Effects;
        await File.AppendAllTextAsync(
            Path.Combine(rig.Province.Mappings, "lookups", "dossier-status.csv"), $"{rig.Read("SELECT status FROM dossier WHERE dossier_no = @no", ("@no", refused))},4,Đang xử lý\n",
            TestContext.Current.CancellationToken);

        await using (var worker = Start(rig))
        {
            await Until.TrueAsync(() => Task.FromResult(rig.Portal.Effects(before).Any(e => e.Key == refused)), Patience, () => Task.FromResult(string.Join('\n', worker.LastLines)));
            Assert.Equal(0, await worker.StopAsync(Patience));
        }

        (await rig.RunAsync("explain", PipelineNames.Dossiers, refused)).Is(0);
    }

    [Fact]
    public async Task A_source_and_a_portal_that_fail_and_come_back_cost_no_record_and_no_stack_trace()
    {
        await using var rig = await CommandRig.StartAsync();
        EveryMinute(rig);
        rig.Portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = FaultModes.Html200, Times = 3 }, new FaultRule { Mode = FaultModes.Drop, Times = 2, Skip = 3 }] };
        var away = rig.Province.DatabasePath + ".away";
        File.Move(rig.Province.DatabasePath, away);
        await using var worker = Start(rig);
        await Until.TrueAsync(() => Task.FromResult(worker.LastLines.Any(l => l.Contains("lượt chạy dừng giữa chừng", StringComparison.Ordinal))), Patience, () => Task.FromResult(string.Join('\n', worker.LastLines)));
        File.Move(away, rig.Province.DatabasePath);

        // The next scheduled minute brings it all.
        await Until.TrueAsync(
            async () => (await rig.RunAsync("status", "--json")).Json["pipelines"]!.All(p => p["lastRun"]!.HasValues && (string)p["lastRun"]!["outcome"]! == "done" && (long)p["states"]!["acknowledged"]! > 0
                && (long)p["states"]!["ready"]! + (long)p["states"]!["leased"]! + (long)p["states"]!["unknown"]! == 0),
            TimeSpan.FromSeconds(150), async () => (await rig.RunAsync("status")).Out + string.Join('\n', worker.LastLines));
        Assert.Equal(0, await worker.StopAsync(Patience));
        Settled.AssertEffects(rig.Province, rig.Portal);
        Assert.DoesNotContain(worker.LastLines, l => l.Contains("   at ", StringComparison.Ordinal) || l.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Asked_to_end_by_a_signal_it_finishes_a_call_that_takes_longer_than_two_seconds()
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        rig.Portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = FaultModes.Slow, DelayMs = 3500 }] };
        var key = rig.Province.EditOneDossier();
        EveryMinute(rig);
        await using var worker = Start(rig);
        var before = rig.Portal.Summary();
        await Until.TrueAsync(() => Task.FromResult(rig.Portal.Summary().Faults.Count > 0), TimeSpan.FromSeconds(90), () => Task.FromResult(string.Join('\n', worker.LastLines)));
        using (var kill = System.Diagnostics.Process.Start("kill", ["-TERM", $"{worker.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, await worker.Ended.WaitAsync(Patience, TestContext.Current.CancellationToken));
        (await rig.RunAsync("explain", PipelineNames.Dossiers, key)).Is(0);
        Assert.Single(rig.Portal.Effects(before.Effects));
    }

    [Fact]
    public async Task An_address_in_use_is_told_in_a_sentence()
    {
        await using var rig = await CommandRig.StartAsync(100);
        (await rig.RunProcessAsync([("Http__Url", rig.Portal.Url)], "run")).Is(3, $"Không mở được {rig.Portal.Url}", "Đổi Http__Url");
    }

    [Fact]
    public async Task A_process_in_a_pipe_writes_no_colours_and_heeds_COLUMNS()
    {
        await using var rig = await CommandRig.StartAsync(100);
        var answer = await rig.RunProcessAsync([("COLUMNS", "60"), ("TERM", "xterm-256color"), ("Connections__Portal__Foo", "x")], "check");
        answer.Is(2, "Connections:Portal:Foo");
        Assert.DoesNotContain(answer.Error.Split('\n'), l => l.Length > 60);
    }

    private static void EveryMinute(CommandRig rig)
    {
        foreach (var file in PipelineNames.All.Select(p => Path.Combine(rig.Province.Mappings, p, "pipeline.yaml")))
        {
            File.WriteAllLines(file, File.ReadAllLines(file).Select(l => l.StartsWith("schedule:", StringComparison.Ordinal) ? "schedule: { cron: \"* * * * *\", zone: Asia/Ho_Chi_Minh }" : l));
        }
    }

    private static ChildProcess Start(CommandRig rig) => ChildProcess.Start(
        "integration.dll", ["run", "--stop-with-stdin", "--lang", "vi"], rig.Environment.Where(e => e.Key != "Lang").Append(KeyValuePair.Create<string, string?>("LANG", "C.UTF-8")).ToDictionary(e => e.Key, e => e.Value!));
}
