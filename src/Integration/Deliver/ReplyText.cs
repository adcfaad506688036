using Integration.Records;

namespace Integration.Deliver;

/// <summary>Text of a receiver as it may be kept and shown.</summary>
internal static class ReplyText
{
    // The shortest personal number is an old identity card: nine digits.
    private const int PersonalDigits = 9;

    /// <summary>Capped, cleaned of control characters, and every long run of digits reduced to its last three.</summary>
    public static string Clean(string? text, int longest = 500)
    {
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

            var run = shown.AsSpan(i, end - i);
            _ = run.Length >= PersonalDigits ? masked.Append("***").Append(run[^3..]) : masked.Append(run);
            i = end;
        }

        return masked.ToString();
    }
}
