using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Groups that are delivered in order, and records that wait for their parents.</summary>
public abstract class OrderContract : LedgerContract
{
    [Fact]
    public async Task Versions_of_a_group_come_in_their_order()
    {
        await CommitAsync(Put("s3", "3", "H1", 3), Put("s1", "1", "H1", 1), Put("s2", "2", "H1", 2));
        Assert.Equal(["s1", "s2"], Keys(await ClaimAsync(most: 2)));
        Assert.Null(await ClaimAsync());
    }

    [Fact]
    public async Task A_group_waits_while_an_earlier_one_is_open_and_others_do_not()
    {
        await CommitAsync(Put("a1", "1", "A", 1), Put("a2", "2", "A", 2), Put("b1", "1", "B", 1), Put("n", "1"));
        var first = await ClaimedAsync(most: 1);
        var others = Keys(await ClaimAsync()).Concat(Keys(await ClaimAsync())).Concat(Keys(await ClaimAsync())).Order(StringComparer.Ordinal).ToArray();
        Assert.DoesNotContain(first.Versions[0].Key[..1] + "2", others);
        await SettleAsync(first, Next.Unknown);
        Assert.Null(await ClaimAsync());
    }

    [Theory]
    [InlineData(Next.Acknowledge, true)]
    [InlineData(Next.Refuse, true)]
    [InlineData(Next.Unknown, false)]
    internal async Task Only_a_settled_head_lets_a_group_go_on(Next next, bool goes)
    {
        await CommitAsync(Put("s1", "1", "H1", 1), Put("s2", "2", "H1", 2));
        await SettleAsync(await ClaimedAsync(most: 1), next);
        Assert.Equal(goes ? ["s2"] : [], Keys(await ClaimAsync()));
    }

    [Fact]
    public async Task A_deferred_head_holds_its_group_back()
    {
        await CommitAsync(Put("s1", "1", "H1", 1), Put("s2", "2", "H1", 2));
        await SettleAsync(await ClaimedAsync(most: 1), Next.Retry, (await NewestAsync("s1")).Extracted + (10 * Minute));
        Assert.Null(await ClaimAsync());
        await Store.AdvanceAsync(11 * Minute);
        Assert.Equal(["s1", "s2"], Keys(await ClaimAsync()));
    }

    [Fact]
    public async Task A_group_is_cut_where_the_kind_of_call_changes()
    {
        await CommitAsync(Put("s2", "1", "H1", 2));
        await DeliverAsync();
        await CommitAsync(Put("s1", "1", "H1", 1), Put("s2", "2", "H1", 2), Put("s3", "1", "H1", 3));
        var first = await ClaimedAsync();
        Assert.Equal(("s1", false), (Assert.Single(Keys(first)), first.Exists));
        Assert.Null(await ClaimAsync());
        await SettleAsync(first, Next.Acknowledge);
        var second = await ClaimedAsync();
        Assert.Equal(("s2", true), (Assert.Single(Keys(second)), second.Exists));
        await SettleAsync(second, Next.Acknowledge);
        Assert.Equal(["s3"], Keys(await ClaimAsync()));
    }

    [Fact]
    public async Task Many_blocked_groups_do_not_hide_what_is_due()
    {
        var groups = Enumerable.Range(0, 700).ToArray();
        await CommitAsync([.. groups.SelectMany(static g => new[] { Put($"{g}-1", "1", $"G{g}", 1), Put($"{g}-2", "2", $"G{g}", 2), Put($"{g}-3", "3", $"G{g}", 3) })]);
        var heads = await ClaimedAsync(most: 3);
        Assert.Equal(3, heads.Versions.Select(static v => v.Group).Count(static g => g == "G0"));
        await Store.SqlAsync("UPDATE version SET state = 3, needs_person = TRUE WHERE order_no = 1");
        await Store.RecountAsync();
        Assert.Null(await ClaimAsync(most: 10));
        await CommitAsync(Put("due", "1", "last", 1));
        Assert.Equal(["due"], Keys(await ClaimAsync(most: 10)));
    }

    [Fact]
    public async Task Every_group_is_delivered_completely_and_in_order()
    {
        var random = new Random(7);
        var items = Enumerable.Range(0, 60).SelectMany(static g => Enumerable.Range(0, 10).Select(s => Put($"{g}-{s}", "v", $"G{g}", s))).ToArray();
        random.Shuffle(items);
        foreach (var part in items.Chunk(100))
        {
            await CommitAsync(part);
        }

        var sent = new List<string>();
        while (await ClaimAsync(most: 37) is { } claim)
        {
            sent.AddRange(Keys(claim));
            await SettleAsync(claim, Next.Acknowledge);
        }

        Assert.Equal(items.Length, sent.Count);
        Assert.All(
            sent.Select(static k => k.Split('-')).GroupBy(static k => k[0]), static g => Assert.Equal(g.OrderBy(static k => k[1]).Select(static k => k[1]), g.Select(static k => k[1])));
    }

