using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Leases that end without a word: what the ledger remembers of them, and what makes it forget.</summary>
public abstract class LostLeaseContract : LedgerContract
{
    [Fact]
    public async Task A_lease_that_ended_without_a_word_is_remembered_with_how_many_it_held()
    {
        await CommitAsync(Put("k1", "v"), Put("k2", "v"), Put("k3", "v"));
        await ClaimedAsync();
        await LoseAsync();
        Assert.Equal("3/0 3/0 3/0", await LostAsync());
    }

    [Fact]
    public async Task One_that_was_lost_alone_is_counted()
    {
        await CommitAsync(Put("k1", "v"));
        await ClaimedAsync();
        await LoseAsync();
        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Asked(Next.RetryAsCreate));
        Assert.Equal("1/1", await LostAsync());
        await ClaimedAsync();
        await LoseAsync();
        Assert.Equal("1/2", await LostAsync());
    }

    [Fact]
    public async Task Only_what_was_still_open_of_a_lease_is_lost_with_it()
    {
        await CommitAsync(Put("k1", "v"), Put("k2", "v"), Put("k3", "v"));
        var claim = await ClaimedAsync();
        await Ledger.SettleAsync(claim, An(1), [new Settlement(claim.Versions[0].Version, Next.Acknowledge, "0", "")], Cancelled);
        await Ledger.ReturnAsync(claim, [claim.Versions[1].Version], Cancelled);
        await LoseAsync();
        Assert.Equal("0/0 0/0 1/1", await LostAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_slow_worker_that_comes_back_late_makes_no_suspects(bool answers)
    {
        await CommitAsync(Put("k1", "v"), Put("k2", "v"));
        var claim = await ClaimedAsync();
        await LoseAsync();
        if (answers)
        {
            Assert.Equal(2, (await SettleAsync(claim, Next.Acknowledge)).Late);
        }
        else
        {
            await Ledger.ReturnAsync(claim, [.. claim.Versions.Select(static v => v.Version)], Cancelled);
        }

        Assert.Equal("0/0 0/0", await LostAsync());
        Assert.Equal([RecordState.Unknown], await StatesAsync("k1"));
    }

    [Fact]
    public async Task The_answer_to_a_send_clears_a_suspect_and_that_to_a_question_does_not()
    {
        await CommitAsync(Put("k1", "v"));
        await ClaimedAsync();
        await LoseAsync();
        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Asked(Next.Unknown));
        Assert.Equal("1/1", await LostAsync());
        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Asked(Next.RetryAsCreate));
        Assert.Equal("1/1", await LostAsync());
        await SettleAsync(await ClaimedAsync(), Next.Retry);
        Assert.Equal("0/0", await LostAsync());
    }

    [Fact]
    public async Task A_replay_by_a_person_clears_a_suspect()
    {
        await CommitAsync(Put("k1", "v"));
        await ClaimedAsync();
        await LoseAsync();
        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Asked(Next.AskPerson));
        await Ledger.ReplayAsync(new FailureFilter(), Operator, Cancelled);
        Assert.Equal("0/0", await LostAsync());
    }

    [Fact]
    public async Task The_one_that_kills_workers_is_alone_after_a_few_deaths_and_the_others_are_delivered()
    {
        await CommitAsync([.. Enumerable.Range(0, 16).Select(static i => Put($"k{i:00}", "v"))]);
        var deaths = new List<int>();
        while (await ClaimAsync(most: 16) is { } claim)
        {
            if (Keys(claim).Contains("k11"))
            {
                deaths.Add(claim.Versions.Count);
                await LoseAsync();
                while (await ClaimAsync(what: ClaimKind.Unknown, most: 20) is { } unknown)
                {
                    var alone = unknown.Versions.SingleOrDefault(static v => v.LostAlone == 2);
                    await SettleAsync(unknown, Asked(alone is null ? Next.RetryAsCreate : Next.Refuse));
                }
            }
            else
            {
                await SettleAsync(claim, Next.Acknowledge);
            }
        }

        Assert.Equal([16, 8, 4, 2, 1, 1], deaths);
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(i == 11 ? RecordState.Quarantined : RecordState.Acknowledged, (await NewestAsync($"k{i:00}")).State);
        }
    }

    [Fact]
    public async Task Suspects_are_claimed_one_claim_at_a_time_and_what_was_never_lost_goes_on_beside_them()
    {
        await CommitAsync(Put("k1", "v"), Put("k2", "v"));
        await ClaimedAsync();
        await LoseAsync();
        var suspect = await ClaimedAsync(what: ClaimKind.Unknown);
        Assert.Single(suspect.Versions);
        Assert.Null(await ClaimAsync(what: ClaimKind.Unknown, worker: "worker-2"));
        await CommitAsync(Put("k3", "v"));
        Assert.Equal(["k3"], Keys(await ClaimAsync(worker: "worker-2")));
        await SettleAsync(suspect, Asked(Next.Acknowledge));
        Assert.Single((await ClaimedAsync(what: ClaimKind.Unknown)).Versions);
    }

    [Fact]
    public async Task A_suspect_in_a_group_keeps_its_place()
    {
        await CommitAsync(Put("a", "v", "G", 1), Put("b", "v", "G", 2));
        var claim = await ClaimedAsync(most: 2);
        await Ledger.SettleAsync(claim, An(1), [new Settlement(claim.Versions[1].Version, Next.Retry, "0", "")], Cancelled);
        await LoseAsync();
        Assert.Null(await ClaimAsync());
        await SettleAsync(await ClaimedAsync(what: ClaimKind.Unknown), Asked(Next.RetryAsCreate));
        Assert.Equal(["a"], Keys(await ClaimAsync()));
    }

    private protected async Task LoseAsync()
    {
        await Store.AdvanceAsync(2 * Minute);
        await Ledger.UpkeepAsync(Cancelled);
    }

    private static Func<Claim, Func<ClaimedVersion, Settlement>> Asked(Next next) => _ => v => new Settlement(v.Version, next, "0", "");

    private Task<SettleCounts> SettleAsync(Claim claim, Func<Claim, Func<ClaimedVersion, Settlement>> asked) =>
        Ledger.SettleAsync(claim, An(claim.Versions.Count) with { Kind = AttemptKind.LookUp }, [.. claim.Versions.Select(asked(claim))], Cancelled);

    /// <summary>Of each version, oldest first: lost among how many / how often alone.</summary>
    private async Task<string> LostAsync() => (string)(await Store.SqlAsync($"SELECT {Store.Joined("lost_among || '/' || lost_alone", "id")} FROM version"))!;
}
