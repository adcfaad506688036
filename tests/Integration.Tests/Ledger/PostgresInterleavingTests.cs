using Integration.Ledger;
using Integration.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Two workers on one ledger: what the second does comes, in turn, between any two round trips of what the first does.</summary>
public sealed class PostgresInterleavingTests(PostgresCluster cluster) : LedgerContract
{
    // More round trips than any of it has: in the last turns the second comes after the first.
    private const int Turns = 10;

    private static readonly string[] s_old = [.. Enumerable.Range(0, 12).Select(static n => $"k{n:d2}")];
    private static readonly string[] s_new = [.. Enumerable.Range(12, 12).Select(static n => $"k{n:d2}")];

    private PostgresStore _store = null!;

    protected override async Task<LedgerStore> CreateStoreAsync() => _store = new PostgresStore(await cluster.CreateDatabaseAsync(Cancelled));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pack_is_undone_by_an_answer_while_a_slice_is_stored(bool changes)
    {
        for (var turn = 0; turn < Turns; turn++)
        {
            await NewLedgerAsync();
            var claim = await ClaimedAsync();
            var counts = await BetweenAsync(
                turn,
                l => CommitByAsync(l, changes),
                () => SettleAsync(claim, v => new Settlement(v.Version, v.Key == "k04" ? Next.Refuse : Next.Acknowledge, v.Key == "k04" ? "7713" : "0", "", default)));

            Assert.Equal((12, changes ? 12 : 0, changes ? 0 : 12), (counts.Added, counts.Changed, counts.Unchanged));
            await AssertEachOnceAsync();
            string[] due = [.. changes ? s_old : [], .. s_new];
            Assert.Equal(due, await SentAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pack_is_undone_by_the_end_of_its_lease_while_a_slice_is_stored(bool changes)
    {
        for (var turn = 0; turn < Turns; turn++)
        {
            await NewLedgerAsync();
            await ClaimedAsync();
            var counts = await BetweenAsync(
                turn,
                l => CommitByAsync(l, changes),
                async () =>
                {
                    await Store.AdvanceAsync(2 * Minute);
                    await Ledger.UpkeepAsync(Cancelled);
                });

            Assert.Equal((12, changes ? 12 : 0, changes ? 0 : 12), (counts.Added, counts.Changed, counts.Unchanged));
            await AssertEachOnceAsync();
            Assert.Equal(s_new, await SentAsync());
            Assert.Equal(12, await Store.NumberAsync("SELECT count(*) FROM every_version WHERE state = 3"));
        }
    }

    [Fact]
    public async Task A_slice_is_stored_while_records_are_claimed_and_while_they_are_settled()
    {
        for (var turn = 0; turn < Turns; turn++)
        {
            await NewLedgerAsync();
            var claim = await BetweenAsync(turn, l => ClaimAsync(by: l), () => CommitByAsync(Ledger, changes: true));
            await AssertEachOnceAsync();

            // In the old version or in the new one; what the claim has not is still to be sent. A slice wakes whoever claimed in vain meanwhile.
            claim ??= await ClaimedAsync();
            var old = Payloads(claim).Zip(Keys(claim)).Count(static v => v.First == "v1" && s_old.Contains(v.Second));
            var settled = await BetweenAsync(
                turn,
                l => l.SettleAsync(claim, An(claim.Versions.Count), [.. claim.Versions.Select(static v => new Settlement(v.Version, Next.Acknowledge, "0", "", default))], Cancelled),
                () => CommitByAsync(Ledger, changes: true));
            Assert.Equal(claim.Versions.Count, settled.Settled);
            await AssertEachOnceAsync();
            await SentAsync();
            Assert.Equal(24, await Store.NumberAsync("SELECT count(*) FROM every_version WHERE newest AND state = 4"));
            Assert.Equal(24 + old, await Store.NumberAsync("SELECT count(*) FROM every_version WHERE state = 4"));
        }
    }

    /// <summary>A ledger with the old records, in one pack.</summary>
    private async Task NewLedgerAsync()
    {
        await DisposeAsync();
        await InitializeAsync();
        Forget();
        await CommitAsync([.. s_old.Select(static k => Put(k, "v1"))]);
    }

    /// <summary>All old records, with what they say or with news, and as many new ones.</summary>
    private async Task<SliceCounts> CommitByAsync(ILedger ledger, bool changes)
    {
        var (ticket, run) = await RunOfAsync(Dossiers);
        return await ledger.CommitSliceAsync(ticket, run, Slice([.. s_old.Select(k => Put(k, changes ? "v2" : "v1")), .. s_new.Select(static k => Put(k, "v1"))]), Cancelled);
    }

    /// <summary>Runs the first by a connection that stops before its round trip of this number; there the second runs, unless it has to wait for the first.</summary>
    private async Task<T> BetweenAsync<T>(int turn, Func<ILedger, Task<T>> first, Func<Task> second)
    {
        var (isArmed, next, other) = (false, 0, (Task?)null);
        await using var proxy = new CommitProxy(_store.Connection, static (_, _) => CommitFate.Pass, async () =>
        {
            if (isArmed && next++ == turn)
            {
                other = second();
                await Task.WhenAny(other, Task.Delay(200, Cancelled));
            }
        });
        await using var ledger = LedgerFactory.Create("postgres", proxy.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
        await ledger.OpenAsync(Cancelled);
        isArmed = true;
        var result = await first(ledger);
        isArmed = false;
        await (other ?? second());
        return result;
    }

    private async Task AssertEachOnceAsync()
    {
        Assert.Equal("", await Store.MiscountedAsync());
        Assert.Equal(24, await Store.NumberAsync("SELECT count(DISTINCT key) FROM every_version"));
        Assert.Equal(24, await Store.NumberAsync("SELECT count(*) FROM every_version WHERE newest"));
    }

    /// <summary>Sends all that is due and has it acknowledged.</summary>
    private async Task<string[]> SentAsync()
    {
        var sent = new List<string>();
        while (await ClaimAsync() is { } claim)
        {
            sent.AddRange(Keys(claim));
            await SettleAsync(claim, Next.Acknowledge);
        }

        return [.. sent.Order(StringComparer.Ordinal)];
    }
}
