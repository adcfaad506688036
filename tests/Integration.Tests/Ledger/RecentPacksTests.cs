using Integration.Ledger.Sql;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Ledger;

public sealed class RecentPacksTests
{
    // With what a slot takes.
    private const int Quarter = (RecentPacks.MostBytes / 4) - 118;
    private const long Long = 2_000_000;

    private readonly RecentPacks _recent = new();

    [Fact]
    public void A_pack_is_given_away_once()
    {
        _recent.Add([Kept(1, 10)]);
        Assert.Equal(10, _recent.Take(Stored(1, 10))!.Payload.Length);
        Assert.Null(_recent.Take(Stored(1, 10)));
    }

    [Theory]
    [InlineData(1, 10, 7, 0)]
    [InlineData(1, 10, 5, 3)]
    [InlineData(1, 11, 5, 0)]
    [InlineData(2, 10, 5, 0)]
    public void One_of_the_same_id_that_is_another_is_not_taken_for_it(long id, int length, long run, long extracted)
    {
        _recent.Add([Kept(1, 10)]);
        Assert.Null(_recent.Take(Stored(id, length, run, extracted)));
    }

    [Fact]
    public void What_finds_no_room_is_left_to_the_store_and_what_is_old_makes_room()
    {
        _recent.Add([.. Enumerable.Range(0, 5).Select(static n => Kept(n, Quarter))]);
        Assert.Null(_recent.Take(Stored(4, Quarter)));
        Assert.NotNull(_recent.Take(Stored(0, Quarter)));
        _recent.Add([Kept(5, Quarter, extracted: Long)]);
        Assert.NotNull(_recent.Take(Stored(5, Quarter, extracted: Long)));

        _recent.Add([Kept(6, Quarter, extracted: Long), Kept(7, Quarter, extracted: Long + 1)]);
        Assert.NotNull(_recent.Take(Stored(7, Quarter, extracted: Long + 1)));
        Assert.NotNull(_recent.Take(Stored(6, Quarter, extracted: Long)));
        Assert.Null(_recent.Take(Stored(1, Quarter)));
    }

    [Fact]
    public void What_takes_the_place_of_another_takes_its_room()
    {
        for (var n = 0; n < 5; n++)
        {
            _recent.Add([Kept(1, Quarter)]);
        }

        _recent.Add([.. Enumerable.Range(2, 3).Select(static n => Kept(n, Quarter))]);
        Assert.All(Enumerable.Range(1, 4), n => Assert.NotNull(_recent.Take(Stored(n, Quarter))));
    }

    [Fact]
    public void A_pack_is_kept_compressed_and_given_back_as_it_was()
    {
        var plain = Enumerable.Range(0, 100_000).Select(static i => (byte)(i % 251)).ToArray();
        var kept = KeptPayload.Of(plain);
        Assert.True(kept is { IsPacked: true, Length: 100_000 } && kept.Stored.Length < plain.Length / 4, $"{kept.Stored.Length} bytes");
        Assert.Equal(plain, Read(kept));
        Assert.Equal("short"u8.ToArray(), Read(KeptPayload.Of("short"u8)));

        // Whatever happened to it in memory: it is never handed out as what was kept.
        for (var i = 0; i < kept.Stored.Length; i += 7)
        {
            kept.Stored[i] ^= 1;
            Assert.True(Read(kept) is not { } read || read.AsSpan().SequenceEqual(plain), $"byte {i}");
            kept.Stored[i] ^= 1;
        }

        kept.Stored[^20] ^= 1;
        Assert.Null(Read(kept));
    }

    private static byte[]? Read(KeptPayload kept)
    {
        var plain = new byte[kept.Length];
        return kept.TryRead(plain) ? plain : null;
    }

    private static RecentPack Kept(long id, int length, long extracted = 0) => new(id, Run: 5, extracted, [new Slot("k", default, 0, length, null)], KeptPayload.Of(new byte[length]) with { Stored = new byte[length], IsPacked = false });

    private static Pack Stored(long id, int length, long run = 5, long extracted = 0) =>
        new(id, 1, run, RecordState.Ready, Slots: 1, Records: 1, 0, 0, 0, extracted, null, null, 1, length);
}
