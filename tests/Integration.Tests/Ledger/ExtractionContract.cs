using System.Text;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Leases, runs and what a slice does to the ledger.</summary>
public abstract class ExtractionContract : LedgerContract
{
    [Fact]
    public async Task A_lease_excludes_others_until_it_ends_and_its_tokens_rise()
    {
        var first = await Ledger.TryLeaseAsync("job", "a", Minute, Cancelled);
        Assert.NotNull(first);
        Assert.Null(await Ledger.TryLeaseAsync("job", "b", Minute, Cancelled));
        Assert.True(await Ledger.RenewAsync(first, Minute, Cancelled));

        await Store.AdvanceAsync(2 * Minute);
        var second = await Ledger.TryLeaseAsync("job", "b", Minute, Cancelled);
        Assert.NotNull(second);
        Assert.True(second.Token > first.Token);
        Assert.False(await Ledger.RenewAsync(first, Minute, Cancelled));
        await Ledger.ReleaseAsync(first, Cancelled);
        Assert.Null(await Ledger.TryLeaseAsync("job", "c", Minute, Cancelled));

        await Ledger.ReleaseAsync(second, Cancelled);
        Assert.True((await Ledger.TryLeaseAsync("job", "c", Minute, Cancelled))!.Token > second.Token);
    }

    [Fact]
    public async Task A_slice_of_a_lost_lease_writes_nothing()
    {
        var stale = await Ledger.TryLeaseAsync("job", "a", Minute, Cancelled);
        var run = await Ledger.BeginRunAsync(new RunStart(Dossiers, RunKind.Schedule, "a", "m1", null), Cancelled);
        await Store.AdvanceAsync(2 * Minute);
        await Assert.ThrowsAsync<LeaseLostException>(() => Ledger.CommitSliceAsync(stale!, run, Slice(Put("k", "v1")), Cancelled));

        Assert.NotNull(await Ledger.TryLeaseAsync("job", "b", Minute, Cancelled));
        await Assert.ThrowsAsync<LeaseLostException>(() => Ledger.CommitSliceAsync(stale!, run, Slice(Put("k", "v1")), Cancelled));
        Assert.Empty(await Ledger.ReadHistoryAsync(Dossiers, "k", Cancelled));
    }

    [Fact]
    public async Task Records_rejections_watermark_and_file_are_stored_together()
    {
        var slice = Slice(Put("k1", "v1"), Reject("k2", "raw"));
        (slice.Watermark, slice.Taken) = ("2026-07-01|k2", new SourceFile("ab12", "hồ sơ.csv", 2));
        Assert.Equal(new SliceCounts(2, 0, 1, 0, 0, 1), await CommitToAsync(Dossiers, slice));

        Assert.Equal("2026-07-01|k2", await Ledger.ReadWatermarkAsync(Dossiers, Cancelled));
        Assert.True(await Ledger.IsFileTakenAsync(Dossiers, "ab12", Cancelled));
        Assert.False(await Ledger.IsFileTakenAsync(Dossiers, "cd34", Cancelled));
        Assert.False(await Ledger.IsFileTakenAsync(Steps, "ab12", Cancelled));
        Assert.Equal(RecordState.Ready, (await NewestAsync("k1")).State);
        var refused = await NewestAsync("k2");
        Assert.Equal(RecordState.Quarantined, refused.State);
        Assert.Equal(new Rejection(Rules.LookupMissing.Code, "MaTTHC", "procedure_code", "9.999", "procedures"), Assert.Single(refused.Rejections));
        Assert.Equal("raw"u8.ToArray(), await Ledger.ReadPayloadAsync(refused.Version, Cancelled));
    }

    [Fact]
    public async Task A_slice_that_breaks_in_the_middle_leaves_nothing()
    {
        await CommitAsync(Put("k1", "v1"));
        await Store.SqlAsync("ALTER TABLE source_file RENAME TO hidden");
        var slice = Slice(Put("k1", "v2"), Put("k2", "v1"), Reject("k3", "raw"));
        (slice.Watermark, slice.Taken) = ("later", new SourceFile("ab12", "a.csv", 3));
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => CommitToAsync(Dossiers, slice));

