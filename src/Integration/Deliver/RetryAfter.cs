using System.Globalization;

namespace Integration.Deliver;

/// <summary>How long a receiver asks to be left alone (RFC 9110, 10.2.3).</summary>
/// <param name="Wait">Null when it did not say, or not in a form that can be read.</param>
/// <param name="Asked">What it asked for, when that was more than the limit.</param>
internal readonly record struct RetryAfter(TimeSpan? Wait, TimeSpan? Asked = null, bool IsUnreadable = false)
{
    /// <param name="header">Whole seconds or an HTTP date; null when there was none.</param>
    public static RetryAfter Read(string? header, DateTimeOffset now, TimeSpan longest)
    {
        var text = header?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return default;
        }

        if (text.All(char.IsAsciiDigit))
        {
            // More digits than a TimeSpan can hold are as good as forever.
            var seconds = text.Length <= 10 ? long.Parse(text, CultureInfo.InvariantCulture) : 9_999_999_999;
            return Limit(TimeSpan.FromSeconds(seconds), longest);
        }

        if (DateTimeOffset.TryParseExact(text, HttpDates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var at))
        {
            return Limit(at > now ? at - now : TimeSpan.Zero, longest);
        }

        return new RetryAfter(null, IsUnreadable: true);
    }

    // The preferred form and the two obsolete ones every recipient must still read.
    private static readonly string[] HttpDates = ["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    private static RetryAfter Limit(TimeSpan asked, TimeSpan longest) => asked > longest ? new RetryAfter(longest, asked) : new RetryAfter(asked);
}
