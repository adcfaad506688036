using System.Globalization;
using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>
/// Reads one column as a wall clock time of the pipeline's zone, or as a day. A day passes through no zone, and no day is given a time of day.
/// </summary>
/// <param name="column">Name for messages.</param>
/// <param name="parse">Form of dates that are held as text or digits; null: ISO 8601 text only.</param>
internal sealed class ColumnDate(int ordinal, string column, string? parse, TimeZoneInfo zone, FieldPlace place)
{
    private const int FirstYear = 1900;
    private const int LastYear = 2100;
    private static readonly DateTime s_first = new(FirstYear, 1, 1);
    private static readonly DateTime s_end = new(LastYear + 1, 1, 1);

    // Whatever the format, and with room to spare.
    private const int LongestDate = 512;

    private readonly ColumnText _text = new(ordinal, column, place);
    private readonly bool _parsesTime = parse is not null && DateFormat.HasTimeOfDay(parse);

    /// <param name="date">Null when the row has no value.</param>
    /// <returns>False when the value was refused; the rejection is in the scope.</returns>
    public bool TryRead(RowScope scope, out DateTime? date, out bool hasTime)
    {
        var cell = scope.Page[scope.Row, ordinal];
        hasTime = cell.Kind is CellKind.LocalTime or CellKind.Instant;
        date = null;
        switch (cell.Kind)
        {
            case CellKind.Date:
                date = DateOnly.FromDayNumber((int)cell.Bits).ToDateTime(TimeOnly.MinValue);
                break;
            case CellKind.LocalTime:
                date = new DateTime(cell.Bits);
                break;
            case CellKind.Instant:
                date = InZone(cell.Bits);
                break;
            default:
                if (!TryReadText(scope, out date, out hasTime))
                {
                    return false;
                }

                break;
        }

        if (date is { } found && (found < s_first || found >= s_end))
        {
            place.Reject(scope, Rules.BadFormat, default, $"năm ngoài {FirstYear}..{LastYear} / year outside {FirstYear}..{LastYear}", column);
            return false;
        }

        return true;
    }

    private bool TryReadText(RowScope scope, out DateTime? date, out bool hasTime)
    {
        date = null;
        hasTime = _parsesTime;
        if (!_text.TryRead(scope, ref scope.First, out var text, out var kind))
        {
            return false;
        }

        if (text.IsEmpty)
        {
            return true;
        }

        if (TryParse(text, kind, out date, ref hasTime))
        {
            return true;
        }

        place.Reject(scope, Rules.BadFormat, text.ToString(), parse ?? "yyyy-MM-dd[ HH:mm[:ss]]", column);
        return false;
    }

    private bool TryParse(WireText text, CellKind kind, out DateTime? date, ref bool hasTime)
    {
        date = null;
        if (text.Length > LongestDate)
        {
            return false;
        }

        Span<char> room = stackalloc char[LongestDate];
        var chars = room[..Encoding.UTF8.GetChars(text.Utf8, room)];
        if (parse is not null && kind is (CellKind.Text or CellKind.Integer))
        {
            var isDate = DateTime.TryParseExact(chars, parse, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed);
            date = isDate ? parsed : null;
            return isDate;
        }

        if (kind != CellKind.Text || !IsoDate.TryParse(chars, out var iso))
        {
            return false;
        }

        date = iso.IsInstant ? InZone(iso.Wall.Ticks) : iso.Wall;
        hasTime = iso.HasTime;
        return true;
    }

    private DateTime InZone(long utcTicks) => TimeZoneInfo.ConvertTimeFromUtc(new DateTime(utcTicks, DateTimeKind.Utc), zone);
}
