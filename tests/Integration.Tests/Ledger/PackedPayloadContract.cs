using System.Globalization;
using System.Text;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>A pack whose payload is long enough to be compressed, and what is read from it.</summary>
public abstract class PackedPayloadContract : LedgerContract
{
    private const int Many = 200;

    private static readonly string[] s_keys = [.. Enumerable.Range(0, Many).Select(static i => $"k{i:000}")];

    private static readonly int s_length = s_keys.Sum(static k => Encoding.UTF8.GetByteCount(Content(k)));

    [Fact]
    public async Task A_long_payload_is_stored_short_and_comes_back_as_it_was()
    {
        await CommitManyAsync();
        await RestartAsync();
        Assert.Equal(s_length, await Store.NumberAsync("SELECT plain FROM payload"));
        Assert.InRange(await Store.NumberAsync("SELECT length(packed) + length(bytes) FROM payload"), 1, s_length / 3);
        var claim = await ClaimedAsync();
        Assert.Equal(s_keys.Select(Content), Payloads(claim));
        await SettleAsync(claim, static v => new Settlement(v.Version, Next.Acknowledge, "0", ""));
        foreach (var key in (string[])["k000", "k077", "k199"])
        {
            Assert.Equal(Content(key), Encoding.UTF8.GetString((await Ledger.ReadAcknowledgedPayloadAsync(Dossiers, key, Cancelled))!));
        }

        Assert.Equal(s_keys.Select(Content), (await Ledger.ReadAcknowledgedAsync(Dossiers, 0, Many, Cancelled)).Select(static a => Encoding.UTF8.GetString(a.Payload.Span)));
    }

    [Fact]
    public async Task Records_that_left_the_pack_are_read_from_where_they_were()
    {
        await CommitManyAsync();
        await CommitAsync(Put("k010", "new"), Put("k100", "new"), Put("k101", "new"));
        await RestartAsync();
        Assert.Equal(0, await Store.NumberAsync("SELECT count(*) FROM pack"));
        var claim = await ClaimedAsync();
        Assert.Equal(s_keys.Except(["k010", "k100", "k101"]).Select(Content).Concat(["new", "new", "new"]), Payloads(claim));
    }

    [Fact]
    public async Task A_payload_that_an_earlier_program_stored_as_it_is_is_read()
    {
        await CommitManyAsync();
        var plain = Convert.ToHexString(Encoding.UTF8.GetBytes(string.Concat(s_keys.Select(Content))));
        await Store.SqlAsync($"UPDATE payload SET packed = NULL, plain = NULL, bytes = {(Store is SqliteStore ? $"x'{plain}'" : $"'\\x{plain}'")}");
        await RestartAsync();
        Assert.Equal(s_keys.Select(Content), Payloads(await ClaimedAsync()));
    }

    [Fact]
    public async Task Damage_in_one_block_costs_its_records_and_no_other()
    {
        await CommitManyAsync();
        var last = (s_length - 1) / (64 * 1024);
        Assert.Equal(2, last);
        await Store.SqlAsync($"UPDATE payload SET packed = {Packed($"substr(packed, 1, length(packed) - 40) || {Bytes("FFFFFFFFFFFFFFFFFFFF")} || substr(packed, length(packed) - 29)")}");
        await RestartAsync();
        var sent = new List<string>();
        while (await ClaimAsync() is { } claim)
        {
            Assert.All(claim.Versions, static v => Assert.Equal(Content(v.Key), Encoding.UTF8.GetString(v.Payload.Span)));
            sent.AddRange(Keys(claim));
        }

        // Those of the blocks before are whole.
        var whole = s_keys.Where((_, n) => s_keys[..(n + 1)].Sum(static k => Content(k).Length) <= last * 64 * 1024).ToArray();
        Assert.InRange(whole.Length, 100, Many - 1);
        Assert.Equal(whole, sent.Take(whole.Length));
        Assert.True(sent.Count < Many);
        await AssertDamagedAsync([.. s_keys.Except(sent)]);
    }

    [Theory]
    [InlineData("packed = substr(packed, 1, 3)")]
    [InlineData("packed = NULL")]
    [InlineData("plain = 2147483647")]
    [InlineData("plain = -1")]
    [InlineData("plain = 5")]
    [InlineData("plain = NULL")]
    public async Task A_payload_that_gives_nothing_is_never_sent_and_every_record_says_so(string damage)
    {
        await CommitManyAsync(40);
        await Store.SqlAsync($"UPDATE payload SET {damage}");
        await RestartAsync();
        Assert.Null(await Ledger.ReadPayloadAsync((await NewestAsync("k007")).Version, Cancelled));
        Assert.Null(await ClaimAsync());
        await AssertDamagedAsync(s_keys[..40]);
    }

    private async Task AssertDamagedAsync(string[] keys)
    {
        var failures = await Ledger.ReadFailuresAsync(new FailureFilter(), 0, Many, Cancelled);
        Assert.Equal(keys, failures.Select(static f => f.Key).Order(StringComparer.Ordinal));
        Assert.All(failures, static f => Assert.Equal(Rules.PayloadDamaged.Code, f.Rejection.Rule));
    }

    private Task<SliceCounts> CommitManyAsync(int many = Many) => CommitToAsync(Dossiers, Slice(Many, [.. s_keys.Take(many).Select(static k => Put(k, Content(k)))]));

    // About a kilobyte that repeats itself, as national payloads do.
    private static string Content(string key) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"MaHoSo\":\"{key}\",{string.Join(',', Enumerable.Range(0, 18).Select(i => $"\"TruongDuLieu{i}\":\"{key}, {i * key[3]}, cong dan\""))},\"GhiChu\":\"{key}\"}}");

    private string Bytes(string hex) => Store is SqliteStore ? $"x'{hex}'" : $"'\\x{hex}'::bytea";

    // What SQLite puts together is text.
    private string Packed(string expression) => Store is SqliteStore ? $"CAST({expression} AS BLOB)" : expression;
}
