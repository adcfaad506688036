using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>Why a text cannot be sent as it is.</summary>
internal enum TextFlaw : byte
{
    None,
    ControlCharacter,
    LoneSurrogate,
}

/// <summary>
/// The one form in which text is compared, measured and sent: NFC, without white space around it, line ends as <c>\n</c>. Nothing else is
/// changed: tone marks stay where the source put them.
/// </summary>
internal static class CleanText
{
    /// <summary>Cleans a text, copying it only when something has to change.</summary>
    /// <param name="buffer">Room that the result may lie in; grown when it is too small.</param>
    /// <param name="culprit">The character at fault when the answer is a flaw.</param>
    public static TextFlaw Clean(ReadOnlySpan<char> text, ref char[] buffer, out ReadOnlySpan<char> clean, out char culprit)
    {
        clean = text.Trim();
        culprit = default;
        var start = clean.IndexOfAnyExcept(StableChars.All);
        if (start < 0)
        {
            return TextFlaw.None;
        }

        var flaw = Inspect(clean, start, out culprit, out var hasReturn, out var mayChange);
        if (flaw != TextFlaw.None)
        {
            return flaw;
        }

        var used = 0;
        if (hasReturn)
        {
            used = DropReturns(clean, ref buffer);
            clean = buffer.AsSpan(0, used);
        }

        if (mayChange)
        {
            int written;
            Grow(ref buffer, used, clean.Length + 16);
            while (!clean.TryNormalize(buffer.AsSpan(used), out written, NormalizationForm.FormC))
            {
                Grow(ref buffer, used, 2 * (buffer.Length - used));
            }

            clean = buffer.AsSpan(used, written).Trim();
        }

        return TextFlaw.None;
    }

    /// <summary>The same for texts of definition files; null when the text has a flaw.</summary>
    public static string? Of(string text)
    {
        var buffer = Array.Empty<char>();
        return Clean(text, ref buffer, out var clean, out _) == TextFlaw.None ? clean.ToString() : null;
    }

    private static TextFlaw Inspect(ReadOnlySpan<char> text, int start, out char culprit, out bool hasReturn, out bool mayChange)
    {
        hasReturn = false;
        mayChange = false;
        for (var i = start; i < text.Length; i++)
        {
            culprit = text[i];
            if (culprit == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                hasReturn = true;
            }
            else if (char.IsControl(culprit) && culprit is not ('\n' or '\t'))
            {
                return TextFlaw.ControlCharacter;
            }
            else if (char.IsSurrogate(culprit))
            {
                if (!char.IsHighSurrogate(culprit) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                {
                    return TextFlaw.LoneSurrogate;
                }

                i++;
                mayChange = true;
            }
            else if (culprit > '\u02FF')
            {
                mayChange |= !StableChars.All.Contains(culprit);
            }
        }

        culprit = default;
        return TextFlaw.None;
    }

    private static int DropReturns(ReadOnlySpan<char> text, ref char[] buffer)
    {
        Grow(ref buffer, 0, text.Length);
        var used = 0;
        foreach (var c in text)
        {
            if (c != '\r')
            {
                buffer[used++] = c;
            }
        }

        return used;
    }

    private static void Grow(ref char[] buffer, int used, int more)
    {
        if (buffer.Length - used < more)
        {
            Array.Resize(ref buffer, Math.Max(256, used + more));
        }
    }
}
