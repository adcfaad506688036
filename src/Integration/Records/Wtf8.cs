using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Integration.Records;

/// <summary>
/// UTF-8 that may also hold half a surrogate pair, in three bytes like any other char of its size (WTF-8). A source that gives chars may give
/// such halves: they are kept as they came, so that the record can be refused for what it holds.
/// </summary>
internal static class Wtf8
{
    private const int MostBytes = 3;
    private const int FewChars = 1024;

    /// <summary>Bytes to have ready for a text: for one that is long no more than it needs.</summary>
    public static int RoomFor(ReadOnlySpan<char> text) => text.Length <= FewChars ? MostBytes * text.Length : Encoding.UTF8.GetByteCount(text);

    /// <param name="room">As <see cref="RoomFor"/> says.</param>
    /// <returns>Bytes written.</returns>
    public static int Encode(ReadOnlySpan<char> text, Span<byte> room)
    {
        if (Utf8.FromUtf16(text, room, out _, out var written, replaceInvalidSequences: false) == OperationStatus.Done)
        {
            return written;
        }

        for (written = 0; !text.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var read) == OperationStatus.Done)
            {
                written += rune.EncodeToUtf8(room[written..]);
            }
            else
            {
                (room[written], room[written + 1], room[written + 2]) = ((byte)(0xE0 | text[0] >> 12), (byte)(0x80 | text[0] >> 6 & 0x3F), (byte)(0x80 | text[0] & 0x3F));
                (written, read) = (written + MostBytes, 1);
            }

            text = text[read..];
        }

        return written;
    }

    /// <param name="bytes">As <see cref="Encode"/> wrote them.</param>
    /// <param name="room">For as many chars as there are bytes.</param>
    /// <returns>Chars written.</returns>
    public static int Decode(ReadOnlySpan<byte> bytes, Span<char> room)
    {
        if (Utf8.ToUtf16(bytes, room, out _, out var written, replaceInvalidSequences: false) == OperationStatus.Done)
        {
            return written;
        }

        for (written = 0; !bytes.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var read) == OperationStatus.Done)
            {
                written += rune.EncodeToUtf16(room[written..]);
            }
            else
            {
                room[written++] = (char)((bytes[0] & 0x0F) << 12 | (bytes[1] & 0x3F) << 6 | bytes[2] & 0x3F);
                read = MostBytes;
            }

            bytes = bytes[read..];
        }

        return written;
    }

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var chars = new char[bytes.Length];
        return new string(chars, 0, Decode(bytes, chars));
    }
}
