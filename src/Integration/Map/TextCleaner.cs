using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>Cleans texts as they lie in a page (<see cref="CleanText"/>), with room for those that have to be looked at char by char.</summary>
internal sealed class TextCleaner
{
    private const int MostKept = 64 * 1024;

    private char[] _raw = [];
    private char[] _clean = [];

    /// <param name="text">As <see cref="Wtf8"/>.</param>
    /// <param name="buffer">Room that the result may lie in; grown when it is too small.</param>
    /// <param name="culprit">The character at fault when the answer is a flaw.</param>
    public TextFlaw Clean(ReadOnlySpan<byte> text, ref byte[] buffer, out WireText clean, out char culprit)
    {
        culprit = default;
        if (text is [(byte)' ', ..] or [.., (byte)' '])
        {
            text = text.Trim((byte)' ');
        }

        if (PlainText.Measure(text) is >= 0 and var length)
        {
            clean = new WireText(text, length, isPlain: true);
            return TextFlaw.None;
        }

        return CleanChars(text, ref buffer, out clean, out culprit);
    }

    private TextFlaw CleanChars(ReadOnlySpan<byte> text, ref byte[] buffer, out WireText clean, out char culprit)
    {
        if (_raw.Length < text.Length)
        {
            _raw = new char[Math.Max(256, text.Length)];
        }

        var flaw = CleanText.Clean(_raw.AsSpan(0, Wtf8.Decode(text, _raw)), ref _clean, out var chars, out culprit);
        if (_raw.Length > MostKept)
        {
            (_raw, _clean) = ([], []);
        }

        if (flaw != TextFlaw.None)
        {
            clean = default;
            return flaw;
        }

        if (buffer.Length < Wtf8.RoomFor(chars))
        {
            buffer = new byte[Wtf8.RoomFor(chars)];
        }

        clean = new WireText(buffer.AsSpan(0, Encoding.UTF8.GetBytes(chars, buffer)), chars.Length, isPlain: false);
        return TextFlaw.None;
    }
}
