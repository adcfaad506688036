using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Integration.Records;

/// <summary>
/// Text that is sent byte for byte as it came, apart from blanks around it: <see cref="StableChars"/> without those that JSON escapes (quote,
/// backslash, no-break space). Nearly all Vietnamese text is such, and one look tells.
/// </summary>
internal static class PlainText
{
    private const int Block = 16;
    private const uint WholeBlock = 0xFFFF;
    private const ulong Blanks = 0x2020_2020_2020_2020;

    // A plain character has three bytes at most: one that begins in the last two of a block may end in the next.
    private const int Judged = Block - 2;
    private const uint NotJudged = 0xC000;

    /// <param name="utf8">Valid UTF-8 (<see cref="Wtf8"/>).</param>
    /// <returns>Its length in UTF-16 code units; -1: it is no plain text.</returns>
    public static int Measure(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length < Block)
        {
            return Finish(Short(utf8), utf8.Length, Block);
        }

        var (at, length) = (0, utf8.Length);
        while (utf8.Length - at > Block)
        {
            var bytes = Vector128.Create(utf8.Slice(at, Block));
            if (Ascii(bytes) == Vector128<byte>.AllBitsSet)
            {
                at += Block;
                continue;
            }

            if ((Plain(bytes) | NotJudged) != WholeBlock)
            {
                return -1;
            }

            length -= BitOperations.PopCount(Following(bytes).ExtractMostSignificantBits() & ~NotJudged);
            at += Judged;
        }

        return Finish(Vector128.Create(utf8[^Block..]), length, utf8.Length - at);
    }

    /// <param name="length">Of the whole, what follows in the last block not yet taken off.</param>
    /// <param name="rest">Bytes at the end of the last block that no block before it has shown.</param>
    private static int Finish(Vector128<byte> last, int length, int rest)
    {
        if (Ascii(last) == Vector128<byte>.AllBitsSet)
        {
            return length;
        }

        return Plain(last) == WholeBlock ? length - BitOperations.PopCount(Following(last).ExtractMostSignificantBits() >> (Block - rest)) : -1;
    }

    private static Vector128<byte> Ascii(Vector128<byte> bytes) =>
        Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)' '), Vector128.Create((byte)('~' - ' ')))
        & ~Vector128.Equals(bytes, Vector128.Create((byte)'"')) & ~Vector128.Equals(bytes, Vector128.Create((byte)'\\'));

    private static Vector128<byte> Following(Vector128<byte> bytes) => Vector128.Equals(bytes & Vector128.Create((byte)0xC0), Vector128.Create((byte)0x80));

    private static uint Plain(Vector128<byte> bytes)
    {
        var second = Vector128.Shuffle(bytes, Vector128.Create((byte)1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xFF));
        var third = Vector128.Shuffle(bytes, Vector128.Create((byte)2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xFF, 0xFF));

        // U+00A1 to U+02FF.
        var latin = Within(bytes, 0xC3, 0xCB) | (Is(bytes, 0xC2) & Within(second, 0xA1, 0xBF));

        // U+1EA0 to U+1EF9, the letters with two marks; U+2010 to U+2027, dashes, quotation marks and dots.
        var vietnamese = Is(bytes, 0xE1) & ((Is(second, 0xBA) & Within(third, 0xA0, 0xBF)) | (Is(second, 0xBB) & Within(third, 0x80, 0xB9)));
        var marks = Is(bytes, 0xE2) & Is(second, 0x80) & Within(third, 0x90, 0xA7);
        return (Ascii(bytes) | Following(bytes) | latin | vietnamese | marks).ExtractMostSignificantBits();
    }

    private static Vector128<byte> Is(Vector128<byte> bytes, byte value) => Vector128.Equals(bytes, Vector128.Create(value));

    private static Vector128<byte> Within(Vector128<byte> bytes, byte first, byte last) =>
        Vector128.LessThanOrEqual(bytes - Vector128.Create(first), Vector128.Create((byte)(last - first)));

    // A text shorter than a block, with blanks behind it.
    private static Vector128<byte> Short(ReadOnlySpan<byte> utf8)
    {
        var (low, high) = (Blanks, Blanks);
        switch (utf8.Length)
        {
            case >= sizeof(ulong):
                low = BinaryPrimitives.ReadUInt64LittleEndian(utf8);
                high = Behind(utf8.Length - sizeof(ulong)) | Shifted(BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]), Block - utf8.Length);
                break;
            case >= sizeof(uint):
                low = Behind(utf8.Length) | BinaryPrimitives.ReadUInt32LittleEndian(utf8) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(utf8[^sizeof(uint)..]) << (8 * (utf8.Length - sizeof(uint)));
                break;
            case > 0:
                low = Behind(utf8.Length) | utf8[0] | (ulong)utf8[utf8.Length / 2] << (8 * (utf8.Length / 2)) | (ulong)utf8[^1] << (8 * (utf8.Length - 1));
                break;
        }

        return Vector128.Create(low, high).AsByte();
    }

    // Blanks from this byte on.
    private static ulong Behind(int bytes) => bytes == 0 ? Blanks : Blanks << (8 * bytes);

    private static ulong Shifted(ulong value, int bytes) => bytes == sizeof(ulong) ? 0 : value >> (8 * bytes);
}
