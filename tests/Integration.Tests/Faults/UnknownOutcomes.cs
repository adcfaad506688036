using Demo.Province;
using Integration.Records;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>What was sent and not answered: asked for where the receiver can be asked, decided by a person where it cannot, never guessed.</summary>
public sealed class UnknownOutcomes
{
    [Fact]
    [Trait("Fault", "G8")]
    public async Task Where_the_receiver_cannot_be_asked_a_person_decides_and_the_answer_is_kept()
    {
        await using var day = await FaultDay.StartAsync(120, ("Delivery__InFlight", "1"));
        day.Define(PipelineNames.Dossiers, l => l.StartsWith("    lookUp:", StringComparison.Ordinal) ? "" : l);
        day.Batch(PipelineNames.Dossiers, 4);
        day.Fail(new FaultRule { Mode = FaultModes.CommitThenDrop, Times = 1 }, new FaultRule { Mode = FaultModes.Drop, Times = 1 });
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.WorkUntilAsync(async () => await day.CountAsync(PipelineNames.Dossiers, RecordState.Ready) + await day.CountAsync(PipelineNames.Dossiers, RecordState.Leased) == 0
            && (await day.StatusAsync(PipelineNames.Dossiers)).WaitingForPerson == 8);

        // Never sent again by itself, whatever runs.
        var calls = day.Calls(ServiceNames.Dossiers);
        await day.SyncAsync(PipelineNames.Dossiers);
        day.Clock.Move(TimeSpan.FromDays(2));
        await day.WorkInVainAsync();
        Assert.Equal(calls, day.Calls(ServiceNames.Dossiers));

        (await day.TypeAsync("status")).Is(0, "8 bản ghi cần người quyết định: integration failures list");
        (await day.TypeAsync("failures", "list")).Is(
            1, "Đã gửi nhưng không rõ nơi nhận (Portal) đã tiếp nhận hay chưa, và không có cách hỏi lại. Chương trình không tự gửi lại.",
            "Đã có ở đó: integration failures dismiss", "Chưa có: integration failures replay");
        var applied = day.Receiver.Effects().Take(4).Select(e => e.Key).ToArray();
        (await day.TypeAsync("failures", "show", PipelineNames.Dossiers, applied[0])).Is(0, "chưa rõ cổng đã nhận chưa", "nếu thực ra đã có thì sẽ trùng");
        (await day.TypeAsync("explain", PipelineNames.Dossiers, applied[0])).Is(1, "Chương trình không tự gửi lại", "Mở hệ thống nhận để đối chiếu");

        foreach (var key in applied)
        {
            (await day.TypeAsync("failures", "dismiss", "--key", key, "--reason", "đã thấy trên cổng")).Is(0, "Đã bỏ qua 1 bản ghi.", "sổ ghi là nơi nhận đã có");
        }

        (await day.TypeAsync("explain", PipelineNames.Dossiers, applied[0])).Is(0, "Người vận hành xác nhận nơi nhận đã có", "đã thấy trên cổng");
        (await day.TypeAsync("failures", "replay", "--pipeline", PipelineNames.Dossiers, "--rule", Rules.NeedsPerson.Code, "--reason", "không có trên cổng")).Is(0, "Sẵn sàng gửi lại 4");
        await day.DeliverAsync();

        day.AssertNothingTwice();
        Assert.Equal(await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged), day.Receiver.Effects().Count());
        Assert.Equal(Expectations.Read(day.Province).Single(e => e.Pipeline == PipelineNames.Dossiers).Acknowledged, day.Receiver.Effects().Count());
        var audit = day.Audit();
        Assert.Equal(4, audit.Count(a => a == (Environment.UserName, "dismiss", 1, "đã thấy trên cổng")));
        Assert.Contains((Environment.UserName, "replay", 4, "không có trên cổng"), audit);
    }

    [Fact]
    [Trait("Fault", "G9")]
    public async Task A_look_up_that_lags_is_waited_for_before_absent_is_believed()
    {
        await using var day = await FaultDay.StartAsync(120, ("Delivery__Settle", "00:00:04"), ("Delivery__Lease", "00:00:10"));
        day.Receiver.Switches = new Switches(LookUpLagSeconds: 1.5);
        day.Fail([.. ((string[])[ServiceNames.Dossiers, ServiceNames.Progress]).Select(s => new FaultRule { Mode = FaultModes.CommitThenDrop, Service = s, Times = 1, Skip = 1 })]);
        day.Batch(PipelineNames.Dossiers, 40);
        await day.OpenAsync();
        await day.SyncAsync();
        await day.DeliverAsync();
        Assert.Equal(2, day.Receiver.Summary().Faults[FaultModes.CommitThenDrop]);
        await day.AssertAllAsExpectedAsync();
    }

    [Fact]
    [Trait("Fault", "G9")]
    public async Task A_settling_time_that_a_dead_workers_lease_would_cut_short_is_refused_at_start()
    {
        await using var day = await FaultDay.StartAsync(120, ("Delivery__Settle", "00:02:00"), ("Delivery__Lease", "00:03:00"));
        (await day.TypeAsync("check")).Is(2, "Delivery:Settle (00:02:00) không được quá nửa Delivery:Lease (00:03:00).");
    }
}
