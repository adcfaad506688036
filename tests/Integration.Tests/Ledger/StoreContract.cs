using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Opening, reopening, and several ledgers on one store.</summary>
public abstract class StoreContract : LedgerContract
{
    [Fact]
    public async Task A_reopened_ledger_goes_on_where_it_was()
    {
        await CommitAsync(Put("k1", "v1"), Put("k2", "v1"));
        var claim = await ClaimedAsync(most: 1);
        await using var reopened = Store.Connect();
        await reopened.OpenAsync(Cancelled);
        await reopened.OpenAsync(Cancelled);
        Assert.Equal(["k2"], Keys(await ClaimAsync(by: reopened)));
        Assert.Equal(1, (await reopened.SettleAsync(claim, An(1), [new Settlement(claim.Versions[0].Version, Next.Acknowledge, "0", "")], Cancelled)).Settled);
        Assert.Equal([RecordState.Acknowledged], await StatesAsync("k1"));
    }

    [Fact]
    public async Task Several_programs_may_open_a_new_store_at_once()
    {
        await using var store = await CreateStoreAsync();
        var ledgers = Enumerable.Range(0, 4).Select(_ => store.Connect()).ToArray();
        await Task.WhenAll(ledgers.Select(static l => Task.Run(() => l.OpenAsync(Cancelled))));
        Assert.All(await Task.WhenAll(ledgers.Select(static l => l.ReadStatusAsync(Cancelled))), Assert.Empty);
        Assert.Equal(
            await store.NumberAsync("SELECT max(version) FROM schema_version"), await store.NumberAsync("SELECT count(*) FROM schema_version"));
        foreach (var ledger in ledgers)
        {
            await ledger.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_left_alone()
    {
        await Store.SqlAsync("INSERT INTO schema_version (version) VALUES (999)");
        await using var older = Store.Connect();
        var refused = await Assert.ThrowsAsync<LedgerTooNewException>(() => older.OpenAsync(Cancelled));
        Assert.Contains("999", refused.What.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_of_the_schema_that_was_killed_is_run_again()
    {
        await using var store = await CreateStoreAsync();
        await store.SqlAsync("CREATE TABLE audit (id integer)");
        await using var ledger = store.Connect();
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.OpenAsync(Cancelled));
        await store.SqlAsync("DROP TABLE audit");
        await ledger.OpenAsync(Cancelled);
        Assert.Empty(await ledger.ReadStatusAsync(Cancelled));
    }

    [Fact]
    public async Task A_ledger_of_the_first_version_is_stepped_up_with_all_it_holds_and_counts_it()
    {
        await using var store = await CreateStoreAsync();
        await store.SqlAsync("CREATE TABLE schema_version (version integer NOT NULL PRIMARY KEY); INSERT INTO schema_version (version) VALUES (1)");
        await store.SqlAsync(await store.StepAsync(1));
        await store.SqlAsync("INSERT INTO pipeline (name) VALUES ('dossiers')");
        for (var i = 0; i < 9; i++)
        {
            await store.SqlAsync(
                $"""
                INSERT INTO version (id, pipeline_id, run_id, key_hash, key, kind, state, newest, receiver_has, needs_person, hash, order_no, payload_offset, payload_length, not_before, extracted_at)
                VALUES ({i + 1}, 1, 1, {store.Key($"k{i}")}, 'k{i}', 0, {(i < 4 ? 0 : i < 8 ? 4 : 3)}, TRUE, FALSE, {(i == 8 ? "TRUE" : "FALSE")}, {store.Hash("v")}, 0, 0, 0, 0, {1000 - i})
                """);
        }

        await using var ledger = store.Connect();
        await ledger.OpenAsync(Cancelled);
        var status = Assert.Single(await ledger.ReadStatusAsync(Cancelled));
        Assert.Equal(4, status.States[RecordState.Ready]);
        Assert.Equal(4, status.States[RecordState.Acknowledged]);
        Assert.Equal(1, status.States[RecordState.Unknown]);
        Assert.Equal(1, status.WaitingForPerson);
        Assert.Equal(997, (status.OldestReady!.Value - DateTimeOffset.UnixEpoch).TotalMicroseconds);
        Assert.Equal("k3", Assert.Single(await ledger.ReadHistoryAsync("dossiers", "k3", Cancelled)).Key);
    }

    [Fact]
    public async Task Upkeep_folds_the_tally_and_leaves_a_short_one_alone()
    {
        await CommitAsync(Put("k", "v0"));
        for (var i = 0; i < 150; i++)
        {
            await SettleAsync(await ClaimedAsync(), i < 149 ? Next.Retry : Next.Acknowledge);
        }

        Assert.True(await Store.NumberAsync("SELECT count(*) FROM tally") > 200);
        await Ledger.UpkeepAsync(Cancelled);
        Assert.Equal(1, await Store.NumberAsync("SELECT count(*) FROM tally"));
        var last = await Store.NumberAsync("SELECT max(id) FROM tally");
        await Ledger.UpkeepAsync(Cancelled);
        Assert.Equal(last, await Store.NumberAsync("SELECT max(id) FROM tally"));
    }

    [Fact]
    public async Task Claimers_side_by_side_never_share_a_version()
    {
        await CommitAsync([.. Enumerable.Range(0, 600).Select(static i => Put($"k{i}", "v"))]);
        var sent = await DrainAsync(4, most: 25);
        Assert.Equal(600, sent.Count);
        Assert.Equal(600, sent.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Claimers_side_by_side_keep_the_order_of_groups()
    {
        await CommitAsync([.. Enumerable.Range(0, 400).Select(static i => Put($"{i % 20:00}-{i / 20:00}", "v", $"G{i % 20}", i / 20))]);
        var sent = await DrainAsync(4, most: 7);
        Assert.Equal(400, sent.Count);
        Assert.All(sent.GroupBy(static k => k[..2]), static g => Assert.Equal(g.Order(StringComparer.Ordinal), g));
    }

    [Fact]
    public async Task Readings_and_deliveries_side_by_side_lose_nothing()
    {
        await CommitAsync([.. Enumerable.Range(0, 50).Select(static i => Put($"k{i}", "v0"))]);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var delivering = Enumerable.Range(0, 3).Select(n => Task.Run(async () =>
        {
            await using var ledger = Store.Connect();
            while (!over.IsCancellationRequested)
            {
                if (await ClaimAsync(most: 10, by: ledger, worker: $"w{n}") is { } claim)
                {
                    await ledger.SettleAsync(claim, An(claim.Versions.Count), [.. claim.Versions.Select(static (v, i) => new Settlement(
                        v.Version, i % 3 == 2 ? Next.Retry : Next.Acknowledge, "0", ""))], Cancelled);
                }
                else
                {
                    // A lane that finds nothing looks again after a while; one that never pauses keeps the others from a file that only one can write.
                    await Task.Delay(5, Cancelled);
                }
            }
        })).ToArray();
        for (var round = 1; round <= 15; round++)
        {
            await CommitAsync([.. Enumerable.Range(0, 50).Select(i => Put($"k{i}", $"v{round}"))]);
        }

        await over.CancelAsync();
        await Task.WhenAll(delivering);
        await DeliverAsync();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("v15"u8.ToArray(), await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, $"k{i}", Cancelled));
            Assert.Equal(RecordState.Acknowledged, (await NewestAsync($"k{i}")).State);
        }
    }

    private async Task<List<string>> DrainAsync(int workers, int most)
    {
        var sent = new List<string>();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(n => Task.Run(async () =>
        {
            await using var ledger = Store.Connect();
            var idle = 0;
            while (idle < 20)
            {
                if (await ClaimAsync(most: most, by: ledger, worker: $"w{n}") is not { } claim)
                {
                    idle++;
                    await Task.Yield();
                    continue;
                }

                idle = 0;
                lock (sent)
                {
                    sent.AddRange(Keys(claim));
                }

                await ledger.SettleAsync(claim, An(claim.Versions.Count), [.. claim.Versions.Select(static v => new Settlement(v.Version, Next.Acknowledge, "0", ""))], Cancelled);
            }
        })));

        // A worker may give up while another holds the head of every group.
        while (await ClaimAsync(most: most) is { } rest)
        {
            sent.AddRange(Keys(rest));
            await SettleAsync(rest, Next.Acknowledge);
        }

        return sent;
    }
}
