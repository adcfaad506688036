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
        var shown = value.Length switch
        {
            0 => "",
            <= 3 when personal => "***",
            _ when personal && char.IsAsciiDigit(value[^1]) => $"***{value[^3..]}",
            _ when personal => $"{value[0]}***",
            > Longest => $"{value[..Longest]}…",
            _ => value.ToString(),
        };
        return string.Create(shown.Length, shown, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = IsUnsafe(text[i]) || IsHalfPair(text, i) ? '\uFFFD' : text[i];
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
            clean[i] = IsUnsafe(capped[i]) || IsHalfPair(capped, i) ? ' ' : capped[i];
        }

        return clean.Trim().ToString();
    }

    // Half a surrogate pair cannot be stored as text: what was cut must not stop the quarantine.
    private static bool IsHalfPair(ReadOnlySpan<char> text, int i) => char.IsHighSurrogate(text[i])
        ? i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])
        : char.IsLowSurrogate(text[i]) && (i == 0 || !char.IsHighSurrogate(text[i - 1]));

    // Control characters, line separators and the marks that turn the writing direction.
    private static bool IsUnsafe(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
