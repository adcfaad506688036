using System.Buffers;
using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace Integration.Ledger.Sql;

/// <summary>
/// The compressed form of a pack's payload: blocks of LZ4, each of <see cref="BlockBytes"/> of the payload (the last may be shorter) and readable without the
/// others; before them, four bytes a block, little endian, where in the stored bytes it ends. Ledgers hold it for years: it may be added to, not changed.
/// </summary>
internal static class Packing
{
    public const int BlockBytes = 64 * 1024;

    /// <summary>Shorter ones stay as they are: a row of them takes its page in either form.</summary>
    public const int Least = 16 * 1024;

    // LZ4 cannot make more than this of a byte, so what says it does is damaged.
    private const int MostOfAByte = 255;

    /// <returns>Null where it is not worth it.</returns>
    public static byte[]? Pack(ReadOnlySpan<byte> plain)
    {
        if (plain.Length < Least)
        {
            return null;
        }

        var end = BlocksOf(plain.Length) * sizeof(int);
        var room = ArrayPool<byte>.Shared.Rent(end + (BlocksOf(plain.Length) * LZ4Codec.MaximumOutputSize(BlockBytes)));
        try
        {
            for (var block = 0; block < BlocksOf(plain.Length); block++)
            {
                var from = plain.Slice(block * BlockBytes, LengthOf(block, plain.Length));
                end += LZ4Codec.Encode(from, room.AsSpan(end), LZ4Level.L00_FAST);
                BinaryPrimitives.WriteInt32LittleEndian(room.AsSpan(block * sizeof(int)), end);
            }

            return end <= plain.Length / 4 * 3 ? room.AsSpan(0, end).ToArray() : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    /// <summary>A part of the payload; whether it is the one that was stored only its hash tells.</summary>
    /// <param name="plain">Length of the payload, as the ledger says.</param>
    /// <returns>Null where the stored bytes are so damaged that they give nothing of this length.</returns>
    public static byte[]? Unpack(ReadOnlySpan<byte> packed, long plain, int offset, int length)
    {
        if (!MayHold(packed, plain, offset, length))
        {
            return null;
        }

        var part = GC.AllocateUninitializedArray<byte>(length);
        return TryUnpack(packed, plain, offset, part) ? part : null;
    }

    /// <param name="part">Receives as many bytes of the payload as it has room for.</param>
    /// <returns>False where the stored bytes are so damaged that they give nothing of this length; the room may have been written to.</returns>
    /// <inheritdoc cref="Unpack"/>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, long plain, int offset, Span<byte> part)
    {
        if (!MayHold(packed, plain, offset, part.Length))
        {
            return false;
        }

        var (blocks, length) = (BlocksOf((int)plain), part.Length);
        var room = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (var done = 0; done < length;)
            {
                var (block, start) = Math.DivRem(offset + done, BlockBytes);
                var size = LengthOf(block, (int)plain);
                var count = Math.Min(length - done, size - start);
                var isWhole = count == size;
                var into = isWhole ? part.Slice(done, count) : room.AsSpan(0, size);
                if (!UnpackBlock(packed, block, blocks, into))
                {
                    return false;
                }

                if (!isWhole)
                {
                    into.Slice(start, count).CopyTo(part[done..]);
                }

                done += count;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    private static bool MayHold(ReadOnlySpan<byte> packed, long plain, int offset, int length) =>
        plain is >= 0 and <= int.MaxValue && offset >= 0 && length >= 0 && length <= plain - offset && plain <= (long)packed.Length * MostOfAByte && packed.Length / sizeof(int) >= BlocksOf((int)plain);

    private static bool UnpackBlock(ReadOnlySpan<byte> packed, int block, int blocks, Span<byte> into)
    {
        var start = block == 0 ? blocks * sizeof(int) : BinaryPrimitives.ReadInt32LittleEndian(packed[((block - 1) * sizeof(int))..]);
        var end = BinaryPrimitives.ReadInt32LittleEndian(packed[(block * sizeof(int))..]);
        return start >= blocks * sizeof(int) && start < end && end <= packed.Length && LZ4Codec.Decode(packed[start..end], into) == into.Length;
    }

    private static int BlocksOf(int plain) => (plain / BlockBytes) + (plain % BlockBytes == 0 ? 0 : 1);

    private static int LengthOf(int block, int plain) => Math.Min(BlockBytes, plain - (block * BlockBytes));
}
