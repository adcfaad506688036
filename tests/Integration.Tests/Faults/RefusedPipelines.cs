using Demo.Province;
using Integration.Records;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>The contract changed on the other side: everything of a pipeline is refused.</summary>
public sealed class RefusedPipelines
{
    private const string Reason = "hỏi đơn vị vận hành";

    [Fact]
    [Trait("Fault", "G16")]
    public async Task A_pipeline_in_which_everything_is_refused_pauses_itself_once_and_goes_on_after_one_replay()
    {
        await using var day = await FaultDay.StartAsync(200, ("Delivery__PauseAfterRefusals", "10"));
        day.Batch(PipelineNames.Dossiers, 8);
        day.Fail(new FaultRule { Mode = FaultModes.RefuseAll, Service = ServiceNames.Dossiers, Code = "-31", Message = "Thiếu trường bắt buộc mới" });
        await day.OpenAsync();
        await day.SyncAsync();
        await day.WorkUntilAsync(async () => (await day.StatusAsync(PipelineNames.Dossiers)).Paused is not null && await day.CountAsync(PipelineNames.Services, RecordState.Acknowledged) == 254);

        // Ten in a row, and what the other loop had under way; the rest is untouched.
        var refused = await RefusedAsync(day);
        Assert.InRange(refused, 10, 12);
        Assert.Equal(Total(day) - refused, await day.CountAsync(PipelineNames.Dossiers, RecordState.Ready));
        Assert.Single(day.Audit(), a => a.What == "pause");
        (await day.TypeAsync("status")).Is(
            0, "tạm dừng bởi chương trình: Nơi nhận từ chối liên tiếp 10 bản ghi, không nhận bản ghi nào; lần cuối: [-31] Thiếu trường bắt buộc mới.",
            "Các bản ghi còn lại chưa gửi và vẫn chờ trong sổ.", "integration failures replay --pipeline dossiers --rule refused-by-target", "integration resume dossiers");
        (await day.TypeAsync("status", "--lang", "en")).Is(0, "paused by the program: The receiver refused 10 records one after another and took none; the last time: [-31]");
        (await day.TypeAsync("failures", "list", "--all", "--pipeline", PipelineNames.Dossiers)).Is(1, "[-31]");
        Assert.Contains("Luồng đang tạm dừng bởi chương trình: Nơi nhận từ chối", (await day.TypeAsync("explain", PipelineNames.Dossiers, await ReadyKeyAsync(day))).Out, StringComparison.Ordinal);

        // Neither another look nor a restart sends anything more.
        var calls = day.Calls(ServiceNames.Dossiers);
        await day.OpenAsync();
        await day.WorkInVainAsync();
        Assert.Equal(calls, day.Calls(ServiceNames.Dossiers));

        // Resumed too early: one record tries, and it is paused again.
        await ResumeUnderWayAsync(day, async () => (await day.StatusAsync(PipelineNames.Dossiers)).Paused is not null && await RefusedAsync(day) > refused);
        Assert.Equal(refused + 1, await RefusedAsync(day));
        Assert.Equal((calls + 1, 1), (day.Calls(ServiceNames.Dossiers), day.Receiver.Requests()[^1].Records));
        Assert.Equal(2, day.Audit().Count(a => a.What == "pause"));

        // Put right on the other side: one replay for all, one record first, then batches.
        day.Fail();
        (await day.TypeAsync("failures", "replay", "--pipeline", PipelineNames.Dossiers, "--rule", Rules.RefusedByTarget.Code, "--reason", Reason)).Is(0, $"Sẵn sàng gửi lại {refused + 1}");
        await ResumeUnderWayAsync(day, async () => await day.CountAsync(PipelineNames.Dossiers, RecordState.Ready) == 0);
        await day.DeliverAsync();
        var sizes = day.Receiver.Requests().Where(r => r.Service == ServiceNames.Dossiers).Skip(calls + 1).Select(r => r.Records).ToArray();
        Assert.Equal((1, 8), (sizes[0], sizes.Max()));
        await day.AssertAllAsExpectedAsync();
    }

    [Fact]
    [Trait("Fault", "G16")]
    public async Task A_sync_by_hand_stops_there_too_and_says_so()
    {
        await using var day = await FaultDay.StartAsync(120, ("Delivery__PauseAfterRefusals", "5"));
        day.Fail(new FaultRule { Mode = FaultModes.RefuseAll, Service = ServiceNames.Dossiers, Code = "-31" });
        (await day.TypeAsync("sync", PipelineNames.Dossiers)).Is(3, "Luồng đã tạm dừng bởi chương trình: Nơi nhận từ chối liên tiếp 5 bản ghi");
        (await day.TypeAsync("sync", PipelineNames.Dossiers)).Is(3, "đang tạm dừng bởi chương trình");
        Assert.Empty(day.Receiver.Effects());
    }

    // The worker is up when the operator resumes: it has seen the pause.
    private static async Task ResumeUnderWayAsync(FaultDay day, Func<Task<bool>> done)
    {
        var looks = 0;
        await day.WorkUntilAsync(async () =>
        {
            if (++looks == 12)
            {
                (await day.TypeAsync("resume", PipelineNames.Dossiers, "--reason", Reason)).Is(0);
            }

            return looks > 12 && await done();
        });
    }

    private static long Total(FaultDay day) => Expectations.Read(day.Province).Single(e => e.Pipeline == PipelineNames.Dossiers).Acknowledged;

    private static async Task<long> RefusedAsync(FaultDay day) =>
        (await day.Ledger.ReadFailuresAsync(new(PipelineNames.Dossiers, Rule: Rules.RefusedByTarget.Code), 0, 1000, TestContext.Current.CancellationToken)).Count;

    private static async Task<string> ReadyKeyAsync(FaultDay day)
    {
        foreach (var (key, _) in Expectations.ReadFates(day.Province, PipelineNames.Dossiers).Where(f => f.Fate == Fate.Acknowledged))
        {
            if ((await day.Ledger.ReadHistoryAsync(PipelineNames.Dossiers, key, TestContext.Current.CancellationToken))[0].State == RecordState.Ready)
            {
                return key;
            }
        }

        throw new InvalidOperationException("Nothing is ready.");
    }
}
