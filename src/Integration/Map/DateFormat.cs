using System.Globalization;
using Integration.Records;

namespace Integration.Map;

/// <summary>What is known of a .NET custom date format before any date has been seen.</summary>
internal static class DateFormat
{
    private const string Parts = "yMdHhmsfFtgzK";

    /// <summary>True when the format shows or reads a time of day.</summary>
    public static bool HasTimeOfDay(string format) => Runs(format).Any(r => "HhmsfFt".Contains(r.Letter, StringComparison.Ordinal));

    /// <returns>Null when dates can be written in this format without saying something they are not.</returns>
    public static Text? FlawForWriting(string format) => Flaw(format, [.. Runs(format)]);

    /// <returns>Null when a text in this format names exactly one day.</returns>
    public static Text? FlawForReading(string format)
    {
        var runs = Runs(format).ToList();
        if (Flaw(format, runs) is { } flaw)
        {
            return flaw;
        }

        return Has(runs, 'y') && Has(runs, 'M') && Has(runs, 'd') && runs.Where(r => r.Letter == 'y').All(r => r.Length >= 4)
            ? null
            : new Text($"'{format}' phải có đủ năm bốn chữ số, tháng và ngày.", $"'{format}' must hold a year of four digits, a month and a day.");
    }

    private static Text? Flaw(string format, List<(char Letter, int Length)> runs)
    {
        if (format.Length < 2 || runs.Count == 0 || !CanWrite(format))
        {
            return new Text($"'{format}' không phải định dạng ngày.", $"'{format}' is not a date format.");
        }

        if (Has(runs, 'K') || Has(runs, 'z'))
        {
            return new Text($"'{format}' ghi lệch múi giờ; thời điểm luôn được ghi theo múi giờ của luồng.",
                $"'{format}' shows a zone offset; times are always written in the pipeline's zone.");
        }

        if (runs.GroupBy(r => char.ToUpperInvariant(r.Letter) == 'F' ? 'f' : r.Letter).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            return new Text($"'{format}' có '{twice.Key}' hai lần (MM là tháng, mm là phút).", $"'{format}' has '{twice.Key}' twice (MM is the month, mm the minute).");
        }

        if (Has(runs, 'm') && !Has(runs, 'H') && !Has(runs, 'h'))
        {
            return new Text($"'{format}' có phút (mm) mà không có giờ; tháng là MM.", $"'{format}' has minutes (mm) and no hour; the month is MM.");
        }

        return Has(runs, 'h') && !Has(runs, 't')
            ? new Text($"'{format}' ghi giờ 12 (hh) mà không có buổi; dùng HH.", $"'{format}' has the hour of a half day (hh); use HH.")
            : null;
    }

    private static bool Has(List<(char Letter, int Length)> runs, char letter) => runs.Exists(r => r.Letter == letter);

    private static bool CanWrite(string format)
    {
        try
        {
            new DateTime(2001, 12, 30, 4, 5, 6).ToString(format, CultureInfo.InvariantCulture);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    // Letters that stand for a part of the date, without what is quoted or escaped.
    private static IEnumerable<(char Letter, int Length)> Runs(string format)
    {
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c == '\\')
            {
                i++;
            }
            else if (c is '\'' or '"')
            {
                i = format.IndexOf(c, i + 1) is var end and >= 0 ? end : format.Length;
            }
            else if (Parts.Contains(c, StringComparison.Ordinal))
            {
                var start = i;
                while (i + 1 < format.Length && format[i + 1] == c)
                {
                    i++;
                }

                yield return (c, i - start + 1);
            }
        }
    }
}