    [Fact]
    public async Task A_child_waits_until_its_parent_is_acknowledged()
    {
        await CommitAsync(Put("H1", "v1"));
        await CommitToAsync(Steps, Slice(Put("H1/1", "s1", "H1", 1, "H1"), Put("H2/1", "s1", "H2", 1, "H2"), Put("free", "s1")));
        Assert.Equal(["free"], Keys(await ClaimAsync(Steps)));
        var waiting = await NewestAsync("H1/1", Steps);
        Assert.Equal((RecordState.Waiting, Dossiers, "H1"), (waiting.State, waiting.WaitsForPipeline, waiting.WaitsForKey));
        Assert.Equal(default, await Ledger.UpkeepAsync(Cancelled));

        Assert.Equal(new SettleCounts(1, 0, 1), await SettleAsync(await ClaimedAsync(), Next.Acknowledge));
        Assert.Equal(["H1/1"], Keys(await ClaimAsync(Steps)));
        Assert.Equal(RecordState.Waiting, (await NewestAsync("H2/1", Steps)).State);
    }

    [Fact]
    public async Task A_child_does_not_wait_for_a_newer_version_of_its_parent()
    {
        await CommitAsync(Put("H1", "v1"));
        await DeliverAsync();
        await CommitAsync(Put("H1", "v2"));
        await CommitToAsync(Steps, Slice(Put("H1/1", "s1", "H1", 1, "H1")));
        Assert.Equal(["H1/1"], Keys(await ClaimAsync(Steps)));
    }

    [Theory]
    [InlineData(Next.Refuse)]
    [InlineData(Next.Unknown)]
    internal async Task A_parent_without_receipt_holds_its_children(Next next)
    {
        await CommitAsync(Put("H1", "v1"));
        await CommitToAsync(Steps, Slice(Put("H1/1", "s1", "H1", 1, "H1")));
        await SettleAsync(await ClaimedAsync(), next);
        await Ledger.UpkeepAsync(Cancelled);
        Assert.Equal(RecordState.Waiting, (await NewestAsync("H1/1", Steps)).State);
    }

    [Fact]
    public async Task A_withdrawal_that_was_accepted_is_no_parent()
    {
        await CommitAsync(Put("H1", "v1"));
        await CommitToAsync(Steps, Slice(Put("H1/1", "s1", "H1", 1, "H1")));

        // It may have arrived and did not; nobody knew when it was withdrawn.
        await SettleAsync(await ClaimedAsync(), Next.Unknown);
        await CommitAsync(Gone("H1"));
        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Next.RetryAsUpdate);
        await DeliverAsync();
        await CommitToAsync(Steps, Slice(Put("H1/2", "s1", "H1", 2, "H1")));
        await Ledger.UpkeepAsync(Cancelled);

        Assert.Equal((EntryKind.Withdraw, RecordState.Acknowledged), ((await NewestAsync("H1")).Kind, (await NewestAsync("H1")).State));
        Assert.Equal(RecordState.Waiting, (await NewestAsync("H1/1", Steps)).State);
        Assert.Equal(RecordState.Waiting, (await NewestAsync("H1/2", Steps)).State);
    }

    [Fact]
    public async Task Upkeep_finds_waiting_records_whose_reason_is_gone()
    {
        await CommitAsync(Put("H1", "v1"), Put("k", "v1"));
        await CommitToAsync(Steps, Slice(Put("H1/1", "s1", "H1", 1, "H1"), Put("H9/1", "s1", "H9", 1, "H9")));
        await ClaimedAsync();
        await CommitAsync(Put("k", "v2"));

        // As if the acknowledgement and the waiting record had been written side by side, each without seeing the other.
        await Store.SqlAsync("UPDATE version SET state = 4 WHERE state = 1");
        await Store.RecountAsync();
        Assert.Equal(new UpkeepCounts(0, 2), await Ledger.UpkeepAsync(Cancelled));
        Assert.Equal(default, await Ledger.UpkeepAsync(Cancelled));
        Assert.Equal(["H1/1"], Keys(await ClaimAsync(Steps)));
        Assert.Equal(["v2"], Payloads(await ClaimAsync()));
    }

    [Fact]
    public async Task A_pipeline_that_no_longer_waits_lets_its_records_go()
    {
        await CommitToAsync(Steps, Slice(Put("H1/1", "s1", "H1", 1, "H1")));
        Assert.Null(await ClaimAsync(Steps));
        await Ledger.BeginRunAsync(new RunStart(Steps, RunKind.Schedule, "worker-1", "m2", null), Cancelled);
        Assert.Equal(1, (await Ledger.UpkeepAsync(Cancelled)).Released);
        Assert.Equal(["H1/1"], Keys(await ClaimAsync(Steps)));
    }

    [Fact]
    public async Task Upkeep_comes_round_to_every_waiting_record()
    {
        await CommitAsync(Put("parent", "v1"));
        await CommitToAsync(Steps, Slice([.. Enumerable.Range(0, 3500).Select(static i => Put($"s{i}", "v", parent: i == 5 ? "parent" : $"none{i}"))]));
        await ClaimedAsync();
        await Store.SqlAsync("UPDATE version SET state = 4 WHERE state = 1");
        await Store.RecountAsync();
        var released = 0;
        for (var i = 0; i < 4; i++)
        {
            released += (await Ledger.UpkeepAsync(Cancelled)).Released;
        }

        Assert.Equal(1, released);
        Assert.Equal(["s5"], Keys(await ClaimAsync(Steps)));
    }
}
