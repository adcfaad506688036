using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>The receiver answers, and its answer cannot be taken at its word.</summary>
public sealed class ReceiverFaults
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Fault", "G1")]
    [Trait("Fault", "G2")]
    public async Task What_was_applied_and_answered_with_an_error_is_shown_as_unknown_and_asked_for_before_anything_is_repeated()
    {
        await using var day = await FaultDay.StartAsync(120, ("Delivery__InFlight", "1"), ("Delivery__Lease", "00:10:00"), ("Delivery__Settle", "00:05:00"));
        day.Fail(new FaultRule { Mode = FaultModes.CommitThen500, Service = ServiceNames.Dossiers, Times = 1 }, new FaultRule { Mode = FaultModes.Answer502, When = "after", Service = ServiceNames.Progress, Times = 1 });
        await day.OpenAsync();
        await day.SyncAsync();
        await day.WorkUntilAsync(async () => await day.CountAsync(PipelineNames.Dossiers, RecordState.Unknown) > 0);

        var key = day.Receiver.Effects().First(e => e.Service == ServiceNames.Dossiers).Key;
        (await day.TypeAsync("explain", PipelineNames.Dossiers, key)).Is(1, "sẽ tự hỏi lại nơi nhận", "Không gửi lặp khi chưa hỏi, không cần làm gì.", "Hệ thống nhận bị lỗi; chưa rõ đã được tiếp nhận hay chưa (HTTP 500).");
        (await day.TypeAsync("status")).Is(0, "Chưa rõ");

        day.Clock.Move(TimeSpan.FromMinutes(6));
        await day.WorkUntilAsync(async () => await day.CountAsync(PipelineNames.Progress, RecordState.Unknown) > 0);
        day.Clock.Move(TimeSpan.FromMinutes(6));
        await day.DeliverAsync();
        await day.AssertAllAsExpectedAsync();
    }

    [Fact]
    [Trait("Fault", "G3")]
    public async Task A_code_nobody_has_mapped_is_a_refusal_in_the_receivers_own_words_and_never_an_acknowledgement()
    {
        await using var day = await FaultDay.StartAsync();
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        var key = day.Clean(PipelineNames.Dossiers, 3);
        day.Fail(new FaultRule { Mode = FaultModes.RefuseAll, Code = "7713", Message = "Thành công một phần", Holds = key });
        await day.DeliverAsync();

        (await day.TypeAsync("explain", PipelineNames.Dossiers, key)).Is(1, "[7713] Thành công một phần", "Sửa dữ liệu theo thông báo của cổng");
        Assert.DoesNotContain(day.Receiver.Effects(), e => e.Key == key);
        Assert.Equal(day.Receiver.Effects().Count(), await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged));
        day.AssertNothingTwice();
    }

    [Fact]
    [Trait("Fault", "G5")]
    public async Task Of_a_batch_taken_in_part_exactly_the_accepted_ones_are_acknowledged()
    {
        await using var day = await FaultDay.StartAsync();
        day.Receiver.Switches = new Switches(PerRecordResults: true);
        await day.OpenAsync();
        await day.SyncAsync();
        await day.WorkUntilAsync(async () => await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged) > 0);

        // Dossiers the portal loses: every step of theirs is refused by it, in the midst of batches that hold others.
        var lost = day.Receiver.Effects().Where(e => e.Service == ServiceNames.Dossiers).Select(e => e.Key)
            .Where(k => day.Receiver.Effects().All(e => e.Service != ServiceNames.Progress || e.Key != k)).TakeLast(3).ToArray();
        foreach (var key in lost)
        {
            day.Receiver.Forget(ServiceNames.Dossiers, key);
        }

        await day.DeliverAsync();
        var applied = day.Receiver.Effects().Count(e => e.Service == ServiceNames.Progress);
        Assert.Equal(applied, await day.CountAsync(PipelineNames.Progress, RecordState.Acknowledged));
        var refused = await day.Ledger.ReadFailuresAsync(new FailureFilter(PipelineNames.Progress, Rule: Rules.RefusedByTarget.Code), 0, 1000, Token);
        Assert.NotEmpty(refused);
        Assert.All(refused, r => Assert.Contains("-4", r.Rejection.Detail, StringComparison.Ordinal));
        Assert.Equal(Expectations.Read(day.Province).Single(e => e.Pipeline == PipelineNames.Progress).Acknowledged, applied + refused.Count);
        day.AssertNothingTwice();
    }

    [Fact]
    [Trait("Fault", "G6")]
    public async Task Results_in_another_order_missing_doubled_or_of_strangers_are_matched_by_key()
    {
        await using var day = await FaultDay.StartAsync();
        day.Receiver.Switches = new Switches(PerRecordResults: true);
        string[] modes = [FaultModes.ResultsReversed, FaultModes.ResultsMissing, FaultModes.ResultsTwice, FaultModes.ResultsExtra];
        day.Batch(PipelineNames.Dossiers, 10);
        day.Fail([.. modes.Select(m => new FaultRule { Mode = m, Times = 4 })]);
        await day.OpenAsync();
        await day.SyncAsync();
        await day.DeliverAsync();
        Assert.All(modes, m => Assert.Equal(4, day.Receiver.Summary().Faults[m]));
        await day.AssertAllAsExpectedAsync();
    }

    [Fact]
    [Trait("Fault", "G7")]
    public async Task One_bad_record_in_five_hundred_is_found_in_few_sends_and_the_others_arrive_once()
    {
        await using var day = await FaultDay.StartAsync(600);
        day.Batch(PipelineNames.Dossiers, 500);
        day.Set(("Delivery__InFlight", "1"));
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        var ready = (int)await day.CountAsync(PipelineNames.Dossiers, RecordState.Ready);
        Assert.True(ready > 500, $"{ready}");
        var key = day.Clean(PipelineNames.Dossiers, 123);
        day.Fail(new FaultRule { Mode = FaultModes.RefuseAll, Code = "-5", Holds = key });
        await day.DeliverAsync();

        // 2·log2(500) + 1 for the batch with the bad one, and one call for the rest.
        Assert.InRange(day.Calls(ServiceNames.Dossiers), 2, 2 * (int)Math.Ceiling(Math.Log2(500)) + 1 + 1);
        Assert.Equal(0, day.Calls(ServiceNames.FindDossier));
        Assert.Equal(ready - 1, day.Receiver.Effects().Count());
        Assert.Equal(ready - 1, await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged));
        day.AssertNothingTwice();
        (await day.TypeAsync("explain", PipelineNames.Dossiers, key)).Is(1, "[-5]");
    }

    [Fact]
    [Trait("Fault", "G11")]
    public async Task A_record_whose_key_the_receiver_knows_with_other_content_becomes_one_update_of_it()
    {
        await using var day = await FaultDay.StartAsync();
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.DeliverAsync();
        var before = day.Receiver.Summary().Effects;
        var edited = day.Province.EditOneDossier();
        await LoseLedgerAsync(day);

        // Nothing is remembered: each create is answered with "it exists", and only a look-up that shows equal content makes it acknowledged.
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.DeliverAsync();
        var effect = Assert.Single(day.Receiver.Effects(before));
        Assert.Equal((edited, "update"), (effect.Key, effect.Kind));
        day.AssertNothingTwice();
    }

    [Fact]
    [Trait("Fault", "G12")]
    public async Task A_create_answered_with_already_exists_is_acknowledged_only_when_the_receiver_shows_the_same()
    {
        await using var day = await FaultDay.StartAsync();
        day.Batch(PipelineNames.Dossiers, 10);
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.DeliverAsync();
        var before = day.Receiver.Summary().Effects;
        await LoseLedgerAsync(day);
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.DeliverAsync();
        Assert.Equal(before, day.Receiver.Summary().Effects);
        Assert.Equal(before, await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged));
        var history = await day.Ledger.ReadHistoryAsync(PipelineNames.Dossiers, day.Clean(PipelineNames.Dossiers), Token);
        Assert.Contains(history[0].Attempts, a => a.Kind == AttemptKind.LookUp);
    }

    [Fact]
    [Trait("Fault", "G14")]
    public async Task A_newer_version_waits_for_the_outcome_of_the_older_and_never_overtakes_it()
    {
        await using var day = await FaultDay.StartAsync();
        day.Set(("Delivery__InFlight", "8"));
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.DeliverAsync();
        var before = day.Receiver.Summary().Effects;

        // The first edit is applied and its answer lost; the later ones come while that is open, and are sent when it is known.
        var key = day.Province.EditOneDossier(note: "Ghi chú một");
        day.Fail(new FaultRule { Mode = FaultModes.Slow, DelayMs = 700, Times = 1 }, new FaultRule { Mode = FaultModes.CommitThenDrop, Times = 1 });
        await day.SyncAsync(PipelineNames.Dossiers);
        var editor = 0;
        await day.WorkUntilAsync(async () =>
        {
            if (editor < 2 && await day.CountAsync(PipelineNames.Dossiers, RecordState.Leased) + await day.CountAsync(PipelineNames.Dossiers, RecordState.Unknown) > 0)
            {
                day.Province.EditOneDossier(key, $"Ghi chú {(editor++ == 0 ? "hai" : "ba")}");
                await day.SyncAsync(PipelineNames.Dossiers);
            }

            return editor == 2 && await day.CountAsync(PipelineNames.Dossiers, RecordState.Ready) + await day.CountAsync(PipelineNames.Dossiers, RecordState.Leased)
                + await day.CountAsync(PipelineNames.Dossiers, RecordState.Unknown) + await day.CountAsync(PipelineNames.Dossiers, RecordState.Waiting) == 0;
        });
        Assert.Equal(["Ghi chú một", "Ghi chú ba"], day.Receiver.Effects(before).Select(e => FaultDay.Field(e, "GhiChu")));
    }

    [Fact]
    [Trait("Fault", "G15")]
    public async Task A_receiver_restored_from_a_backup_is_sent_nothing_by_itself_and_an_edit_of_a_lost_record_creates_it_again()
    {
        await using var day = await FaultDay.StartAsync();
        await day.OpenAsync();
        await day.SyncAsync();
        await day.DeliverAsync();
        var key = day.Province.EditOneDossier();
        await day.SyncAsync();
        await day.DeliverAsync();
        var (effects, calls) = (day.Receiver.Summary().Effects, day.Calls());
        day.Receiver.Forget(ServiceNames.Dossiers, key);

        await day.SyncAsync();
        await day.WorkInVainAsync();
        Assert.Equal((effects, calls), (day.Receiver.Summary().Effects, day.Calls()));

        day.Province.EditOneDossier(key, "Sửa sau khi cổng khôi phục");
        await day.SyncAsync();
        await day.DeliverAsync();
        var effect = Assert.Single(day.Receiver.Effects(effects));
        Assert.Equal((key, "create"), (effect.Key, effect.Kind));
        (await day.TypeAsync("explain", PipelineNames.Dossiers, key)).Is(0, "hỏi lại  HTTP 200", "Cổng xác nhận lúc");
    }

    [Fact]
    [Trait("Fault", "G15")]
    public async Task A_receiver_restored_from_a_backup_is_compared_and_only_the_lost_records_are_sent_again()
    {
        await using var day = await FaultDay.StartAsync();
        await day.OpenAsync();
        await day.SyncAsync();
        await day.DeliverAsync();
        (await day.TypeAsync("reconcile", PipelineNames.Dossiers)).Is(0);
        string[] lost = [.. day.Receiver.Effects().Where(e => e.Service == ServiceNames.Dossiers).Select(e => e.Key).Distinct().Skip(7).Take(3).Order(StringComparer.Ordinal)];
        Assert.All(lost, key => day.Receiver.Forget(ServiceNames.Dossiers, key));
        var (effects, states) = (day.Receiver.Summary().Effects, await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged));

        var found = (await day.TypeAsync("reconcile", PipelineNames.Dossiers, "--json")).Is(1).Json;
        Assert.Equal(lost, found["missing"]!.Select(m => (string)m!).Order(StringComparer.Ordinal));
        Assert.Equal((states, states - 3, 0), ((long)found["compared"]!, (long)found["same"]!, found["different"]!.Count()));
        (await day.TypeAsync("reconcile", PipelineNames.Dossiers)).Is(1, lost[0], "Chưa có gì thay đổi. Để gửi lại: integration reconcile dossiers --send");
        await day.WorkInVainAsync();
        Assert.Equal(effects, day.Receiver.Summary().Effects);

        (await day.TypeAsync("reconcile", PipelineNames.Dossiers, "--send", "--reason", "Cổng khôi phục từ bản sao lưu")).Is(1, "3 bản ghi sẽ được hỏi lại rồi gửi");
        await day.DeliverAsync();
        var again = day.Receiver.Effects(effects);
        Assert.Equal(lost.Select(key => (key, "create")), again.Select(e => (e.Key, e.Kind)).Order());
        (await day.TypeAsync("reconcile", PipelineNames.Dossiers)).Is(0);
        Assert.Equal(states, await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged));
    }

    [Fact]
    [Trait("Fault", "G15")]
    public async Task A_receiver_that_misses_very_much_or_cannot_be_asked_is_sent_nothing_without_a_word()
    {
        await using var day = await FaultDay.StartAsync();
        await day.OpenAsync();
        await day.SyncAsync();
        await day.DeliverAsync();
        foreach (var key in day.Receiver.Effects().Where(e => e.Service == ServiceNames.Dossiers).Select(e => e.Key).Distinct().Take(30))
        {
            day.Receiver.Forget(ServiceNames.Dossiers, key);
        }

        var acknowledged = await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged);
        string[] send = ["reconcile", PipelineNames.Dossiers, "--send", "--reason", "Cổng khôi phục"];
        (await day.TypeAsync(send)).Is(1, "Không gửi lại 30 bản ghi: quá nhiều");
        day.Fail(new FaultRule { Mode = FaultModes.Html200, Service = "TraCuuHoSo", Skip = 5 });
        (await day.TypeAsync([.. send, "--allow-mass-change"])).Is(3, "Chưa so hết", "Chưa có gì thay đổi");
        Assert.Equal(acknowledged, await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged));
        (await day.TypeAsync("reconcile", PipelineNames.Dossiers, "--send")).Is(2, "--reason");

        day.Fail();
        (await day.TypeAsync([.. send, "--allow-mass-change"])).Is(1, "30 bản ghi sẽ được hỏi lại rồi gửi");
        await day.DeliverAsync();
        Assert.Equal(acknowledged, await day.CountAsync(PipelineNames.Dossiers, RecordState.Acknowledged));
    }

    [Fact(Skip = "No target gives a key with a lifetime: repeats are decided by look-up or by a person, never by a key the receiver may have forgotten.")]
    [Trait("Fault", "G10")]
    public void A_record_older_than_the_lifetime_of_its_key_is_not_repeated_blindly()
    {
    }

    [Fact(Skip = "No target answers later (202 and a status to ask for) yet; a 202 of the portal is an unknown outcome, see DvcqgTargetTests.A_status_decides_before_the_body_may_speak.")]
    [Trait("Fault", "G13")]
    public void A_receiver_that_answers_later_is_asked_until_it_has_an_answer()
    {
    }

    // As after a lost disk: the receiver has everything, the ledger nothing.
    private static async Task LoseLedgerAsync(FaultDay day)
    {
        day.Set(("Ledger__ConnectionString", $"Data Source={day.LedgerPath}.new"));
        await day.OpenAsync();
    }
}
