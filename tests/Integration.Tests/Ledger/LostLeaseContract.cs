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
