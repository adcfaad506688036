using System.Globalization;

namespace Integration.Validate;

/// <summary>What is known of an <c>x-date</c> format before any payload has been seen.</summary>
internal static class DateForm
{
    private static readonly DateTime Sample = new DateTime(2001, 12, 30, 14, 5, 6).AddMilliseconds(789);

    private static readonly long[] Precisions =
        [TimeSpan.TicksPerDay, TimeSpan.TicksPerHour, TimeSpan.TicksPerMinute, TimeSpan.TicksPerSecond, TimeSpan.TicksPerMillisecond];

    /// <summary>True when a date in this format reads back as the same day, and the same time as far as it goes.</summary>
    public static bool IsExact(string format) =>
        RoundTrip(Sample, format) is { } read && Precisions.Any(p => read.Ticks == Sample.Ticks - Sample.Ticks % p);

    public static bool ShowsTime(string format) => RoundTrip(Sample, format) is { } read && read.TimeOfDay != TimeSpan.Zero;

    private static DateTime? RoundTrip(DateTime date, string format)
    {
        try
        {
            var text = date.ToString(format, CultureInfo.InvariantCulture);
            return DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) ? read : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
