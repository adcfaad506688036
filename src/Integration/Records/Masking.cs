namespace Integration.Records;

/// <summary>Hides personal values wherever a person without the right to see them may look.</summary>
internal static class Masking
{
    private const int Longest = 120;

    /// <summary>
    /// A value as it may be shown. Personal: the last three characters of a number, the first letter of anything else. Not personal: the value,
    /// capped, control characters replaced.
    /// </summary>
    public static string Show(ReadOnlySpan<char> value, bool personal)
    {
        if (personal)
        {
            return value.Length switch
            {
                0 => "",
                <= 3 => "***",
                _ when char.IsAsciiDigit(value[^1]) => $"***{value[^3..]}",
                _ => $"{value[0]}***",
            };
        }

        var shown = value.Length > Longest ? $"{value[..Longest]}…" : value.ToString();
        return string.Create(shown.Length, shown, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = IsUnsafe(text[i]) ? '\uFFFD' : text[i];
            }
        });
    }

    /// <summary>Text from outside (a reply, an exception), capped and cleaned so that it can neither fill a disk nor forge a log line.</summary>
    public static string Outside(string? text, int longest = 500)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var capped = text.AsSpan(0, Math.Min(text.Length, longest));
        Span<char> clean = capped.Length <= 512 ? stackalloc char[capped.Length] : new char[capped.Length];
        for (var i = 0; i < capped.Length; i++)
        {
            clean[i] = IsUnsafe(capped[i]) ? ' ' : capped[i];
        }

        return clean.Trim().ToString();
    }

    // Control characters, line separators and the marks that turn the writing direction.
    private static bool IsUnsafe(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
