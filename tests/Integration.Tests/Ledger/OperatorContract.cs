using System.Globalization;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>What operators decide and what they read.</summary>
public abstract class OperatorContract : LedgerContract
{
    private static readonly FailureFilter s_all = new();

    [Fact]
    public async Task A_replay_sends_the_same_bytes_again_and_keeps_the_attempts()
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.Refuse, code: "-7");
        Assert.Equal(new ReplayCounts(1, 0), await Ledger.ReplayAsync(s_all, Operator, Cancelled));
        var version = await NewestAsync("k");
        Assert.Equal(RecordState.Ready, version.State);
        Assert.Empty(version.Rejections);
        Assert.Equal("-7", Assert.Single(version.Attempts).Code);
        Assert.Empty(await Ledger.ReadFailuresAsync(s_all, 0, 10, Cancelled));
        Assert.Equal(["v1"], Payloads(await ClaimAsync()));
    }

    [Fact]
    public async Task A_second_replay_and_one_of_what_is_acknowledged_do_nothing()
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.Refuse);
        await Ledger.ReplayAsync(s_all, Operator, Cancelled);
        Assert.Equal(default, await Ledger.ReplayAsync(s_all, Operator, Cancelled));
        await DeliverAsync();
        Assert.Equal(default, await Ledger.ReplayAsync(new FailureFilter(Key: "k"), Operator, Cancelled));
        Assert.Equal([RecordState.Acknowledged], await StatesAsync("k"));
        Assert.Equal(3L, await AuditCountAsync("replay"));
    }

    [Fact]
    public async Task Records_refused_before_they_had_a_payload_must_be_mapped_again()
    {
        await CommitAsync(Reject("k1", "{\"ma\":1}"), Reject("k2", "{\"ma\":2}"));
        await CommitAsync(Put("k3", "v"));
        await SettleAsync(await ClaimedAsync(), Next.Refuse);
        Assert.Equal(new ReplayCounts(1, 2), await Ledger.ReplayAsync(s_all, Operator, Cancelled));
        var raw = new List<string>();
        await foreach (var record in Ledger.ReadRefusedRawAsync(new FailureFilter(Rule: Rules.LookupMissing.Code), Cancelled))
        {
            raw.Add($"{record.Key} {System.Text.Encoding.UTF8.GetString(record.Raw)}");
        }

        Assert.Equal(["k1 {\"ma\":1}", "k2 {\"ma\":2}"], raw);
        await CommitAsync(Put("k1", "now it can be mapped"));
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("k1"));
    }

    [Fact]
    public async Task Refused_rows_are_read_in_pages_without_a_gap()
    {
        await CommitAsync([.. Enumerable.Range(0, 450).Select(static i => Reject($"k{i}", $"raw {i}"))]);
        var keys = new List<string>();
        await foreach (var record in Ledger.ReadRefusedRawAsync(s_all, Cancelled))
        {
            keys.Add(record.Key);
        }

        Assert.Equal(Enumerable.Range(0, 450).Select(static i => $"k{i}"), keys);
    }

    [Fact]
    public async Task What_only_a_person_can_decide_is_never_claimed()
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.AskPerson, code: "timeout");
        Assert.Null(await ClaimAsync());
        Assert.Null(await ClaimAsync(what: ClaimKind.Unknown));
        var version = await NewestAsync("k");
        Assert.True(version.NeedsPerson);
        Assert.Equal(Rules.NeedsPerson.Code, Assert.Single(version.Rejections).Rule);
        var status = Assert.Single(await Ledger.ReadStatusAsync(Cancelled));
        Assert.Equal((1L, 1L), (status.States[RecordState.Unknown], status.WaitingForPerson));
        Assert.Equal(RecordState.Unknown, Assert.Single(await Ledger.ReadFailuresAsync(s_all, 0, 10, Cancelled)).State);
    }

    [Fact]
    public async Task A_person_can_say_that_the_receiver_does_not_have_it()
    {
        await CommitAsync(Put("k", "v1"), Put("newer", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.AskPerson);
        await CommitAsync(Put("newer", "v2"));
        Assert.Equal(new ReplayCounts(2, 0), await Ledger.ReplayAsync(s_all, Operator, Cancelled));
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("newer"));
        Assert.Equal(["v1", "v2"], Payloads(await ClaimAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_person_can_say_that_the_receiver_has_it()
    {
        await CommitAsync(Put("H1", "v1"));
        await CommitToAsync(Steps, Slice(Put("H1/1", "s1", parent: "H1")));
        await SettleAsync(await ClaimedAsync(), Next.AskPerson);
        await CommitAsync(Put("H1", "v2"));
        Assert.Equal(1, await Ledger.DismissAsync(new FailureFilter(Key: "H1"), Operator, Cancelled));
        Assert.Equal([RecordState.Ready, RecordState.Acknowledged], await StatesAsync("H1"));
        var decided = (await Ledger.ReadHistoryAsync(Dossiers, "H1", Cancelled))[1];
        Assert.Contains(Operator.By, decided.Receipt, StringComparison.Ordinal);
        Assert.Contains(Operator.Reason, decided.Receipt, StringComparison.Ordinal);
        Assert.NotNull(decided.Acknowledged);
        Assert.True((await ClaimedAsync()).Exists);
        Assert.Equal(["H1/1"], Keys(await ClaimAsync(Steps)));
    }

    [Fact]
    public async Task What_a_receiver_lost_is_asked_for_again_and_its_history_stays()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v1"), Put("k3", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.Acknowledge, code: "0");
        await CommitAsync(Put("k3", "v2"));
        var found = await Ledger.ReadAcknowledgedAsync(Dossiers, 0, 10, Cancelled);
        Assert.Equal([("k1", "v1"), ("k2", "v1")], found.Select(f => (f.Key, System.Text.Encoding.UTF8.GetString(f.Payload.Span))));
        Assert.Equal(["k2"], (await Ledger.ReadAcknowledgedAsync(Dossiers, found[0].Version, 10, Cancelled)).Select(f => f.Key));
        Assert.Empty(await Ledger.ReadAcknowledgedAsync(Steps, 0, 10, Cancelled));

        var old = (await Ledger.ReadHistoryAsync(Dossiers, "k3", Cancelled))[1].Version;
        long[] lost = [found[0].Version, old];
        Assert.Equal(0, await Ledger.DoubtAsync(Steps, lost, TimeSpan.Zero, Operator, Cancelled));
        Assert.Equal(1, await Ledger.DoubtAsync(Dossiers, lost, TimeSpan.Zero, Operator, Cancelled));
        Assert.Equal(0, await Ledger.DoubtAsync(Dossiers, lost, TimeSpan.Zero, Operator, Cancelled));
        Assert.Equal(3L, await AuditCountAsync("reconcile"));
        Assert.Equal((1L, 2L), (Assert.Single(await Ledger.ReadStatusAsync(Cancelled)).States[RecordState.Unknown], Assert.Single(await Ledger.ReadStatusAsync(Cancelled)).States[RecordState.Acknowledged]));
        var doubted = await NewestAsync("k1");
        Assert.Equal((RecordState.Unknown, null, false), (doubted.State, doubted.Acknowledged, doubted.NeedsPerson));
        Assert.Equal("0", Assert.Single(doubted.Attempts).Code);

        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Next.RetryAsCreate);
        Assert.Equal(RecordState.Ready, (await NewestAsync("k1")).State);

        // What it acknowledged a moment ago it may not show yet.
        Assert.Equal(1, await Ledger.DoubtAsync(Dossiers, [found[1].Version], TimeSpan.FromMinutes(1), Operator, Cancelled));
        Assert.Null(await ClaimAsync(what: ClaimKind.Unknown));
    }

    [Fact]
    public async Task A_refused_record_can_stay_unsent_by_decision()
    {
        await CommitAsync(Put("k1", "v1"), Reject("k2", "raw"));
        await SettleAsync(await ClaimedAsync(), Next.Refuse);
        Assert.Equal(2, await Ledger.DismissAsync(s_all, Operator, Cancelled));
        Assert.Equal(0, await Ledger.DismissAsync(s_all, Operator, Cancelled));
        Assert.Equal([RecordState.Dismissed], await StatesAsync("k1"));
        Assert.Equal(default, await Ledger.ReplayAsync(s_all, Operator, Cancelled));
        Assert.Equal(2, (await CommitAsync(Put("k1", "v1"), Reject("k2", "raw"))).Unchanged);
        await CommitAsync(Put("k1", "v2"));
        Assert.Equal([RecordState.Ready, RecordState.Dismissed], await StatesAsync("k1"));
    }

    [Fact]
    public async Task A_decision_needs_a_name_and_a_reason()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Ledger.ReplayAsync(s_all, new Decision("ai đó", " "), Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => Ledger.PauseAsync(Dossiers, new Decision("", "bảo trì"), Cancelled));
        Assert.Equal(0L, await AuditCountAsync());
    }

    [Fact]
    public async Task The_audit_trail_cannot_be_changed()
    {
        await Ledger.PauseAsync(Dossiers, Operator, Cancelled);
        Assert.Equal(Operator.Reason, await Store.SqlAsync("SELECT reason FROM audit"));
        Assert.Equal(Operator.By, await Store.SqlAsync("SELECT who FROM audit"));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Store.SqlAsync("UPDATE audit SET reason = 'x'"));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Store.SqlAsync("DELETE FROM audit"));
        Assert.Equal(1L, await AuditCountAsync("pause"));
    }

    [Fact]
    public async Task A_paused_pipeline_hands_out_nothing_until_it_is_resumed()
    {
        await CommitAsync(Put("k", "v1"));
        await Ledger.PauseAsync(Dossiers, Operator, Cancelled);
        Assert.Null(await ClaimAsync());
        var paused = Assert.Single(await Ledger.ReadStatusAsync(Cancelled));
        Assert.Equal(Operator, paused.Paused);
        Assert.NotNull(paused.PausedAt);
        await Ledger.ResumeAsync(Dossiers, Operator, Cancelled);
        Assert.Equal(["k"], Keys(await ClaimAsync()));
        Assert.Null(Assert.Single(await Ledger.ReadStatusAsync(Cancelled)).Paused);
        Assert.Equal(2L, await AuditCountAsync());
    }

    [Fact]
    public async Task A_parked_lane_rests_until_its_time()
    {
        await CommitAsync(Put("k", "v1"));
        var until = (await NewestAsync("k")).Extracted + (10 * Minute);
        await Ledger.ParkAsync(Dossiers, until, new Text("Cổng bảo trì", "Maintenance"), Cancelled);
        Assert.Null(await ClaimAsync());
        var parked = Assert.Single(await Ledger.ReadStatusAsync(Cancelled));
        Assert.Equal((until, "Cổng bảo trì"), (parked.ParkedUntil, parked.ParkedReason!.Vi));
        await Store.AdvanceAsync(11 * Minute);
        Assert.Equal(["k"], Keys(await ClaimAsync()));
        Assert.Null(Assert.Single(await Ledger.ReadStatusAsync(Cancelled)).ParkedUntil);
    }

    [Fact]
    public async Task The_status_counts_every_version_once()
    {
        await CommitAsync(Put("a", "1"), Put("b", "1"), Put("c", "1"), Put("d", "1"), Reject("e", "raw"));
        var claim = await ClaimedAsync(most: 3);
        Next[] next = [Next.Acknowledge, Next.Refuse, Next.Unknown];
        await SettleAsync(claim, v => new Settlement(v.Version, next[v.Key[0] - 'a'], "0", ""));
        await CommitAsync(Put("a", "2"), Put("b", "2"), Put("c", "2"));
        await ClaimedAsync(most: 1);

        var status = Assert.Single(await Ledger.ReadStatusAsync(Cancelled));
        Assert.Equal(8, status.States.Values.Sum());
        Assert.Equal(2, status.States[RecordState.Ready]);
        Assert.Equal(1, status.States[RecordState.Leased]);
        Assert.Equal(1, status.States[RecordState.Waiting]);
        Assert.Equal(1, status.States[RecordState.Unknown]);
        Assert.Equal(1, status.States[RecordState.Acknowledged]);
        Assert.Equal(1, status.States[RecordState.Quarantined]);
        Assert.Equal(1, status.States[RecordState.Superseded]);
        Assert.NotNull(status.OldestReady);
        Assert.Equal("m1", status.MappingVersion);
        Assert.Equal(RunOutcome.Running, status.LastRun!.Outcome);
    }

    [Fact]
    public async Task The_oldest_ready_record_is_one_that_should_have_gone_by_now()
    {
        await CommitAsync(Put("a", "1"));
        var extracted = (await NewestAsync("a")).Extracted;
        await Store.AdvanceAsync(5 * Minute);
        await CommitAsync(Put("b", "1"));
        Assert.Equal(extracted, Assert.Single(await Ledger.ReadStatusAsync(Cancelled)).OldestReady);
        var claim = await ClaimedAsync(most: 1);
        await SettleAsync(claim, Next.Retry, extracted + (60 * Minute));
        Assert.True(Assert.Single(await Ledger.ReadStatusAsync(Cancelled)).OldestReady > extracted);
        await DeliverAsync();
        Assert.Null(Assert.Single(await Ledger.ReadStatusAsync(Cancelled)).OldestReady);
    }

    [Fact]
    public async Task Failures_are_grouped_by_what_is_wrong()
    {
        var missing = new Rejection(Rules.LookupMissing.Code, "MaTTHC", "procedure_code", "9.999", "procedures");
        var tooLong = new Rejection(Rules.TooLong.Code, "GhiChu", "note", null, "2,001 / 2,000");
        var longer = tooLong with { Detail = "3,000 / 2,000" };
        await CommitAsync(
            Reject("k1", "1", missing, missing with { TargetField = "TenTTHC" }), Reject("k2", "2", missing, tooLong), Reject("k3", "3", missing with { MaskedValue = "8.888" }),
            Reject("k4", "4", missing with { Detail = "agencies" }), Reject("k5", "5", longer), Reject("k6", "6", missing));
        var groups = await Ledger.ReadFailureGroupsAsync(s_all, Cancelled);
        Assert.Equal(["9.999 3", " 2", "8.888 1", "9.999 1"], groups.OrderByDescending(static g => g.Count).ThenBy(static g => g.Example.MaskedValue).Select(static g => $"{g.Example.MaskedValue} {g.Count}"));
        Assert.Equal((Dossiers, RecordState.Quarantined, "procedures", "k6"), (groups[0].Pipeline, groups[0].State, groups[0].Example.Detail, groups[0].ExampleKey));

        Assert.Equal(longer, Assert.Single(await Ledger.ReadFailureGroupsAsync(new FailureFilter(Rule: tooLong.Rule), Cancelled)).Example);
        Assert.Empty(await Ledger.ReadFailureGroupsAsync(new FailureFilter(Pipeline: Steps), Cancelled));
    }

    [Fact]
    public async Task Failures_are_listed_newest_first_one_line_a_record()
    {
        var missing = new Rejection(Rules.LookupMissing.Code, "MaTTHC", "procedure_code", "9.999", "procedures");
        var required = new Rejection(Rules.Required.Code, "ChuHoSo", "owner_name", null, null);
        await CommitAsync(Reject("k1", "1", missing, required), Reject("k2", "2", missing), Reject("k3", "3", required));
        Assert.Equal(["k3", "k2", "k1"], (await Ledger.ReadFailuresAsync(s_all, 0, 10, Cancelled)).Select(static f => f.Key));
        Assert.Equal(["k2"], (await Ledger.ReadFailuresAsync(s_all, 1, 1, Cancelled)).Select(static f => f.Key));
        var byField = await Ledger.ReadFailuresAsync(new FailureFilter(Dossiers, TargetField: "ChuHoSo"), 0, 10, Cancelled);
        Assert.Equal(["k3", "k1"], byField.Select(static f => f.Key));
        Assert.All(byField, f => Assert.Equal(required, f.Rejection));
        Assert.Equal("k2", Assert.Single(await Ledger.ReadFailuresAsync(new FailureFilter(Key: "k2"), 0, 10, Cancelled)).Key);
    }

    [Fact]
    public async Task A_sweep_finds_what_a_complete_reading_did_not_show()
    {
        await CommitAsync([.. Enumerable.Range(0, 25).Select(static i => Put($"k{i:00}", "v")), Reject("refused", "raw")]);
        await DeliverAsync();
        await CommitAsync(Gone("k24"));
        await using var sweep = await Ledger.BeginSweepAsync(Dossiers, Cancelled);
        await sweep.SeeAsync([.. Enumerable.Range(0, 10).Select(static i => $"k{i:00}")], Cancelled);
        await sweep.SeeAsync(["k05", "k10", "k10", "new at the source"], Cancelled);
        Assert.Equal(new SweepCounts(25, 14), await sweep.CountAsync(Cancelled));

        var pages = new List<IReadOnlyList<string>>();
        await foreach (var page in sweep.ReadMissingAsync(5, Cancelled))
        {
            pages.Add(page);
        }

        Assert.Equal([5, 5, 4], pages.Select(static p => p.Count));
        Assert.Equal([.. Enumerable.Range(11, 13).Select(static i => $"k{i:00}"), "refused"], pages.SelectMany(static p => p).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_sweeps_do_not_see_each_other_and_leave_nothing_behind()
    {
        await CommitAsync(Put("k1", "v"), Put("k2", "v"));
        var first = await Ledger.BeginSweepAsync(Dossiers, Cancelled);
        await using var second = await Ledger.BeginSweepAsync(Dossiers, Cancelled);
        await first.SeeAsync(["k1"], Cancelled);
        Assert.Equal(new SweepCounts(2, 2), await second.CountAsync(Cancelled));
        await first.DisposeAsync();
        await using var third = await Ledger.BeginSweepAsync(Dossiers, Cancelled);
        Assert.Equal(new SweepCounts(2, 2), await third.CountAsync(Cancelled));
        await CommitAsync(Put("k3", "v"));
        Assert.Equal(new SweepCounts(3, 3), await third.CountAsync(Cancelled));
    }

    [Fact]
    public async Task A_history_tells_everything_about_a_key()
    {
        Assert.Empty(await Ledger.ReadHistoryAsync(Dossiers, "Hồ sơ số 1", Cancelled));
        await CommitAsync(Put("Hồ sơ số 1", "v1"));
        await DeliverAsync();
        await CommitAsync(Reject("Hồ sơ số 1", "raw"));
        await CommitAsync(Put("Hồ sơ số 1", "v2"));
        var history = await Ledger.ReadHistoryAsync(Dossiers, "Hồ sơ số 1", Cancelled);
        Assert.Equal([(RecordState.Ready, true), (RecordState.Superseded, false), (RecordState.Acknowledged, false)], history.Select(static v => (v.State, v.Newest)));
        Assert.Equal([EntryKind.Put, EntryKind.Reject, EntryKind.Put], history.Select(static v => v.Kind));
        Assert.Equal([0, 1, 0], history.Select(static v => v.Rejections.Count));
        Assert.Equal([0, 0, 1], history.Select(static v => v.Attempts.Count));
        Assert.All(history, static v => Assert.Equal("Hồ sơ số 1", v.Key));
        Assert.Equal(ContentHash.Of("v2"u8), history[0].Hash);
    }

    private async Task<long> AuditCountAsync(string? what = null) => Convert.ToInt64(
        await Store.SqlAsync($"SELECT count(*) FROM audit {(what is null ? "" : $"WHERE what = '{what}'")}"), CultureInfo.InvariantCulture);
}
