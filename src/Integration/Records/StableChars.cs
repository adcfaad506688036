using System.Buffers;

namespace Integration.Records;

/// <summary>Letters and punctuation of Vietnamese text that NFC never changes and that nothing before them can compose with.</summary>
internal static class StableChars
{
    public static readonly SearchValues<char> All = SearchValues.Create(
        [.. Span(' ', '~'), .. Span('\u00A0', '\u02FF'), .. Span('\u1EA0', '\u1EF9'), .. Span('\u2010', '\u2027')]);

    private static char[] Span(char first, char last) => [.. Enumerable.Range(first, last - first + 1).Select(c => (char)c)];
}
