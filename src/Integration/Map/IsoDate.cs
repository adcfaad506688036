namespace Integration.Map;

/// <summary>A date or a date and time as text says it, before any zone.</summary>
/// <param name="Wall">The digits as they stand; UTC when <paramref name="IsInstant"/>.</param>
/// <param name="HasTime">False: a day, without a time of day.</param>
/// <param name="IsInstant">An offset or <c>Z</c> was given, so it is a moment on the world's clock.</param>
internal readonly record struct IsoDate(DateTime Wall, bool HasTime, bool IsInstant)
{
    /// <summary>Reads <c>yyyy-MM-dd</c>, with <c>[T ]HH:mm[:ss[.fffffff]][Z|±hh:mm]</c> behind it or not; nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IsoDate date)
    {
        date = default;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-'
            || !Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day)
            || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var wall = new DateTime(year, month, day);
        if (text.Length == 10)
        {
            date = new IsoDate(wall, false, false);
            return true;
        }

        if (text[10] is not ('T' or ' ') || !Time(text[11..], out var time, out var rest) || !Offset(rest, out var offset, out var isInstant))
        {
            return false;
        }

        var ticks = wall.Ticks + time - offset;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        date = new IsoDate(new DateTime(ticks), true, isInstant);
        return true;
    }

    private static bool Time(ReadOnlySpan<char> text, out long ticks, out ReadOnlySpan<char> rest)
    {
        ticks = 0;
        rest = default;
        if (text.Length < 5 || text[2] != ':' || !Digits(text[..2], out var hour) || !Digits(text[3..5], out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        ticks = hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute;
        rest = text[5..];
        if (rest is not [':', ..])
        {
            return true;
        }

        if (rest.Length < 3 || !Digits(rest[1..3], out var second) || second > 59)
        {
            return false;
        }

        ticks += second * TimeSpan.TicksPerSecond;
        rest = rest[3..];
        return rest is not ['.', ..] || Fraction(ref rest, ref ticks);
    }

    private static bool Fraction(ref ReadOnlySpan<char> rest, ref long ticks)
    {
        var digits = rest[1..];
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        var count = end < 0 ? digits.Length : end;
        if (count is 0 or > 7)
        {
            return false;
        }

        var unit = TimeSpan.TicksPerSecond;
        foreach (var digit in digits[..count])
        {
            unit /= 10;
            ticks += (digit - '0') * unit;
        }

        rest = digits[count..];
        return true;
    }

    private static bool Offset(ReadOnlySpan<char> text, out long ticks, out bool isInstant)
    {
        ticks = 0;
        isInstant = text.Length > 0;
        if (text is [] or ['Z'])
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !Digits(text[1..3], out var hours) || !Digits(text[4..], out var minutes) || hours > 14 || minutes > 59)
        {
            return false;
        }

        ticks = (hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = value * 10 + (c - '0');
        }

        return true;
    }
}
