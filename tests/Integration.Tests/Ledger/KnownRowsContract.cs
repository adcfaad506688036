using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>A row is known while the newest version of its key was made from it, and never else.</summary>
public abstract class KnownRowsContract : LedgerContract
{
    private const int Many = 120;

    [Theory]
    [InlineData(1)]
    [InlineData(Many)]
    public async Task A_row_is_known_from_when_it_is_stored_to_when_its_key_says_something_else(int count)
    {
        var rows = Enumerable.Range(0, count).Select(static n => Row($"k{n:000}", "r1")).ToArray();
        Assert.DoesNotContain(true, await KnownAsync(rows));
        await CommitFromAsync([.. rows.Select(static r => (Put(r.Key!, "v1"), r.Hash))]);
        Assert.DoesNotContain(false, await KnownAsync(rows));
        await DeliverAsync();
        Assert.DoesNotContain(false, await KnownAsync(rows));
        Assert.DoesNotContain(true, await KnownAsync([.. rows.Select(static r => Row(r.Key!, "r2"))]));

        // One says something else: the others of its pack are what they were, or are mapped once more.
        await CommitFromAsync((Put("k000", "v2"), Row("k000", "r2").Hash));
        var known = await KnownAsync([Row("k000", "r1"), Row("k000", "r2"), .. rows.Skip(1)]);
        Assert.Equal((false, true), (known[0], known[1]));
        Assert.Equal(count - 1, known.Skip(2).Count(static k => k));
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    public async Task Records_that_leave_a_pack_with_another_are_known_by_their_own_rows(bool leased, bool lost, bool rising)
    {
        var items = rising ? Items("r1") : [.. Items("r1").Reverse()];
        await CommitFromAsync(items);
        if (leased)
        {
            await ClaimedAsync();
        }

        if (lost)
        {
            await Store.AdvanceAsync(2 * Minute);
            await Ledger.UpkeepAsync(Cancelled);
        }

        await CommitFromAsync((Put("k007", "v2"), Row("k007", "r2").Hash));
        Assert.Equal(1, await Store.NumberAsync("SELECT count(*) FROM version WHERE key = 'k008'"));
        var rows = Rows([.. items.OrderBy(static i => i.Item.Key, StringComparer.Ordinal)]);
        Assert.Equal([7], (await KnownAsync(rows)).Select(static (known, n) => (known, n)).Where(static k => !k.known).Select(static k => k.n));
        Assert.DoesNotContain(true, await KnownAsync([.. rows.Zip([.. rows.Skip(1), rows[0]], static (row, next) => row with { Hash = next.Hash })]));
    }

    [Fact]
    public async Task Rows_without_a_key_or_a_hash_and_keys_of_other_pipelines_are_not_known()
    {
        await CommitFromAsync((Put("k", "v1"), Row("k", "r1").Hash), (Put("l", "v1"), null));
        Assert.Equal([true, false, false, false, false], await KnownAsync([Row("k", "r1"), new("k", null), new(null, Guid.NewGuid()), Row("l", "r1"), default]));
        Assert.False(Assert.Single(await Ledger.ReadKnownRowsAsync(Steps, [Row("k", "r1")], Cancelled)));
        Assert.False(Assert.Single(await Ledger.ReadKnownRowsAsync("never seen", [Row("k", "r1")], Cancelled)));
        Assert.Empty(await KnownAsync([]));
    }

    [Fact]
    public async Task Keys_are_found_in_whatever_order_and_with_whatever_stands_between_them()
    {
        string[] keys =
        [
            .. Enumerable.Range(0, Many).Select(static n => $"k{n:000}"), new('x', 500), "Hồ sơ 1", "hồ sơ 2", "\uE000", "\uFFFD", "\U0001F600", "\U0001F600z", "a\0b", "'", "%", "Z", "é",
        ];
        await CommitFromAsync([.. keys.Select(static k => (Put(k, "v1"), Row(k, "r1").Hash))]);
        var rising = keys.Order(StringComparer.Ordinal).ToArray();
        foreach (var order in (string[][])[keys, rising, [.. rising.Reverse()], [.. rising.Where(static k => k[0] == 'k')], [.. rising.Where(static (_, n) => n % 7 == 0)]])
        {
            Assert.DoesNotContain(false, await KnownAsync([.. order.Select(static k => Row(k, "r1"))]));
            Assert.DoesNotContain(true, await KnownAsync([.. order.Select(static k => Row($"{k}!", "r1"))]));
        }

        // A stretch that holds far more than what is looked for, and one that ends before it.
        await CommitFromAsync([.. Enumerable.Range(0, 3 * Many).Select(static n => (Put($"k050-{n:000}", "v1"), Row($"k050-{n:000}", "r1").Hash)), (Put("k020\U0001F600", "v1"), Row("k020\U0001F600", "r1").Hash), (Put("k020\uE000", "v1"), Row("k020\uE000", "r1").Hash)]);
        Assert.DoesNotContain(false, await KnownAsync([.. keys.Take(Many).Select(static k => Row(k, "r1"))]));
        Assert.Equal(Many, (await KnownAsync([.. keys.Take(Many).Append("k9").Concat(Enumerable.Range(0, Many).Select(static n => $"m{n:000}")).Select(static k => Row(k, "r1"))])).Count(static k => k));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_mapped_for_nothing_is_known_from_then_on(bool rising)
    {
        var before = rising ? Items("r1") : [.. Items("r1").Reverse()];
        await CommitFromAsync(before);
        var after = Items("r2");
        Assert.Equal(new SliceCounts(Many, Many, 0, 0, 0, 0), await CommitFromAsync(after));
        Assert.DoesNotContain(false, await KnownAsync(Rows(after)));
        Assert.DoesNotContain(true, await KnownAsync(Rows(before)));

        // The same for rows of their own.
        await CommitFromAsync((Reject("bad", "raw"), Row("bad", "r1").Hash));
        Assert.Equal(new SliceCounts(1, 1, 0, 0, 0, 0), await CommitFromAsync((Reject("bad", "raw"), Row("bad", "r2").Hash)));
        Assert.Equal([false, true], await KnownAsync([Row("bad", "r1"), Row("bad", "r2")]));

        // One that is looked at every time leaves what is known.
        await CommitAsync(Put("k000", "v1"));
        Assert.Equal([true], await KnownAsync([Row("k000", "r2")]));
    }

    [Fact]
    public async Task A_record_that_is_gone_is_not_known_when_it_comes_back()
    {
        await CommitFromAsync((Put("k", "v1"), Row("k", "r1").Hash));
        await DeliverAsync();
        await CommitAsync(Gone("k"));
        Assert.Equal([false], await KnownAsync([Row("k", "r1")]));
        await DeliverAsync();
        Assert.Equal([false], await KnownAsync([Row("k", "r1")]));
        Assert.Equal(new SliceCounts(1, 0, 0, 1, 0, 0), await CommitFromAsync((Put("k", "v1"), Row("k", "r1").Hash)));
        Assert.Equal([true], await KnownAsync([Row("k", "r1")]));
    }

    [Fact]
    public async Task Content_that_comes_back_is_known_by_the_row_it_came_back_with()
    {
        await CommitFromAsync((Put("k", "v1"), Row("k", "r1").Hash));
        await DeliverAsync();
        await CommitFromAsync((Put("k", "v2"), Row("k", "r2").Hash));
        await CommitFromAsync((Put("k", "v1"), Row("k", "r3").Hash));
        Assert.Equal([RecordState.Superseded, RecordState.Acknowledged], await StatesAsync("k"));
        Assert.Equal([false], await KnownAsync([Row("k", "r2")]));
        Assert.Equal(new SliceCounts(1, 1, 0, 0, 0, 0), await CommitFromAsync((Put("k", "v1"), Row("k", "r3").Hash)));
        Assert.Equal([true], await KnownAsync([Row("k", "r3")]));
    }

    [Fact]
    public async Task Rows_passed_over_are_counted_and_change_nothing_but_the_watermark()
    {
        await CommitFromAsync((Put("k", "v1"), Row("k", "r1").Hash));
        var slice = Slice(Put("l", "v1"));
        (slice.PassedOver, slice.Watermark) = (7, "w2");
        Assert.Equal(new SliceCounts(8, 7, 1, 0, 0, 0), await CommitToAsync(Dossiers, slice));
        Assert.Equal("w2", await Ledger.ReadWatermarkAsync(Dossiers, Cancelled));
        slice.Clear();
        Assert.Equal(0, slice.PassedOver);
    }

    private static SourceRow Row(string key, string content) => new(key, new Guid(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.Unicode.GetBytes($"{key} {content}")).AsSpan(0, 16)));

    private static (Item Item, Guid? Hash)[] Items(string row) => [.. Enumerable.Range(0, Many).Select(n => (Put($"k{n:000}", "v1"), Row($"k{n:000}", row).Hash))];

    private static SourceRow[] Rows((Item Item, Guid? Hash)[] items) => [.. items.Select(static i => new SourceRow(i.Item.Key, i.Hash))];

    private async Task<IReadOnlyList<bool>> KnownAsync(SourceRow[] rows) => await Ledger.ReadKnownRowsAsync(Dossiers, rows, Cancelled);

    private Task<SliceCounts> CommitFromAsync(params (Item Item, Guid? Hash)[] items)
    {
        var rows = new Queue<Guid?>(items.Select(static i => i.Hash));
        return CommitToAsync(Dossiers, MadeFrom(Slice([.. items.Select(static i => i.Item)]), _ => rows.Dequeue()));
    }
}