        Assert.Null(await Ledger.ReadWatermarkAsync(Dossiers, Cancelled));
        Assert.Equal([RecordState.Ready], await StatesAsync("k1"));
        Assert.Empty(await StatesAsync("k2"));
        Assert.Empty(await StatesAsync("k3"));
        Assert.Equal(1L, Convert.ToInt64(await Store.SqlAsync("SELECT count(*) FROM payload"), null));

        await Store.SqlAsync("ALTER TABLE hidden RENAME TO source_file");
        Assert.Equal(new SliceCounts(3, 0, 1, 1, 0, 1), await CommitToAsync(Dossiers, slice));
        Assert.Equal("later", await Ledger.ReadWatermarkAsync(Dossiers, Cancelled));
    }

    [Fact]
    public async Task A_slice_without_watermark_leaves_the_stored_one()
    {
        var slice = Slice();
        slice.Watermark = "w1";
        await CommitToAsync(Dossiers, slice);
        await CommitAsync(Put("k", "v"));
        Assert.Equal("w1", await Ledger.ReadWatermarkAsync(Dossiers, Cancelled));
        Assert.Null(await Ledger.ReadWatermarkAsync("never seen", Cancelled));
    }

    [Theory]
    [InlineData("2026-07-01 08:00:00.123456|Hồ sơ số 1")]
    [InlineData("\u0001 as a mark")]
    [InlineData("2026-07-01|a\0b")]
    [InlineData("")]
    public async Task A_watermark_comes_back_exactly(string watermark)
    {
        var slice = Slice();
        slice.Watermark = watermark;
        await CommitToAsync(Dossiers, slice);
        Assert.Equal(watermark, await Ledger.ReadWatermarkAsync(Dossiers, Cancelled));
    }

    [Fact]
    public async Task Equal_content_is_unchanged_and_writes_nothing()
    {
        await CommitAsync(Put("k1", "v1"), Reject("k2", "raw"));
        Assert.Equal(new SliceCounts(2, 2, 0, 0, 0, 0), await CommitAsync(Put("k1", "v1"), Reject("k2", "raw")));
        await DeliverAsync();
        Assert.Equal(new SliceCounts(1, 1, 0, 0, 0, 0), await CommitAsync(Put("k1", "v1")));
        Assert.Equal([RecordState.Acknowledged], await StatesAsync("k1"));
        Assert.Equal([RecordState.Quarantined], await StatesAsync("k2"));
        Assert.Equal(1L, Convert.ToInt64(await Store.SqlAsync("SELECT count(*) FROM payload"), null));
    }

    [Fact]
    public async Task A_newer_version_supersedes_one_that_has_not_left()
    {
        await CommitAsync(Put("k", "v1"));
        Assert.Equal(new SliceCounts(1, 0, 0, 1, 0, 0), await CommitAsync(Put("k", "v2")));
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("k"));
        var claim = await ClaimedAsync();
        Assert.Equal(["v2"], Payloads(claim));
        Assert.False(claim.Exists);
    }

    [Fact]
    public async Task A_newer_version_of_an_acknowledged_record_goes_as_an_update()
    {
        await CommitAsync(Put("k", "v1"));
        await DeliverAsync();
        await CommitAsync(Put("k", "v2"));
        var claim = await ClaimedAsync();
        Assert.True(claim.Exists);
        Assert.Equal("v1"u8.ToArray(), await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "k", Cancelled));
        await SettleAsync(claim, Next.Acknowledge);
        Assert.Equal([RecordState.Acknowledged, RecordState.Acknowledged], await StatesAsync("k"));
        Assert.Equal("v2"u8.ToArray(), await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "k", Cancelled));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_newer_version_waits_while_the_older_is_in_flight(bool unknown)
    {
        await CommitAsync(Put("k", "v1"));
        var claim = await ClaimedAsync();
        if (unknown)
        {
            await SettleAsync(claim, Next.Unknown);
        }

        await CommitAsync(Put("k", "v2"));
        Assert.Equal([RecordState.Waiting, unknown ? RecordState.Unknown : RecordState.Leased], await StatesAsync("k"));
        Assert.Null(await ClaimAsync());

        await CommitAsync(Put("k", "v3"));
        Assert.Equal([RecordState.Waiting, RecordState.Superseded, unknown ? RecordState.Unknown : RecordState.Leased], await StatesAsync("k"));
    }

    [Fact]
    public async Task Content_that_returns_to_what_is_acknowledged_sends_nothing()
    {
        await CommitAsync(Put("k", "A"));
        await DeliverAsync();
        await CommitAsync(Put("k", "B"));
        Assert.Equal(new SliceCounts(1, 0, 0, 1, 0, 0), await CommitAsync(Put("k", "A")));
        Assert.Null(await ClaimAsync());
        Assert.Equal([RecordState.Superseded, RecordState.Acknowledged], await StatesAsync("k"));
        Assert.Equal(RecordState.Acknowledged, (await NewestAsync("k")).State);

        // And it can leave it again.
        await CommitAsync(Put("k", "C"));
        Assert.Equal(["C"], Payloads(await ClaimAsync()));
    }

    [Fact]
    public async Task Content_that_returns_to_what_is_in_flight_sends_nothing()
    {
        await CommitAsync(Put("k", "A"));
        var claim = await ClaimedAsync();
        await CommitAsync(Put("k", "B"));
        await CommitAsync(Put("k", "A"));
        Assert.Equal([RecordState.Superseded, RecordState.Leased], await StatesAsync("k"));
        await SettleAsync(claim, Next.Retry);
        Assert.Equal(["A"], Payloads(await ClaimAsync()));
    }

    [Fact]
    public async Task Content_is_sent_again_when_the_version_in_between_may_have_arrived()
    {
        await CommitAsync(Put("k", "A"));
        await DeliverAsync();
        await CommitAsync(Put("k", "B"));
        var between = await ClaimedAsync();
        await CommitAsync(Put("k", "A"));
        Assert.Equal([RecordState.Waiting, RecordState.Leased, RecordState.Acknowledged], await StatesAsync("k"));
        await SettleAsync(between, Next.Acknowledge);
        var again = await ClaimedAsync();
        Assert.Equal(["A"], Payloads(again));
        Assert.True(again.Exists);
    }

    [Fact]
    public async Task A_rejected_record_is_superseded_once_it_can_be_mapped()
    {
        await CommitAsync(Reject("k", "raw"));
        await CommitAsync(Put("k", "v1"));
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("k"));
        Assert.Empty(await Ledger.ReadFailuresAsync(new FailureFilter(), 0, 10, Cancelled));
    }

    [Fact]
    public async Task A_rejection_supersedes_what_was_ready_and_remembers_what_the_receiver_has()
    {
        await CommitAsync(Put("k", "v1"));
        await DeliverAsync();
        await CommitAsync(Put("k", "v2"));
        await CommitAsync(Reject("k", "raw"));
        Assert.Equal([RecordState.Quarantined, RecordState.Superseded, RecordState.Acknowledged], await StatesAsync("k"));
        await CommitAsync(Put("k", "v3"));
        Assert.True((await ClaimedAsync()).Exists);
    }

    [Fact]
    public async Task A_rejection_while_the_older_version_is_in_flight_learns_of_its_acknowledgement()
    {
        await CommitAsync(Put("k", "v1"));
        var claim = await ClaimedAsync();
        await CommitAsync(Reject("k", "raw"));
        await SettleAsync(claim, Next.Acknowledge);
        await CommitAsync(Put("k", "v2"));
        Assert.True((await ClaimedAsync()).Exists);
    }

    [Fact]
    public async Task The_same_content_refused_by_the_receiver_stays_refused()
    {
        await CommitAsync(Put("k", "v1"));
        await SettleAsync(await ClaimedAsync(), Next.Refuse, code: "-7");
        Assert.Equal(1, (await CommitAsync(Put("k", "v1"))).Unchanged);
        Assert.Equal([RecordState.Quarantined], await StatesAsync("k"));
        await CommitAsync(Put("k", "v2"));
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("k"));
    }

    [Fact]
    public async Task A_key_that_stands_twice_in_a_slice_is_taken_in_order()
    {
        Assert.Equal(new SliceCounts(3, 0, 1, 2, 0, 0), await CommitAsync(Put("k", "v1"), Put("k", "v2"), Put("k", "v3")));
        Assert.Equal(["v3"], Payloads(await ClaimAsync()));
    }

    [Fact]
    public async Task Keys_of_any_length_are_told_apart_by_all_of_their_characters()
    {
        var (a, b) = (new string('ơ', 10_000) + "1", new string('ơ', 10_000) + "2");
        await CommitAsync(Put(a, "va"), Put(b, "vb"));
        Assert.Equal(1, (await CommitAsync(Put(a, "va"))).Unchanged);
        var claim = await ClaimedAsync();
        Assert.Equal([a, b], Keys(claim));
        Assert.Equal("va", Payloads(claim)[0]);
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('\uD800')]
    public async Task Texts_no_store_can_hold_do_not_break_the_slice(char unstorable)
    {
        var (bad, good) = ($"a{unstorable}b", "a\uFFFDb");
        var slice = Slice(
            Put(good, "v1"), Reject(bad, "{\"k\":\"a\\u0000b\"}", new Rejection(Rules.ControlCharacter.Code, bad, bad, bad, bad)), Put("k\U0001F600", "v\0", bad, 1, bad));
        Assert.Equal(3, (await CommitToAsync(Dossiers, slice)).Extracted);
        Assert.Equal(RecordState.Ready, (await NewestAsync(good)).State);
        var refused = await NewestAsync(bad);
        Assert.Equal(RecordState.Quarantined, refused.State);
        Assert.Equal(good, Assert.Single(refused.Rejections).Detail);
        Assert.Contains("k\U0001F600", Keys(await ClaimAsync()).Concat(Keys(await ClaimAsync())));
    }

    [Fact]
    public async Task Payloads_come_back_byte_for_byte_whatever_their_size()
    {
        var sizes = new[] { 1, 10, 5_000, 70_000, 0, 200_000, 33_333, 64 * 1024, 3 };
        var items = sizes.Select((n, i) => Put($"Hồ sơ {i}", new string((char)('a' + i), n))).ToArray();
        await CommitAsync(items);
        var claim = await ClaimedAsync();
        Assert.Equal(items.Select(i => i.Bytes), Payloads(claim));
        Assert.Equal(Encoding.UTF8.GetBytes(items[5].Bytes), await Ledger.ReadPayloadAsync(claim.Versions[5].Version, Cancelled));
    }

    [Fact]
    public async Task Newest_hashes_are_read_for_dry_runs()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v2"));
        await CommitAsync(Put("k2", "v3"));
        var hashes = await Ledger.ReadNewestHashesAsync(Dossiers, ["k1", "k2", "k3"], Cancelled);
        Assert.Equal(2, hashes.Count);
        Assert.Equal(ContentHash.Of("v1"u8), hashes["k1"]);
        Assert.Equal(ContentHash.Of("v3"u8), hashes["k2"]);
    }

    [Fact]
    public async Task Runs_are_kept_with_their_counts_and_outcome()
    {
        var run = await Ledger.BeginRunAsync(new RunStart(Dossiers, RunKind.CatchUp, "máy 1", "m1", null), Cancelled);
        var open = Assert.Single(await Ledger.ReadRunsAsync(Dossiers, 10, Cancelled));
        Assert.Equal(RunOutcome.Running, open.Outcome);
        Assert.Null(open.Ended);

        var counts = new SliceCounts(21, 1, 2, 3, 4, 11);
        await Ledger.EndRunAsync(run, new RunEnd(RunOutcome.Stopped, counts, new Text("Thiếu cột", "A column is missing")), Cancelled);
        var ended = Assert.Single(await Ledger.ReadRunsAsync(null, 10, Cancelled));
        Assert.Equal((run, RunKind.CatchUp, "máy 1", RunOutcome.Stopped, counts), (ended.Run, ended.Kind, ended.Worker, ended.Outcome, ended.Counts));
        Assert.Equal("Thiếu cột", ended.Detail!.Vi);
        Assert.NotNull(ended.Ended);
        Assert.Empty(await Ledger.ReadRunsAsync(Steps, 10, Cancelled));
    }
}
