using System.Buffers;
using System.Globalization;

namespace Integration.Extract.Sql;

/// <summary>Days and times as databases write them: <c>yyyy-MM-dd[ HH:mm[:ss[.fffffff]][zone]]</c>, years 1 to 9999.</summary>
internal static class Moment
{
    private static readonly SearchValues<char> ZoneChars = SearchValues.Create("+-:0123456789");

    /// <summary>A calendar day and nothing else.</summary>
    public static bool TryParseDay(ReadOnlySpan<char> text, out DateTime day)
    {
        day = default;
        if (text.Length != 10 || text[4] != '-' || text[7] != '-'
            || !TryNumber(text[..4], out var y) || !TryNumber(text.Slice(5, 2), out var m) || !TryNumber(text[8..], out var d)
            || y < 1 || m is < 1 or > 12 || d < 1 || d > DateTime.DaysInMonth(y, m))
        {
            return false;
        }

        day = new DateTime(y, m, d);
        return true;
    }

    /// <summary>The wall clock as written; a zone behind it is given back and changes nothing.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTime value, out ReadOnlySpan<char> zone)
    {
        zone = default;
        if (text.Length <= 10)
        {
            return TryParseDay(text, out value);
        }

        var rest = text[11..];
        if (!TryParseDay(text[..10], out value) || text[10] is not (' ' or 'T') || rest.Length < 5 || rest[2] != ':'
            || !TryNumber(rest[..2], out var hour) || !TryNumber(rest.Slice(3, 2), out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        value = value.AddHours(hour).AddMinutes(minute);
        rest = rest[5..];
        if (rest.Length >= 3 && rest[0] == ':')
        {
            if (!TryNumber(rest.Slice(1, 2), out var second) || second > 59)
            {
                return false;
            }

            value = value.AddSeconds(second);
            rest = rest[3..];
            if (rest.Length > 1 && rest[0] == '.')
            {
                var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
                digits = digits < 0 ? rest.Length - 1 : digits;
                if (digits is 0 or > 7 || !TryNumber(rest.Slice(1, digits), out var fraction))
                {
                    return false;
                }

                value = value.AddTicks(fraction * (long)Math.Pow(10, 7 - digits));
                rest = rest[(1 + digits)..];
            }
        }

        zone = rest;
        return rest.IsEmpty || rest is "Z" || (rest[0] is '+' or '-' && rest.Length is 3 or 5 or 6 or 9 && !rest.ContainsAnyExcept(ZoneChars));
    }

    /// <summary>A moment written the way <paramref name="like"/> is, never later than the moment.</summary>
    public static string Write(DateTime value, ReadOnlySpan<char> like)
    {
        if (like.Length <= 10)
        {
            return value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        var zone = TryParse(like, out _, out var suffix) ? suffix : default;
        return value.ToString(like[10] == 'T' ? "yyyy-MM-dd'T'HH:mm:ss.FFFFFF" : "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + zone.ToString();
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out int value)
    {
        value = 0;
        foreach (var c in digits)
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
