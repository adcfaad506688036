using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Claims, settlements, and what they release.</summary>
public abstract class DeliveryContract : LedgerContract
{
    [Fact]
    public async Task A_claim_hands_out_the_stored_bytes_once()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v2"), Put("k3", "v3"));
        var claim = await ClaimedAsync(most: 2);
        Assert.Equal(["k1", "k2"], Keys(claim));
        Assert.Equal(["v1", "v2"], Payloads(claim));
        Assert.Equal(EntryKind.Put, claim.Kind);
        Assert.False(claim.Exists);
        Assert.All(claim.Versions, static v => Assert.Equal(0, v.Attempts));
        Assert.Equal(["k3"], Keys(await ClaimAsync()));
        Assert.Null(await ClaimAsync());
        Assert.Null(await ClaimAsync("never seen"));
    }

    [Fact]
    public async Task A_claim_is_no_larger_than_asked_but_holds_at_least_one()
    {
        await CommitAsync(Put("k1", new string('a', 100)), Put("k2", new string('b', 100)), Put("k3", new string('c', 100)), Put("k4", new string('d', 1000)));
        Assert.Equal(["k1", "k2"], Keys(await ClaimAsync(mostBytes: 250)));
        Assert.Equal(["k3"], Keys(await ClaimAsync(mostBytes: 250)));
        Assert.Equal(["k4"], Keys(await ClaimAsync(mostBytes: 250)));
    }

    [Fact]
    public async Task A_claim_holds_one_kind_of_call()
    {
        await CommitAsync(Put("old", "v1"), Put("gone", "v1"));
        await DeliverAsync();
        await Store.AdvanceAsync(Minute);
        await CommitAsync(Put("old", "v2"));
        await Store.AdvanceAsync(Minute);
        await CommitAsync(Put("new", "v1"), Gone("gone"));

        var update = await ClaimedAsync();
        Assert.Equal((true, EntryKind.Put, "old"), (update.Exists, update.Kind, Assert.Single(Keys(update))));
        var others = new[] { await ClaimedAsync(), await ClaimedAsync() };
        Assert.Contains(others, static c => c is { Exists: false, Kind: EntryKind.Put } && Keys(c) is ["new"]);
        var withdrawal = Assert.Single(others, static c => c.Kind == EntryKind.Withdraw);
        Assert.True(withdrawal.Exists);
        Assert.True(Assert.Single(withdrawal.Versions).Payload.IsEmpty);
    }

    [Fact]
    public async Task An_acknowledged_version_carries_its_receipt_and_its_attempt()
    {
        await CommitAsync(Put("k", "v1"));
        Assert.Equal(new SettleCounts(1, 0, 0), await SettleAsync(await ClaimedAsync(), Next.Acknowledge));
        var version = await NewestAsync("k");
        Assert.Equal((RecordState.Acknowledged, "R-k"), (version.State, version.Receipt));
        Assert.NotNull(version.Acknowledged);
        var attempt = Assert.Single(version.Attempts);
        Assert.Equal((AttemptKind.Send, 1, 200, "0", "Đồng bộ thành công"), (attempt.Kind, attempt.Records, attempt.Status, attempt.Code, attempt.Message));
        Assert.Equal((ContentHash.Of("request"u8), ContentHash.Of("response"u8)), (attempt.RequestHash, attempt.ResponseHash));
        Assert.Equal(TimeSpan.FromMilliseconds(12), attempt.Took);
        Assert.Equal(0L, Convert.ToInt64(await Store.SqlAsync("SELECT count(*) FROM attempt_record"), null));
    }

    [Fact]
    public async Task A_refused_version_is_quarantined_with_its_reason_and_every_attempt_is_kept()
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.Retry, code: "429");
        var again = await ClaimedAsync();
        Assert.Equal(1, Assert.Single(again.Versions).Attempts);
        var reason = new Rejection(Rules.TooLong.Code, "GhiChu", "note", "***", "2001/2000");
        await SettleAsync(again, Next.Refuse, code: "-7", rejection: reason);
        var version = await NewestAsync("k");
        Assert.Equal(RecordState.Quarantined, version.State);
        Assert.Equal(reason, Assert.Single(version.Rejections));
        Assert.Equal(["429", "-7"], version.Attempts.Select(static a => a.Code));
        Assert.Null(await ClaimAsync());
    }

    [Fact]
    public async Task A_retry_is_not_due_before_its_time()
    {
        await CommitAsync(Put("k", "v1"));
        var claim = await ClaimedAsync();
        var at = (await NewestAsync("k")).Extracted + (10 * Minute);
        await SettleAsync(claim, Next.Retry, at);
        Assert.Null(await ClaimAsync());
        var version = await NewestAsync("k");
        Assert.Equal((RecordState.Ready, at), (version.State, version.NotBefore));
        await Store.AdvanceAsync(11 * Minute);
        Assert.Equal(["k"], Keys(await ClaimAsync()));
        Assert.Null((await NewestAsync("k")).NotBefore);
    }

    [Theory]
    [InlineData(Next.RetryAsUpdate, true)]
    [InlineData(Next.RetryAsCreate, false)]
    [InlineData(Next.Retry, false)]
    internal async Task A_retry_remembers_what_the_receiver_said_it_has(Next next, bool exists)
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), next);
        Assert.Equal(exists, (await ClaimedAsync()).Exists);
    }

    [Fact]
    public async Task A_memo_is_handed_back_with_the_next_step()
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), static v => new Settlement(v.Version, Next.Retry, "file", "tải tệp", Memo: "tệp=42"));
        var second = await ClaimedAsync();
        Assert.Equal("tệp=42", Assert.Single(second.Versions).Memo);
        await SettleAsync(second, Next.Retry);
        Assert.Equal("tệp=42", Assert.Single((await ClaimedAsync()).Versions).Memo);
    }

    [Fact]
    public async Task A_late_settlement_changes_nothing_and_is_still_kept_as_an_attempt()
    {
        await CommitAsync(Put("k", "v1"));
        var stale = await ClaimedAsync();
        await Store.AdvanceAsync(2 * Minute);
        Assert.Equal(1, (await Ledger.UpkeepAsync(Cancelled)).LeasesExpired);
        Assert.Equal(new SettleCounts(0, 1, 0), await SettleAsync(stale, Next.Acknowledge));
        Assert.Equal(RecordState.Unknown, (await NewestAsync("k")).State);

        var asked = await ClaimedAsync(what: ClaimKind.Unknown);
        Assert.True(asked.Token > stale.Token);
        Assert.Equal(new SettleCounts(0, 1, 0), await SettleAsync(stale, Next.Refuse));
        await SettleAsync(asked, Next.Acknowledge);
        Assert.Equal(new SettleCounts(0, 1, 0), await SettleAsync(stale, Next.Retry));
        var version = await NewestAsync("k");
        Assert.Equal(RecordState.Acknowledged, version.State);
        Assert.Empty(version.Rejections);
        Assert.Equal(4, version.Attempts.Count);
    }

    [Fact]
    public async Task A_lease_that_ran_out_leaves_an_unknown_outcome_never_a_ready_one()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v1"));
        var first = await ClaimedAsync(most: 1);
        Assert.Equal(default, await Ledger.UpkeepAsync(Cancelled));
        await Store.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.True(await Ledger.RenewAsync(first, Minute, Cancelled));
        await Store.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.Equal(default, await Ledger.UpkeepAsync(Cancelled));
        await Store.AdvanceAsync(TimeSpan.FromSeconds(11));
        Assert.False(await Ledger.RenewAsync(first, Minute, Cancelled));
        Assert.Equal(new UpkeepCounts(1, 0), await Ledger.UpkeepAsync(Cancelled));
        Assert.False(await Ledger.RenewAsync(first, Minute, Cancelled));
        Assert.Equal(RecordState.Unknown, (await NewestAsync("k1")).State);
        Assert.Equal(["k2"], Keys(await ClaimAsync()));
        Assert.Null(await ClaimAsync());
    }

    [Fact]
    public async Task What_was_certainly_not_sent_is_ready_again_at_once()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v1"), Put("k3", "v1"));
        var claim = await ClaimedAsync();
        await CommitAsync(Put("k3", "v2"));
        await Ledger.ReturnAsync(claim, [claim.Versions[0].Version, claim.Versions[2].Version], Cancelled);
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("k3"));
        Assert.Equal(["v1", "v2"], Payloads(await ClaimAsync()));
        Assert.Empty((await NewestAsync("k1")).Attempts);
        Assert.Equal(RecordState.Leased, (await NewestAsync("k2")).State);
    }

    [Fact]
    public async Task What_was_claimed_as_unknown_is_given_back_as_unknown()
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.Unknown);
        var asked = await ClaimedAsync(what: ClaimKind.Unknown);
        await Ledger.ReturnAsync(asked, [asked.Versions[0].Version], Cancelled);
        Assert.Null(await ClaimAsync());
        Assert.Equal(["k"], Keys(await ClaimAsync(what: ClaimKind.Unknown)));
    }

    [Fact]
    public async Task A_stale_claim_gives_back_nothing()
    {
        await CommitAsync(Put("k", "v1"));
        var stale = await ClaimedAsync();
        await Store.AdvanceAsync(2 * Minute);
        await Ledger.UpkeepAsync(Cancelled);
        await Ledger.ReturnAsync(stale, [stale.Versions[0].Version], Cancelled);
        Assert.Equal(RecordState.Unknown, (await NewestAsync("k")).State);
    }

    [Fact]
    public async Task An_unknown_version_is_asked_about_when_it_is_due_and_never_sent_as_ready()
    {
        await CommitAsync(Put("k", "v1"));
        var claim = await ClaimedAsync();
        await SettleAsync(claim, Next.Unknown, (await NewestAsync("k")).Extracted + (5 * Minute));
        Assert.Null(await ClaimAsync());
        Assert.Null(await ClaimAsync(what: ClaimKind.Unknown));
        await Store.AdvanceAsync(6 * Minute);
        Assert.Null(await ClaimAsync());
        var asked = await ClaimedAsync(what: ClaimKind.Unknown);
        Assert.Equal(ClaimKind.Unknown, asked.What);
        Assert.Equal(["v1"], Payloads(asked));
        await SettleAsync(asked, Next.Retry);
        Assert.Equal(["k"], Keys(await ClaimAsync()));
    }

    [Theory]
    [InlineData(Next.Acknowledge, RecordState.Acknowledged, true)]
    [InlineData(Next.Refuse, RecordState.Superseded, false)]
    [InlineData(Next.Retry, RecordState.Superseded, false)]
    [InlineData(Next.RetryAsUpdate, RecordState.Superseded, true)]
    internal async Task A_settled_version_lets_the_newer_one_go(Next next, RecordState older, bool exists)
    {
        await CommitAsync(Put("k", "v1"));
        var claim = await ClaimedAsync();
        await CommitAsync(Put("k", "v2"));
        Assert.Equal(new SettleCounts(1, 0, 1), await SettleAsync(claim, next));
        Assert.Equal([RecordState.Ready, older], await StatesAsync("k"));
        var newer = await ClaimedAsync();
        Assert.Equal(["v2"], Payloads(newer));
        Assert.Equal(exists, newer.Exists);
        Assert.Empty(await Ledger.ReadFailuresAsync(new FailureFilter(), 0, 10, Cancelled));
    }

    [Theory]
    [InlineData(Next.Unknown)]
    [InlineData(Next.AskPerson)]
    internal async Task An_open_outcome_holds_the_newer_version_back(Next next)
    {
        await CommitAsync(Put("k", "v1"));
        var claim = await ClaimedAsync();
        await CommitAsync(Put("k", "v2"));
        Assert.Equal(new SettleCounts(1, 0, 0), await SettleAsync(claim, next));
        Assert.Equal(default, await Ledger.UpkeepAsync(Cancelled));
        Assert.Equal([RecordState.Waiting, RecordState.Unknown], await StatesAsync("k"));
    }

    [Fact]
    public async Task A_withdrawal_is_sent_for_what_the_receiver_has()
    {
        await CommitAsync(Put("k", "v1"));
        await DeliverAsync();
        Assert.Equal(new SliceCounts(1, 0, 0, 0, 1, 0), await CommitAsync(Gone("k")));
        Assert.Equal(1, (await CommitAsync(Gone("k"))).Unchanged);
        await DeliverAsync();
        Assert.Null(await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "k", Cancelled));
        Assert.Equal(1, (await CommitAsync(Gone("k"))).Unchanged);

        await CommitAsync(Put("k", "v1"));
        Assert.False((await ClaimedAsync()).Exists);
    }

    [Fact]
    public async Task A_withdrawal_of_what_never_left_sends_nothing()
    {
        await CommitAsync(Put("k", "v1"));
        Assert.Equal(new SliceCounts(1, 0, 0, 0, 1, 0), await CommitAsync(Gone("k")));
        Assert.Equal(1, (await CommitAsync(Gone("k"), Gone("never seen"))).Unchanged - 1);
        Assert.Null(await ClaimAsync());
        Assert.Equal([RecordState.Superseded], await StatesAsync("k"));

        Assert.Equal(1, (await CommitAsync(Put("k", "v1"))).Added);
        Assert.Equal(["k"], Keys(await ClaimAsync()));
    }

    [Theory]
    [InlineData(Next.Acknowledge, RecordState.Ready)]
    [InlineData(Next.Refuse, RecordState.Superseded)]
    internal async Task A_withdrawal_waits_for_what_is_in_flight(Next next, RecordState withdrawal)
    {
        await CommitAsync(Put("k", "v1"));
        var claim = await ClaimedAsync();
        await CommitAsync(Gone("k"));
        Assert.Equal([RecordState.Waiting, RecordState.Leased], await StatesAsync("k"));
        await SettleAsync(claim, next);
        Assert.Equal(withdrawal, (await StatesAsync("k"))[0]);
        Assert.Equal(next == Next.Acknowledge, await ClaimAsync() is { Kind: EntryKind.Withdraw, Exists: true });
    }

    [Fact]
    public async Task A_withdrawal_taken_back_sends_nothing()
    {
        await CommitAsync(Put("k", "v1"));
        await DeliverAsync();
        await CommitAsync(Gone("k"));
        await CommitAsync(Put("k", "v1"));
        Assert.Null(await ClaimAsync());
        Assert.Equal([RecordState.Superseded, RecordState.Acknowledged], await StatesAsync("k"));
    }

    [Fact, Trait("Fault", "B9")]
    public async Task A_damaged_payload_is_quarantined_and_not_handed_out()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v2"));
        await Store.SqlAsync(Store is SqliteStore ? "UPDATE payload SET bytes = x'76317678'" : @"UPDATE payload SET bytes = '\x76317678'");
        await RestartAsync();
        Assert.Equal(["k1"], Keys(await ClaimAsync()));
        var damaged = await NewestAsync("k2");
        Assert.Equal(RecordState.Quarantined, damaged.State);
        Assert.Equal(Rules.PayloadDamaged.Code, Assert.Single(damaged.Rejections).Rule);
        Assert.Null(await ClaimAsync());
    }

    [Fact]
    public async Task An_attempt_of_many_records_settles_each_by_its_own_outcome()
    {
        await CommitAsync(Put("k1", "v"), Put("k2", "v"), Put("k3", "v"), Put("k4", "v"));
        var claim = await ClaimedAsync();
        var next = new[] { Next.Acknowledge, Next.Refuse, Next.Unknown, Next.Retry };
        Assert.Equal(4, (await SettleAsync(claim, v => new Settlement(v.Version, next[v.Key[1] - '1'], v.Key, $"về {v.Key}"))).Settled);
        RecordState[] expected = [RecordState.Acknowledged, RecordState.Quarantined, RecordState.Unknown, RecordState.Ready];
        for (var i = 0; i < 4; i++)
        {
            var version = await NewestAsync($"k{i + 1}");
            Assert.Equal(expected[i], version.State);
            Assert.Equal(($"k{i + 1}", 4), (Assert.Single(version.Attempts).Code, version.Attempts[0].Records));
        }
    }
}
