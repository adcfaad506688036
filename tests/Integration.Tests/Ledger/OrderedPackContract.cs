using System.Globalization;
using System.Text;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Packs whose keys rise are found by their keys; any other order is kept as well, and nobody who uses the ledger can tell.</summary>
public abstract class OrderedPackContract : LedgerContract
{
    // Several pages of stretches.
    private const int Many = 3000;

    private static readonly string[] s_keys = [.. Enumerable.Range(0, 12).Select(static i => $"k{i:00}")];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_life_of_records_is_the_same_in_whatever_order_their_keys_came(bool rising)
    {
        var keys = rising ? s_keys : [.. s_keys.Reverse()];
        await CommitToAsync(Dossiers, Of(keys));
        Assert.Equal(rising ? (1, 0) : (0, 12), await KeptAsync());
        Assert.DoesNotContain(false, await KnownAsync(keys));
        Assert.DoesNotContain(true, await KnownAsync([.. keys.Select(static k => $"{k}x")]));
        await CommitToAsync(Steps, Slice([.. keys.Select(static k => Put($"{k}/1", "s", parent: k))]));
        Assert.Equal(RecordState.Waiting, (await NewestAsync("k03/1", Steps)).State);

        var claim = await ClaimedAsync();
        Assert.Equal(keys, Keys(claim));
        Assert.Equal(keys.Select(static k => $"{k} v1"), Payloads(claim));
        Assert.Equal(new SettleCounts(12, 0, 12), await SettleAsync(claim, static v => new Settlement(v.Version, Next.Acknowledge, "0", "", Receipt: $"R-{v.Key}")));
        await CommitToAsync(Steps, Slice([.. keys.Select(static k => Put($"{k}/2", "s", parent: k)), Put("x/2", "s", parent: "x")]));
        Assert.Equal([RecordState.Ready], await StatesAsync("k03/2", Steps));
        Assert.Equal([RecordState.Waiting], await StatesAsync("x/2", Steps));

        // Three are taken out, twice as it comes, by three ways.
        await CommitAsync(Put("k04", "new"), Gone("k05"));
        Assert.Equal(1, await Ledger.DoubtAsync(Dossiers, [claim.Versions.Single(static v => v.Key == "k06").Version], TimeSpan.Zero, Operator, Cancelled));
        Assert.Equal(new SliceCounts(12, 11, 0, 1, 0, 0), await CommitToAsync(Dossiers, Of(keys, static k => k == "k05" ? "k05 v2" : k == "k04" ? "new" : $"{k} v1")));
        Assert.Equal(rising ? (1, 0) : (0, 9), await KeptAsync());
        Assert.Equal(1, await Store.NumberAsync("SELECT count(*) FROM pack WHERE records = 9 AND slots = 12"));
        Assert.Equal(["R-k04", "R-k06"], [(await Ledger.ReadHistoryAsync(Dossiers, "k04", Cancelled))[^1].Receipt, (await NewestAsync("k06")).Receipt]);
        Assert.Equal([RecordState.Unknown], await StatesAsync("k06"));
        Assert.Equal(s_keys.Except(["k04", "k05", "k06"]), (await Ledger.ReadAcknowledgedAsync(Dossiers, 0, 20, Cancelled)).Select(static a => a.Key).Order(StringComparer.Ordinal));
        Assert.Equal(new SliceCounts(1, 0, 0, 0, 1, 0), await CommitAsync(Gone("k11")));
        Assert.Equal([RecordState.Ready, RecordState.Acknowledged], await StatesAsync("k11"));
        Assert.Equal("k07 v1", Encoding.UTF8.GetString((await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, "k07", Cancelled))!));
    }

    [Fact]
    public async Task Packs_that_would_stand_among_others_keep_a_row_a_record_and_all_are_found()
    {
        await CommitAsync(Put("k10", "v"), Put("k20", "v"), Put("k30", "v"));
        foreach (var (first, last, ordered, records) in ((string, string, int, int)[])
            [("a1", "a2", 2, 0), ("k31", "k32", 3, 0), ("k05", "k15", 3, 2), ("k11", "k12", 3, 4), ("k29", "k41", 3, 6), ("a", "z", 3, 8), ("k00", "k01", 4, 8), ("z1", "z2", 5, 8)])
        {
            await CommitAsync(Put(first, "v"), Put(last, "v"));
            Assert.Equal((ordered, records), await KeptAsync());
        }

        // Three calls' worth at once, the last before the others.
        await CommitToAsync(Dossiers, Slice(2, Put("m1", "v"), Put("m2", "v"), Put("m3", "v"), Put("m4", "v"), Put("l1", "v"), Put("l2", "v")));
        Assert.Equal((7, 10), await KeptAsync());
        string[] keys = ["k10", "k20", "k30", "a1", "a2", "k31", "k32", "k05", "k15", "k11", "k12", "k29", "k41", "a", "z", "k00", "k01", "z1", "z2", "m1", "m2", "m3", "m4", "l1", "l2"];
        Assert.Equal(keys.Length, (await Ledger.ReadNewestHashesAsync(Dossiers, [.. keys, "k", "k21", "zz", "0"], Cancelled)).Count);
        Assert.Equal(new SliceCounts(25, 25, 0, 0, 0, 0), await CommitAsync([.. keys.Select(static k => Put(k, "v"))]));
        await DeliverAsync();
        Assert.Equal(25, (await CommitAsync([.. keys.Select(static k => Put(k, "w"))])).Changed);
        Assert.Equal((0, 0), await KeptAsync());
        Assert.Equal(0, await Store.NumberAsync("SELECT (SELECT count(*) FROM pack) + (SELECT count(*) FROM pack_slots) + (SELECT count(*) FROM ordered_slots)"));
    }

    [Fact]
    public async Task Everybody_who_looks_at_the_tables_sees_each_record_with_what_it_is()
    {
        string[] keys = ["\"", "'", ",", "[0]", "a\\b", "k1", "k2", "Hồ sơ 1", "Ố", "\uD7FF"];
        await CommitToAsync(Dossiers, Of([.. keys.Order(StringComparer.Ordinal)], static k => $"của {k};"));
        Assert.Equal((1, 0), await KeptAsync());
        await DeliverAsync();
        await CommitAsync(Put("k1", "new"));
        foreach (var key in keys.Except(["k1"]))
        {
            var (payload, before) = ($"của {key};", keys.Where(k => string.CompareOrdinal(k, key) < 0).Sum(static k => Encoding.UTF8.GetByteCount($"của {k};")));
            var version = (await NewestAsync(key)).Version;
            Assert.Equal(1, await Store.NumberAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SELECT count(*) FROM every_version WHERE key = '{key.Replace("'", "''", StringComparison.Ordinal)}' AND hash = {Store.Hash(payload)} AND payload_offset = {before}
                    AND payload_length = {Encoding.UTF8.GetByteCount(payload)} AND state = 4 AND id = {version}
                """)));
        }

        Assert.Equal(11, await Store.NumberAsync("SELECT count(*) FROM every_version"));
        Assert.Equal(2, await Store.NumberAsync("SELECT count(*) FROM every_version WHERE key = 'k1'"));
    }

    [Theory]
    [InlineData("a\nb", null)]
    [InlineData("tab\t", null)]
    [InlineData("Hồ sơ \U0001F600", null)]
    [InlineData("\uFFFD", null)]
    [InlineData("x", "")]
    [InlineData("x", "cha\n1")]
    public async Task What_cannot_stand_in_a_line_keeps_a_row_a_record(string key, string? parent)
    {
        await CommitAsync(Put("k1", "v"), Put(key, "v", parent: parent));
        Assert.Equal((0, 2), await KeptAsync());
        Assert.Equal([RecordState.Ready], await StatesAsync(key));
        Assert.Equal(2, (await CommitAsync(Put("k1", "v"), Put(key, "v", parent: parent))).Unchanged);
    }

    [Fact]
    public async Task Many_are_found_in_order_out_of_order_and_with_gaps()
    {
        string[] keys = [.. Enumerable.Range(0, Many).Select(static n => $"HS-{n:000000}")];
        await CommitToAsync(Dossiers, Of(keys, batch: 1000));
        Assert.Equal((3, 0), await KeptAsync());
        await DeliverAsync();
        Assert.DoesNotContain(false, await KnownAsync(keys));
        Assert.DoesNotContain(false, await KnownAsync([.. keys.Reverse()]));
        Assert.DoesNotContain(false, await KnownAsync([.. keys.Where(static (_, n) => n % 47 == 0)]));
        Assert.DoesNotContain(true, await KnownAsync([.. keys.Select(static k => $"{k}!")]));
        Assert.Equal(100, (await KnownAsync([.. keys.Take(100).SelectMany(static k => new[] { k, $"{k}!" }), .. Enumerable.Range(0, 100).Select(static n => $"Z{n:000}")])).Count(static k => k));

        string[] changed = [.. keys.Where(static (_, n) => n % 100 == 50)];
        Assert.Equal(30, (await CommitToAsync(Dossiers, Of(changed, static _ => "new"))).Changed);
        Assert.Equal(changed, keys.Zip(await KnownAsync(keys)).Where(static k => !k.Second).Select(static k => k.First));
        Assert.Equal(Many, await Store.NumberAsync("SELECT count(*) FROM every_version WHERE newest"));

        // A sweep finds what is missing in the first, a middle and the last stretch, and none twice.
        string[] unseen = [keys[0], keys[1234], keys[1250], keys[^1]];
        await using var sweep = await Ledger.BeginSweepAsync(Dossiers, Cancelled);
        await sweep.SeeAsync([.. keys.Except(unseen)], Cancelled);
        Assert.Equal(new SweepCounts(Many, 4), await sweep.CountAsync(Cancelled));
        var missing = new List<string>();
        await foreach (var page in sweep.ReadMissingAsync(3, Cancelled))
        {
            missing.AddRange(page);
        }

        Assert.Equal(unseen, missing.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Records_that_leave_a_pack_take_their_parents_and_rows_with_them()
    {
        string[] keys = [.. Enumerable.Range(0, 120).Select(static n => $"k{n:000}")];
        await CommitAsync([.. keys.Select(static k => Put(k, "v"))]);
        await DeliverAsync();
        var steps = Slice([.. keys.Select(static (k, n) => Put($"{k}/1", "s", parent: n % 3 == 0 ? null : k))]);
        await CommitToAsync(Steps, MadeFrom(steps, static e => RowOf(e.Key)));
        Assert.Equal(2, await Store.NumberAsync("SELECT count(*) FROM pack WHERE pipeline_id = (SELECT id FROM pipeline WHERE name = 'steps') AND first_key IS NOT NULL"));
        await ClaimedAsync(Steps);
        await Store.AdvanceAsync(2 * Minute);
        await Ledger.UpkeepAsync(Cancelled);
        Assert.Equal((80, 40), (
            await Store.NumberAsync("SELECT count(*) FROM version WHERE key = parent_key || '/1' AND parent_hash IS NOT NULL AND state = 3"),
            await Store.NumberAsync("SELECT count(*) FROM version WHERE parent_key IS NULL AND parent_hash IS NULL AND state = 3")));
        Assert.DoesNotContain(false, await Ledger.ReadKnownRowsAsync(Steps, [.. keys.Select(static k => new SourceRow($"{k}/1", RowOf($"{k}/1")))], Cancelled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_that_take_records_out_of_one_pack_at_once_leave_each_where_it_is_once(bool rising)
    {
        string[] keys = [.. Enumerable.Range(0, 60).Select(static n => $"k{n:00}")];
        await CommitToAsync(Dossiers, Of(rising ? keys : [.. keys.Reverse()]));
        var versions = (await ClaimedAsync()).Versions.ToDictionary(static v => v.Key, static v => v.Version);
        await Store.SqlAsync("UPDATE pack SET state = 4, acknowledged_at = 1");
        await Store.RecountAsync();
        await using var other = Store.Connect();
        var doubting = Task.Run(
            async () =>
            {
                foreach (var key in keys.Where(static (_, n) => n % 3 != 0))
                {
                    await other.DoubtAsync(Dossiers, [versions[key]], TimeSpan.Zero, Operator, Cancelled);
                }
            },
            Cancelled);
        foreach (var key in keys.Where(static (_, n) => n % 3 != 1))
        {
            await CommitAsync(Put(key, "new"));
        }

        await doubting;
        Assert.Equal(60, await Store.NumberAsync("SELECT count(*) FROM every_version WHERE newest"));
        Assert.Equal(60, await Store.NumberAsync("SELECT count(DISTINCT key) FROM every_version WHERE newest"));
        Assert.Equal(100, await Store.NumberAsync("SELECT count(*) FROM every_version"));
        Assert.Equal(0, await Store.NumberAsync("SELECT count(*) FROM pack"));
    }

    private static Guid RowOf(string key) => new(ContentHash.Of(Encoding.UTF8.GetBytes(key)).ToBytes().AsSpan(0, 16));

    private static Slice Of(string[] keys, Func<string, string>? payload = null, int batch = 100) =>
        MadeFrom(Slice(batch, [.. keys.Select(k => Put(k, payload?.Invoke(k) ?? $"{k} v1"))]), e => RowOf(e.Key + payload?.Invoke(e.Key)));

    private Task<bool[]> KnownAsync(string[] keys) => Ledger.ReadKnownRowsAsync(Dossiers, [.. keys.Select(static k => new SourceRow(k, RowOf(k)))], Cancelled);

    /// <returns>Packs that are found by their keys, and rows of single records in packs.</returns>
    private async Task<(long Ordered, long Records)> KeptAsync() => (
        await Store.NumberAsync($"SELECT count(*) FROM pack k JOIN pipeline p ON p.id = k.pipeline_id WHERE p.name = '{Dossiers}' AND k.first_key IS NOT NULL"),
        await Store.NumberAsync($"SELECT count(*) FROM record a JOIN pipeline p ON p.id = a.pipeline_id WHERE p.name = '{Dossiers}'"));
}
