using Integration.Records;

namespace Integration.Deliver;

/// <summary>Text of a receiver as it may be kept and shown.</summary>
internal static class ReplyText
{
    // The shortest personal number is an old identity card: nine digits.
    private const int PersonalDigits = 9;

    private static readonly System.Buffers.SearchValues<char> s_plain = System.Buffers.SearchValues.Create("-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>NFC, so that texts typed on different machines compare equal. Text with broken surrogates has no NFC and stays as it is.</summary>
    public static string Compose(string text)
    {
        try
        {
            return text.Normalize(System.Text.NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    /// <summary>Capped, cleaned of control characters, and every long run of digits reduced to its last three.</summary>
    public static string Clean(string? text, int longest = 500)
    {
        // Most codes: too short to hold what is personal, and nothing in them to clean.
        if (text is { Length: < PersonalDigits } && text.Length <= longest && text.AsSpan().IndexOfAnyExcept(s_plain) < 0)
        {
            return text;
        }

        var shown = Masking.Outside(text, longest);
        var masked = new System.Text.StringBuilder(shown.Length);
        for (var i = 0; i < shown.Length;)
        {
            var end = i;
            while (end < shown.Length && char.IsDigit(shown[end]))
            {
                end++;
            }

            if (end == i)
            {
                masked.Append(shown[i++]);
                continue;
            }

            // A number that the cap cut through may have been a long one.
            var run = shown.AsSpan(i, end - i);
            _ = end == shown.Length && text!.Length > longest ? masked.Append("***")
                : run.Length >= PersonalDigits ? masked.Append("***").Append(run[^3..])
                : masked.Append(run);
            i = end;
        }

        return masked.ToString();
    }
}
