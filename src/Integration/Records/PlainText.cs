using System.Buffers;

namespace Integration.Records;

/// <summary>
/// Text that is sent byte for byte as it came, apart from blanks around it: <see cref="StableChars"/> without those that JSON escapes (quote,
/// backslash, no-break space). Nearly all Vietnamese text is such, and one look tells.
/// </summary>
internal static class PlainText
{
    private static readonly SearchValues<byte> s_ascii = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Where(static c => c is not ('"' or '\\')).Select(static c => (byte)c)]);

    /// <param name="utf8">Valid UTF-8 (<see cref="Wtf8"/>).</param>
    /// <returns>Its length in UTF-16 code units; -1: it is no plain text, or may not be.</returns>
    public static int Measure(ReadOnlySpan<byte> utf8)
    {
        var letter = utf8.IndexOfAnyExcept(s_ascii);
        return letter < 0 ? utf8.Length : Measure(utf8, letter);
    }

    private static int Measure(ReadOnlySpan<byte> utf8, int at)
    {
        var length = at;
        while (at < utf8.Length)
        {
            var lead = utf8[at];
            switch (lead)
            {
                case >= 0x20 and < 0x7F and not ((byte)'"' or (byte)'\\'):
                    at++;
                    break;
                case >= 0xC3 and <= 0xCB:
                case 0xC2 when utf8[at + 1] > 0xA0:
                    at += 2;
                    break;

                // U+1EA0 to U+1EF9, the Vietnamese letters with two marks; U+2010 to U+2027, dashes, quotation marks and dots.
                case 0xE1 when (utf8[at + 1] << 8 | utf8[at + 2]) is >= 0xBAA0 and <= 0xBBB9:
                case 0xE2 when (utf8[at + 1] << 8 | utf8[at + 2]) is >= 0x8090 and <= 0x80A7:
                    at += 3;
                    break;
                default:
                    return -1;
            }

            length++;
        }

        return length;
    }
}
