using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Integration.Deliver.Dvcqg;
using Xunit;

namespace Integration.Tests.Deliver.Dvcqg;

public sealed class EnvelopeTests
{
    [Fact]
    public void Payloads_are_spliced_in_byte_for_byte() => Gen.Byte.Array[0, 3000].Array[0, 40].Sample(payloads =>
    {
        using var envelope = Envelope.Wrapped("H60", "DongBoHoSoMC", [new("isUpdating", "False")], [.. payloads.Select(p => new ReadOnlyMemory<byte>(p))]);
        byte[] start = [.. Encoding.UTF8.GetBytes("""{"session":"S\"1","madonvi":"H60","service":"DongBoHoSoMC","isUpdating":"False","data":[""")];
        var middle = payloads.SelectMany((p, i) => i == 0 ? p : [(byte)',', .. p]);
        byte[] expected = [.. start, .. middle, .. "]}"u8];
        Assert.Equal(expected, (byte[])[.. envelope.Head("S\"1").Span, .. envelope.Tail.Span]);
    });

    [Fact]
    public void A_bare_array_holds_nothing_but_the_payloads()
    {
        using var envelope = Envelope.Bare(["{ \"a\" : 1 }"u8.ToArray(), "{}"u8.ToArray()]);
        Assert.Equal("[{ \"a\" : 1 },{}]", Encoding.UTF8.GetString(envelope.Tail.Span));
        Assert.Equal(0, envelope.Head("S1").Length);
    }

    [Fact]
    public void The_hash_leaves_out_the_session_alone()
    {
        using var envelope = Envelope.Wrapped("H60", "X", [], ["{}"u8.ToArray()]);
        var expected = SHA256.HashData("""{"session":"","madonvi":"H60","service":"X","data":[{}]}"""u8);
        Assert.Equal(expected, envelope.Hash().ToBytes());
    }

    // Whoever cut a call short may still be reading: the next call's bytes must not come to stand there.
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(2, 2, true)]
    [InlineData(1, 0, false)]
    [InlineData(2, 1, false)]
    public void Bytes_that_somebody_may_still_read_are_never_handed_to_another_call(int lent, int regained, bool reused)
    {
        const int OddSize = 3 << 20;
        var envelope = Envelope.Bare([new byte[OddSize]]);
        Assert.True(MemoryMarshal.TryGetArray(envelope.Tail, out var bytes));
        for (var i = 0; i < lent; i++)
        {
            envelope.Lend();
        }

        for (var i = 0; i < regained; i++)
        {
            envelope.Regain();
        }

        envelope.Dispose();
        Assert.Equal(reused, ReferenceEquals(bytes.Array, ArrayPool<byte>.Shared.Rent(OddSize)));
    }
}
