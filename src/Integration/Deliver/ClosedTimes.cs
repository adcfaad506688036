using System.Globalization;
using Integration.Records;

namespace Integration.Deliver;

/// <summary>The receiver is closed by hours it announced.</summary>
/// <param name="What">For operators, with the time it opens again.</param>
internal readonly record struct Closing(DateTimeOffset Until, Text What)
{
    private const string Beginning = "Nơi nhận đóng cửa đến ";

    public static Closing Make(DateTimeOffset until, string? why)
    {
        var time = until.ToString("dd/MM/yyyy HH:mm", CultureInfo.InvariantCulture);
        var (vi, en) = why is null ? ("", "") : ($" ({why})", $" ({why})");
        return new(until, new Text(
            $"{Beginning}{time}{vi} theo cấu hình Closed của kết nối; không gửi gì, bản ghi chờ trong sổ.",
            $"The receiver is closed until {time}{en} by the connection's Closed setting; nothing is sent, records wait in the ledger."));
    }

    /// <summary>Whether a rest was written down for this reason: it ends early when the hours are changed.</summary>
    public static bool IsReason(Text reason) => reason.Vi.StartsWith(Beginning, StringComparison.Ordinal);
}

/// <summary>
/// When a receiver takes nothing: <c>Closed: [{ From: "22:00", To: "02:00" }, { From: "2026-02-17", To: "2026-02-22", Why: "Tết" }]</c>. Times
/// of day may cross midnight; the last day of dates belongs to them. All in <c>Zone</c>.
/// </summary>
internal sealed class ClosedTimes
{
    private const string UsualZone = "Asia/Ho_Chi_Minh";

    private static readonly string[] Moments = ["yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm"];

    private readonly List<Daily> _daily = [];
    private readonly List<Once> _once = [];
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;

    public static ClosedTimes Read(Settings settings)
    {
        var times = new ClosedTimes();
        var zone = settings.Text("Zone") ?? UsualZone;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
        {
            times._zone = found;
        }
        else
        {
            settings.Fault(new($"{settings.Place("Zone")}: không có múi giờ này; ví dụ {UsualZone}.", $"{settings.Place("Zone")}: there is no such zone; such as {UsualZone}."));
        }

        foreach (var part in settings.Parts("Closed"))
        {
            times.Add(part);
        }

        // Two hours of the day may leave none between them.
        if (times._daily.Count > 0 && new ClosedTimes { _zone = TimeZoneInfo.Utc }.With(times._daily).At(DateTimeOffset.UnixEpoch) is { Until.Year: > 1970 })
        {
            settings.Fault(new($"{settings.Place("Closed")}: nơi nhận không bao giờ mở cửa.", $"{settings.Place("Closed")}: the receiver never opens."));
        }

        return times;
    }

    /// <returns>Null when it is open.</returns>
    public Closing? At(DateTimeOffset now)
    {
        var start = TimeZoneInfo.ConvertTime(now, _zone).DateTime;
        var (end, why) = (start, (string?)null);
        for (var round = 0; round < 1000 && Covering(end) is var (until, said); round++)
        {
            (end, why) = (until, why ?? said);
        }

        return end == start ? null : Closing.Make(new DateTimeOffset(end, _zone.GetUtcOffset(end)), why);
    }

    private (DateTime Until, string? Why)? Covering(DateTime local)
    {
        foreach (var once in _once.Where(o => o.From <= local && local < o.To))
        {
            return (once.To, once.Why);
        }

        var time = TimeOnly.FromDateTime(local);
        foreach (var daily in _daily.Where(d => time.IsBetween(d.From, d.To)))
        {
            var end = local.Date + daily.To.ToTimeSpan();
            return (end > local ? end : end.AddDays(1), daily.Why);
        }

        return null;
    }

    private ClosedTimes With(IEnumerable<Daily> daily)
    {
        _daily.AddRange(daily);
        return this;
    }

    private void Add(Settings part)
    {
        var (from, to, why) = (part.Required("From"), part.Required("To"), part.Text("Why"));
        if (from.Length == 0 || to.Length == 0)
        {
            return;
        }

        if (ReadTime(from) is { } opens && ReadTime(to) is { } ends)
        {
            if (opens == ends)
            {
                part.Fault(new($"{part.Place("From")} và To trùng nhau.", $"{part.Place("From")} and To are the same."));
            }

            _daily.Add(new Daily(opens, ends, why));
        }
        else if (ReadMoment(from, isEnd: false) is { } first && ReadMoment(to, isEnd: true) is { } last)
        {
            if (last <= first)
            {
                part.Fault(new($"{part.Place("To")} phải sau From.", $"{part.Place("To")} must come after From."));
            }

            _once.Add(new Once(first, last, why));
        }
        else
        {
            part.Fault(new(
                $"{part.Place("From")} và To phải cùng là giờ (22:00), cùng là ngày (2026-02-17) hoặc cùng là ngày giờ (2026-02-17 22:00).",
                $"{part.Place("From")} and To must both be times (22:00), dates (2026-02-17), or dates with times (2026-02-17 22:00)."));
        }
    }

    private static TimeOnly? ReadTime(string text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static DateTime? ReadMoment(string text, bool isEnd)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return (isEnd ? date.AddDays(1) : date).ToDateTime(TimeOnly.MinValue);
        }

        return DateTime.TryParseExact(text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment : null;
    }

    private readonly record struct Daily(TimeOnly From, TimeOnly To, string? Why);

    /// <param name="To">The first moment that is open again.</param>
    private readonly record struct Once(DateTime From, DateTime To, string? Why);
}
