using System.Text;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Records that came together are kept and moved together, and nobody who reads, claims or settles them can tell.</summary>
public abstract class PackContract : LedgerContract
{
    private const int Many = 12;

    private static readonly string[] s_keys = [.. Enumerable.Range(0, Many).Select(static i => $"k{i:00}")];

    [Fact]
    public async Task Records_that_come_together_are_kept_sent_and_acknowledged_as_one()
    {
        Assert.Equal(new SliceCounts(Many, 0, Many, 0, 0, 0), await CommitManyAsync());
        Assert.Equal("0 versions, 1 packs of 12, 12 records", await KeptAsync());
        var claim = await ClaimedAsync();
        Assert.Equal(s_keys, Keys(claim));
        Assert.Equal(s_keys.Select(static k => $"{k} v1"), Payloads(claim));
        Assert.Equal((false, EntryKind.Put), (claim.Exists, claim.Kind));
        Assert.All(claim.Versions, static v => Assert.Equal(0, v.Attempts));
        Assert.Null(await ClaimAsync());
        Assert.Equal(RecordState.Leased, (await NewestAsync("k03")).State);

        Assert.Equal(new SettleCounts(Many, 0, 0), await AcceptAsync(claim));
        Assert.Equal("0 versions, 1 packs of 12, 12 records", await KeptAsync());
        var version = await NewestAsync("k03");
        Assert.Equal((RecordState.Acknowledged, claim.Versions[3].Version, true, false), (version.State, version.Version, version.Newest, version.Exists));
        Assert.NotNull(version.Acknowledged);
        Assert.Null(version.Receipt);
        Assert.Equal(("0", Many), (Assert.Single(version.Attempts).Code, version.Attempts[0].Records));
        Assert.Equal("k03 v1", Encoding.UTF8.GetString((await Ledger.ReadPayloadAsync(version.Version, Cancelled))!));
        Assert.Equal("k03 v1", Encoding.UTF8.GetString((await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "k03", Cancelled))!));
        Assert.Equal(ContentHash.Of("k03 v1"u8), (await Ledger.ReadNewestHashesAsync(Dossiers, ["k03", "none"], Cancelled))["k03"]);
        Assert.Null(await Ledger.ReadPayloadAsync(version.Version + 1000, Cancelled));
        Assert.Null(await ClaimAsync());
    }

    [Fact]
    public async Task Each_record_of_a_pack_keeps_its_own_receipt()
    {
        await CommitManyAsync();
        await SettleAsync(await ClaimedAsync(), static v => new Settlement(v.Version, Next.Acknowledge, "0", "", Receipt: v.Key == "k05" ? null : $"số {v.Key}"));
        Assert.Equal("0 versions, 1 packs of 12, 12 records", await KeptAsync());
        Assert.Equal("số k07", (await NewestAsync("k07")).Receipt);
        Assert.Null((await NewestAsync("k05")).Receipt);
        await CommitAsync(Put("k07", "other"));
        Assert.Equal([null, "số k07"], (await Ledger.ReadHistoryAsync(Dossiers, "k07", Cancelled)).Select(static v => v.Receipt));
    }

    [Fact]
    public async Task What_a_pack_says_already_is_unchanged_in_every_state()
    {
        await CommitManyAsync();
        Assert.Equal(new SliceCounts(Many, Many, 0, 0, 0, 0), await CommitManyAsync());
        var claim = await ClaimedAsync();
        Assert.Equal(new SliceCounts(Many, Many, 0, 0, 0, 0), await CommitManyAsync());
        await AcceptAsync(claim);
        Assert.Equal(new SliceCounts(Many, Many, 0, 0, 0, 0), await CommitManyAsync());
        Assert.Equal("0 versions, 1 packs of 12, 12 records", await KeptAsync());
        Assert.Equal(1, await Store.NumberAsync("SELECT count(*) FROM payload"));
    }

    [Fact]
    public async Task A_change_to_a_ready_record_undoes_its_pack_and_supersedes_it()
    {
        await CommitManyAsync();
        var before = await VersionsAsync();
        Assert.Equal(new SliceCounts(1, 0, 0, 1, 0, 0), await CommitAsync(Put("k04", "new")));
        Assert.Equal("13 versions, 0 packs of 0, 0 records", await KeptAsync());
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("k04"));
        Assert.Equal(before, await VersionsAsync(oldest: true));
        var claim = await ClaimedAsync();
        Assert.Equal(s_keys.Except(["k04"]).Append("k04"), Keys(claim));
        Assert.Equal("k11 v1", Payloads(claim)[10]);
        Assert.Equal("new", Payloads(claim)[11]);
    }

    [Fact]
    public async Task A_change_to_a_leased_record_waits_and_the_claim_goes_on_as_if_nothing_had_happened()
    {
        await CommitManyAsync();
        var claim = await ClaimedAsync();
        await CommitAsync(Put("k04", "new"), Gone("k05"));
        Assert.Equal([RecordState.Waiting, RecordState.Leased], await StatesAsync("k04"));
        Assert.True(await Ledger.RenewAsync(claim, Minute, Cancelled));
        Assert.Null(await ClaimAsync());
        Assert.Equal(new SettleCounts(Many, 0, 2), await AcceptAsync(claim));
        Assert.Equal([RecordState.Ready, RecordState.Acknowledged], await StatesAsync("k04"));
        Assert.Equal([RecordState.Acknowledged], await StatesAsync("k06"));
        Assert.Equal(["new"], Payloads(await ClaimAsync()));
        Assert.True(await ClaimAsync() is { Kind: EntryKind.Withdraw, Exists: true });
    }

    [Fact]
    public async Task A_change_to_an_acknowledged_record_takes_out_that_record_alone()
    {
        await CommitManyAsync();
        await AcceptAsync(await ClaimedAsync());
        await CommitAsync(Put("k04", "new"), Gone("k05"), Reject("k06", "raw"));
        Assert.Equal("6 versions, 1 packs of 9, 9 records", await KeptAsync());
        Assert.Equal([RecordState.Ready, RecordState.Acknowledged], await StatesAsync("k04"));
        Assert.Equal([RecordState.Ready, RecordState.Acknowledged], await StatesAsync("k05"));
        Assert.Equal([RecordState.Quarantined, RecordState.Acknowledged], await StatesAsync("k06"));
        Assert.True((await NewestAsync("k04")).Exists);
        Assert.Equal("k04 v1"u8.ToArray(), await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "k04", Cancelled));
        Assert.Single((await Ledger.ReadHistoryAsync(Dossiers, "k04", Cancelled))[1].Attempts);

        // Back to what the receiver has: nothing is sent.
        await CommitAsync(Put("k04", "k04 v1"));
        Assert.Equal([RecordState.Superseded, RecordState.Acknowledged], await StatesAsync("k04"));

        await CommitAsync([.. s_keys.Select(static k => Put(k, "v3"))]);
        Assert.Equal(0, await Store.NumberAsync("SELECT count(*) FROM pack"));
        Assert.Equal(0, await Store.NumberAsync("SELECT (SELECT count(*) FROM pack_slots) + (SELECT count(*) FROM ordered_slots)"));
        Assert.All(await Task.WhenAll(s_keys.Select(k => Ledger.ReadHistoryAsync(Dossiers, k, Cancelled))), static h => Assert.Equal(RecordState.Acknowledged, h[^1].State));
    }

    [Theory]
    [InlineData(Next.Refuse, RecordState.Quarantined)]
    [InlineData(Next.Retry, RecordState.Ready)]
    [InlineData(Next.RetryAsUpdate, RecordState.Ready)]
    [InlineData(Next.Unknown, RecordState.Unknown)]
    [InlineData(Next.AskPerson, RecordState.Unknown)]
    internal async Task Any_other_answer_settles_record_by_record(Next next, RecordState state)
    {
        await CommitManyAsync();
        var claim = await ClaimedAsync();
        Assert.Equal(Many, (await SettleAsync(claim, v => new Settlement(v.Version, v.Key == "k02" ? next : Next.Acknowledge, "0", ""))).Settled);
        Assert.Equal("12 versions, 0 packs of 0, 0 records", await KeptAsync());
        Assert.Equal([state], await StatesAsync("k02"));
        Assert.Equal((RecordState.Acknowledged, 1), ((await NewestAsync("k03")).State, (await NewestAsync("k03")).Attempts.Count));
    }

    [Fact]
    public async Task What_is_said_about_one_record_alone_is_kept_with_it()
    {
        await CommitManyAsync();
        await SettleAsync(await ClaimedAsync(), static v => new Settlement(v.Version, Next.Acknowledge, v.Key == "k02" ? "9" : "0", "được"));
        Assert.Equal(("9", "được"), (Assert.Single((await NewestAsync("k02")).Attempts).Code, (await NewestAsync("k02")).Attempts[0].Message));
        Assert.Equal("0", Assert.Single((await NewestAsync("k03")).Attempts).Code);
    }

    [Fact]
    public async Task A_part_that_is_settled_leaves_the_rest_leased()
    {
        await CommitManyAsync();
        var claim = await ClaimedAsync();
        var settlements = claim.Versions.Take(5).Select(static v => new Settlement(v.Version, Next.Acknowledge, "0", "")).ToArray();
        Assert.Equal(new SettleCounts(5, 0, 0), await Ledger.SettleAsync(claim, An(5), settlements, Cancelled));
        Assert.Equal(new SettleCounts(0, 5, 0), await Ledger.SettleAsync(claim, An(5), settlements, Cancelled));
        Assert.Equal([RecordState.Leased], await StatesAsync("k06"));
        Assert.Equal(new SettleCounts(7, 5, 0), await AcceptAsync(claim));
    }

    [Fact]
    public async Task An_attempt_that_settles_nothing_leaves_the_pack_whole()
    {
        await CommitManyAsync();
        var claim = await ClaimedAsync();
        await Ledger.SettleAsync(claim, An(Many, "-1"), [], Cancelled);
        Assert.Equal("0 versions, 1 packs of 12, 12 records", await KeptAsync());
        Assert.Equal(Many, (await AcceptAsync(claim)).Settled);
    }

    [Fact]
    public async Task What_was_not_sent_is_ready_again_whole_or_in_part()
    {
        await CommitManyAsync();
        var claim = await ClaimedAsync();
        await Ledger.ReturnAsync(claim, [.. claim.Versions.Select(static v => v.Version)], Cancelled);
        Assert.Equal("0 versions, 1 packs of 12, 12 records", await KeptAsync());
        Assert.Equal(new SettleCounts(0, Many, 0), await AcceptAsync(claim));
        Assert.Equal([RecordState.Ready], await StatesAsync("k06"));

        var again = await ClaimedAsync();
        Assert.True(again.Token > claim.Token);
        await Ledger.ReturnAsync(claim, [.. claim.Versions.Select(static v => v.Version)], Cancelled);
        Assert.Equal([RecordState.Leased], await StatesAsync("k06"));
        await Ledger.ReturnAsync(again, [again.Versions[0].Version], Cancelled);
        Assert.Equal(["k00"], Keys(await ClaimAsync()));
        Assert.Equal([RecordState.Leased], await StatesAsync("k06"));
    }

    [Fact]
    public async Task A_lease_that_ran_out_leaves_every_record_of_the_pack_unknown()
    {
        await CommitManyAsync();
        var claim = await ClaimedAsync();
        await Store.AdvanceAsync(2 * Minute);
        Assert.False(await Ledger.RenewAsync(claim, Minute, Cancelled));
        Assert.Equal(Many, (await Ledger.UpkeepAsync(Cancelled)).LeasesExpired);
        Assert.Equal("12 versions, 0 packs of 0, 0 records", await KeptAsync());
        Assert.Equal(Many, await Store.NumberAsync($"SELECT count(*) FROM version WHERE state = 3 AND lost_among = {Many}"));
        Assert.Equal(new SettleCounts(0, Many, 0), await AcceptAsync(claim));
        Assert.Equal([RecordState.Unknown], await StatesAsync("k06"));
        Assert.Null(await ClaimAsync());
        Assert.Equal(s_keys, Keys(await ClaimAsync(what: ClaimKind.Unknown)));
    }

    [Fact]
    public async Task A_pack_that_is_too_much_for_one_call_is_handed_out_in_parts()
    {
        await CommitManyAsync();
        await CommitToAsync(Steps, Slice([.. s_keys.Select(static k => Put(k, $"{k} v1"))]));
        Assert.Equal(s_keys[..5], Keys(await ClaimAsync(most: 5)));
        Assert.Equal(s_keys[5..], Keys(await ClaimAsync()));
        Assert.Equal(s_keys[..4], Keys(await ClaimAsync(Steps, mostBytes: 25)));
        Assert.Equal(s_keys[4..], Keys(await ClaimAsync(Steps)));
    }

    [Fact]
    public async Task Packs_are_no_larger_than_a_call_and_small_ones_go_together()
    {
        await CommitManyAsync(batch: 5);
        Assert.Equal("0 versions, 3 packs of 12, 12 records", await KeptAsync());
        Assert.Equal(s_keys[..10], Keys(await ClaimAsync(most: 11)));
        Assert.Equal(s_keys[10..], Keys(await ClaimAsync(most: 11)));
    }

    [Fact]
    public async Task Packs_and_single_records_go_by_the_time_they_are_due()
    {
        await CommitAsync(Put("alone", "v1"));
        await Store.AdvanceAsync(Minute);
        await CommitManyAsync();
        await Store.AdvanceAsync(Minute);
        await CommitAsync(Put("later", "v1"));
        Assert.Equal(["alone", "later"], Keys(await ClaimAsync()));
        Assert.Equal(s_keys, Keys(await ClaimAsync()));
    }

    [Fact]
    public async Task Damage_in_a_pack_costs_the_damaged_record_and_no_other()
    {
        await CommitManyAsync();
        await Store.DamageAsync("k04 v1");
        await RestartAsync();
        Assert.Equal(s_keys.Except(["k04"]), Keys(await ClaimAsync()));
        var damaged = await NewestAsync("k04");
        Assert.Equal((RecordState.Quarantined, Rules.PayloadDamaged.Code), (damaged.State, Assert.Single(damaged.Rejections).Rule));
        Assert.Null(await ClaimAsync());
    }

    [Fact]
    public async Task What_this_process_stored_is_sent_as_it_was_stored_whatever_became_of_it_since()
    {
        await CommitManyAsync();
        await Store.DamageAsync("k04 v1");
        Assert.Equal(s_keys.Select(static k => $"{k} v1"), Payloads(await ClaimedAsync()));
    }

    [Fact]
    public async Task A_pack_that_is_not_the_one_this_process_stored_is_read()
    {
        await CommitManyAsync();
        await Store.DamageAsync("k04 v1");
        await Store.SqlAsync("UPDATE pack SET extracted_at = extracted_at - 1");
        Assert.Equal(s_keys.Except(["k04"]), Keys(await ClaimAsync()));
    }

    [Fact]
    public async Task A_pack_that_was_given_back_is_read_the_next_time()
    {
        await CommitManyAsync();
        var claim = await ClaimedAsync();
        await Ledger.ReturnAsync(claim, [.. claim.Versions.Select(static v => v.Version)], Cancelled);
        Assert.Equal(s_keys.Select(static k => $"{k} v1"), Payloads(await ClaimedAsync()));
    }

    [Fact]
    public async Task Children_wait_for_parents_in_packs_and_go_with_the_packs_receipt()
    {
        await CommitManyAsync();
        await CommitToAsync(Steps, Slice([.. s_keys.Select(static k => Put($"{k}/1", "s1", parent: k))]));
        Assert.Null(await ClaimAsync(Steps));
        Assert.Equal(default, await Ledger.UpkeepAsync(Cancelled));
        Assert.Equal(new SettleCounts(Many, 0, Many), await AcceptAsync(await ClaimedAsync()));
        Assert.Equal(Many, (await ClaimedAsync(Steps)).Versions.Count);

        // Those that come later find it in the pack.
        await CommitToAsync(Steps, Slice([.. s_keys.Select(static k => Put($"{k}/2", "s2", parent: k)), Put("x/1", "s1", parent: "x")]));
        Assert.Equal(s_keys.Select(static k => $"{k}/2"), Keys(await ClaimAsync(Steps)));
        Assert.Equal(RecordState.Waiting, (await NewestAsync("x/1", Steps)).State);
    }

    [Fact]
    public async Task Upkeep_releases_a_child_whose_parent_is_in_a_pack()
    {
        await CommitManyAsync();
        await CommitToAsync(Steps, Slice(Put("k03/1", "s1", parent: "k03")));
        await Store.SqlAsync("UPDATE pack SET state = 4");
        await Store.RecountAsync();
        Assert.Equal(new UpkeepCounts(0, 1), await Ledger.UpkeepAsync(Cancelled));
    }

    [Fact]
    public async Task A_sweep_counts_and_misses_records_wherever_they_are()
    {
        await CommitManyAsync();
        await CommitAsync(Put("alone", "v1"), Put("long" + new string('x', 300), "v1"), Gone("never"));
        await CommitAsync(Put("k01", "new"));
        await CommitToAsync(Dossiers, Slice(Put("m1", "v"), Put("m2", "v"), Put("m3", "v")));
        await using var sweep = await Ledger.BeginSweepAsync(Dossiers, Cancelled);
        await sweep.SeeAsync([.. s_keys.Except(["k01", "k02"]), "m2"], Cancelled);
        Assert.Equal(new SweepCounts(Many + 5, 6), await sweep.CountAsync(Cancelled));
        var missing = new List<string>();
        await foreach (var page in sweep.ReadMissingAsync(2, Cancelled))
        {
            Assert.InRange(page.Count, 1, 2);
            missing.AddRange(page);
        }

        Assert.Equal(["alone", "k01", "k02", "long" + new string('x', 300), "m1", "m3"], missing.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_withdrawal_of_a_record_in_a_ready_pack_sends_nothing()
    {
        await CommitManyAsync();
        Assert.Equal(new SliceCounts(1, 0, 0, 0, 1, 0), await CommitAsync(Gone("k04")));
        Assert.Equal([RecordState.Superseded], await StatesAsync("k04"));
        Assert.Equal(s_keys.Except(["k04"]), Keys(await ClaimAsync()));
        Assert.Equal(2, (await CommitAsync(Put("k04", "k04 v1"), Put("n", "v"))).Added);
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("k04"));
    }

    [Fact]
    public async Task What_is_not_plain_and_new_is_kept_as_a_row_of_its_own()
    {
        await CommitAsync(Put("old1", "v1"), Put("old2", "v1"));
        await CommitAsync(
            Put("old1", "v2"), Put("old2", "v2"), Put("g1", "v", "G"), Put("g2", "v", "G"), Reject("r1", "raw"), Reject("r2", "raw"), Put(new string('x', 201), "v"), Put(new string('y', 201), "v"));
        await CommitToAsync(Steps, Slice(Put("s1", "v", parent: "p"), Put("s2", "v", parent: "p")));
        Assert.Equal("12 versions, 0 packs of 0, 0 records", await KeptAsync());
    }

    [Fact]
    public async Task A_key_that_stands_twice_in_a_slice_ends_as_the_last_says()
    {
        Assert.Equal(3, (await CommitAsync(Put("a", "1"), Put("b", "1"), Put("a", "2"))).Extracted);
        Assert.Equal([RecordState.Ready, RecordState.Superseded], await StatesAsync("a"));
        Assert.Equal(["1", "2"], Payloads(await ClaimAsync()));
    }

    [Fact]
    public async Task Empty_and_strange_payloads_and_keys_come_back_as_they_were()
    {
        await CommitAsync(Put("", "nothing"), Put("e", ""), Put("Hồ sơ \U0001F4C4", "ở đây"), Put("nul\0", "x"));
        var payloads = new List<string>();
        while (await ClaimAsync() is { } claim)
        {
            payloads.AddRange(Payloads(claim));
            await AcceptAsync(claim);
        }

        Assert.Equal(["", "nothing", "x", "ở đây"], payloads.Order(StringComparer.Ordinal));
        Assert.Equal("nothing"u8.ToArray(), await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "", Cancelled) ?? []);
        Assert.Equal("ở đây", Encoding.UTF8.GetString((await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "Hồ sơ \U0001F4C4", Cancelled))!));
        Assert.Equal([RecordState.Acknowledged], await StatesAsync("nul\0"));
        Assert.Equal(4, (await CommitAsync(Put("", "nothing"), Put("e", ""), Put("Hồ sơ \U0001F4C4", "ở đây"), Put("nul\0", "x"))).Unchanged);
    }

    [Fact]
    public async Task Claimers_changes_and_returns_side_by_side_lose_nothing_and_send_nothing_twice()
    {
        const int Keys = 400;
        await CommitToAsync(Dossiers, Of("v0", Keys));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var sent = new System.Collections.Concurrent.ConcurrentBag<(string Key, string Payload)>();
        var delivering = Enumerable.Range(0, 3).Select(n => Task.Run(async () =>
        {
            await using var ledger = Store.Connect();
            for (var turn = n; !over.IsCancellationRequested; turn++)
            {
                if (await ClaimAsync(most: 40, by: ledger, worker: $"w{n}") is not { } claim)
                {
                    continue;
                }

                if (turn % 4 == 0)
                {
                    await ledger.ReturnAsync(claim, [.. claim.Versions.Skip(turn % 8 == 0 ? 0 : 1).Select(static v => v.Version)], Cancelled);
                    claim = claim with { Versions = [.. claim.Versions.Take(turn % 8 == 0 ? 0 : 1)] };
                }

                foreach (var version in claim.Versions)
                {
                    sent.Add((version.Key, Encoding.UTF8.GetString(version.Payload.Span)));
                }

                var counts = await ledger.SettleAsync(claim, An(claim.Versions.Count), [.. claim.Versions.Select(static v => new Settlement(v.Version, Next.Acknowledge, "0", ""))], Cancelled);
                Assert.Equal(0, counts.Late);
            }
        })).ToArray();
        for (var round = 1; round <= 8; round++)
        {
            await CommitToAsync(Dossiers, Of($"v{round}", Keys, new Random(round)));
            await CommitToAsync(Dossiers, Slice([.. Enumerable.Range(0, 80).Select(i => Put($"round {round} {i}", "v"))]));
        }

        await CommitToAsync(Dossiers, Of("last", Keys));
        await over.CancelAsync();
        await Task.WhenAll(delivering);
        while (await ClaimAsync() is { } rest)
        {
            rest.Versions.ToList().ForEach(v => sent.Add((v.Key, Encoding.UTF8.GetString(v.Payload.Span))));
            await AcceptAsync(rest);
        }

        Assert.Equal(sent.Count, sent.Distinct().Count());
        var status = Assert.Single(await Ledger.ReadStatusAsync(Cancelled));
        Assert.DoesNotContain(status.States, static s => s.Key is not (RecordState.Acknowledged or RecordState.Superseded) && s.Value != 0);
        Assert.All(Enumerable.Range(0, Keys), i => Assert.Contains(($"k{i}", "last"), sent));
        Assert.Equal(640, sent.Count(static s => s.Key.StartsWith("round", StringComparison.Ordinal)));
    }

    private static Slice Of(string payload, int keys, Random? some = null)
    {
        var slice = Slice([.. Enumerable.Range(0, keys).Where(_ => some is null || some.Next(3) == 0).Select(i => Put($"k{i}", payload))]);
        return slice;
    }

    private Task<SliceCounts> CommitManyAsync(int batch = 100) => CommitToAsync(Dossiers, Slice(batch, [.. s_keys.Select(static k => Put(k, $"{k} v1"))]));

    /// <summary>Accepted plainly, without receipts.</summary>
    private Task<SettleCounts> AcceptAsync(Claim claim) => SettleAsync(claim, static v => new Settlement(v.Version, Next.Acknowledge, "0", ""));

    private async Task<List<long>> VersionsAsync(bool oldest = false)
    {
        var versions = new List<long>();
        foreach (var key in s_keys)
        {
            var history = await Ledger.ReadHistoryAsync(Dossiers, key, Cancelled);
            versions.Add((oldest ? history[^1] : history[0]).Version);
        }

        return versions;
    }

    private async Task<string> KeptAsync() =>
        $"{await Store.NumberAsync("SELECT count(*) FROM version")} versions, {await Store.NumberAsync("SELECT count(*) FROM pack")} packs of {await Store.NumberAsync("SELECT coalesce(sum(records), 0) FROM pack")}, {await Store.NumberAsync("SELECT (SELECT count(*) FROM every_version) - (SELECT count(*) FROM version)")} records";

    [Fact]
    public async Task What_a_receiver_lost_leaves_its_pack_and_the_others_stay()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v1"), Put("k3", "v1"), Put("k4", "v1"));
        await DeliverAsync();
        await CommitAsync(Put("k2", "v2"));
        var found = await Ledger.ReadAcknowledgedAsync(Dossiers, 0, 10, Cancelled);
        Assert.Equal(["k1", "k3", "k4"], found.Select(f => f.Key));
        Assert.All(found, f => Assert.Equal("v1", System.Text.Encoding.UTF8.GetString(f.Payload.Span)));
        Assert.Equal(["k4"], (await Ledger.ReadAcknowledgedAsync(Dossiers, found[1].Version, 10, Cancelled)).Select(f => f.Key));
        Assert.Equal(["k1", "k3"], (await Ledger.ReadAcknowledgedAsync(Dossiers, 0, 2, Cancelled)).Select(f => f.Key));

        Assert.Equal(0, await Ledger.DoubtAsync(Steps, [found[1].Version], TimeSpan.Zero, Operator, Cancelled));
        Assert.Equal(1, await Ledger.DoubtAsync(Dossiers, [found[1].Version], TimeSpan.Zero, Operator, Cancelled));
        Assert.Equal(RecordState.Unknown, (await NewestAsync("k3")).State);
        Assert.Equal(RecordState.Acknowledged, (await NewestAsync("k1")).State);
        Assert.Equal(["k1", "k4"], (await Ledger.ReadAcknowledgedAsync(Dossiers, 0, 10, Cancelled)).Select(f => f.Key));
        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Next.Acknowledge);
        Assert.Equal(["k1", "k3", "k4"], (await Ledger.ReadAcknowledgedAsync(Dossiers, 0, 10, Cancelled)).Select(f => f.Key).Order(StringComparer.Ordinal));
    }
}
