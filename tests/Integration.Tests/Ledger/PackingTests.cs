using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Integration.Ledger.Sql;
using Xunit;

namespace Integration.Tests.Ledger;

public sealed class PackingTests
{
    [Theory]
    [InlineData(Packing.Least)]
    [InlineData(Packing.BlockBytes)]
    [InlineData(Packing.BlockBytes + 1)]
    [InlineData((3 * Packing.BlockBytes) - 1)]
    [InlineData(1_000_000)]
    public void Every_part_comes_back_as_it_was(int length)
    {
        var plain = Repeating(length);
        var packed = Packing.Pack(plain)!;
        Assert.InRange(packed.Length, 1, length / 3);
        Assert.Equal(plain, Packing.Unpack(packed, length, 0, length));
        Assert.Equal([], Packing.Unpack(packed, length, length, 0)!);
        foreach (var (offset, count) in ((int, int)[])[(0, 1), (length - 1, 1), (length / 2, 1000), (100, length - 200), (Math.Max(0, length - Packing.BlockBytes - 7), Packing.BlockBytes)])
        {
            var most = Math.Min(count, length - offset);
            Assert.True(plain.AsSpan(offset, most).SequenceEqual(Packing.Unpack(packed, length, offset, most)), $"{offset} + {most}");
        }
    }

    [Fact]
    public void What_is_short_or_does_not_repeat_itself_stays_as_it_is()
    {
        Assert.Null(Packing.Pack([]));
        Assert.Null(Packing.Pack(Repeating(Packing.Least - 1)));
        Assert.Null(Packing.Pack(RandomNumberGenerator.GetBytes(200_000)));
    }

    [Fact]
    public void The_stored_form_is_what_the_first_ledger_held()
    {
        // The end of the only block; then four bytes as they are; then one byte as it is and nine times that, and the last five as they are.
        Assert.Equal("sổ"u8.ToArray(), Packing.Unpack([9, 0, 0, 0, 0x40, .. "sổ"u8], 4, 0, 4));
        Assert.Equal("aaaaaaaaaahồng"u8.ToArray()[8..12], Packing.Unpack([15, 0, 0, 0, 0x15, (byte)'a', 1, 0, 0x60, .. "hồng"u8], 16, 8, 4));
    }

    [Fact]
    public void Damage_gives_other_bytes_or_none_and_never_more_than_was_asked_for()
    {
        var plain = Repeating(150_000);
        var whole = Packing.Pack(plain)!;
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var packed = whole.AsSpan(0, i % 3 == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
            for (var flips = random.Next(0, 4); flips > 0 && packed.Length > 0; flips--)
            {
                // Every other time among the ends of the blocks.
                packed[random.Next(i % 2 == 0 ? Math.Min(12, packed.Length) : packed.Length)] ^= (byte)(1 << random.Next(8));
            }

            var offset = random.Next(plain.Length);
            var length = random.Next(plain.Length - offset);
            Assert.True(Packing.Unpack(packed, plain.Length, offset, length) is not { } part || part.Length == length);
        }
    }

    [Theory]
    [InlineData(-1L, 0, 1)]
    [InlineData(long.MaxValue, 0, int.MaxValue)]
    [InlineData((long)int.MaxValue, 0, int.MaxValue)]
    [InlineData(150_001L, 150_000, 1)]
    [InlineData(150_000L, 149_999, 2)]
    [InlineData(150_000L, -1, 2)]
    [InlineData(150_000L, 0, -1)]
    [InlineData(150_000L, int.MaxValue, int.MaxValue)]
    [InlineData(0L, 0, 1)]
    public void Lengths_that_cannot_be_give_nothing(long plain, int offset, int length) =>
        Assert.Null(Packing.Unpack(Packing.Pack(Repeating(150_000))!, plain, offset, length));

    private static byte[] Repeating(int length)
    {
        var text = new StringBuilder(length + 100);
        for (var i = 0; text.Length < length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""{"MaHoSo":"H{{i:00000}}","TrangThaiHoSo":"{{i % 7}}","NgayTiepNhan":"20260701080000"}""");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
