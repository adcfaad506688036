using System.Text.RegularExpressions;
using Cronos;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>Reads the <c>schedule:</c> part.</summary>
internal static partial class TimetableReader
{
    private const string UsualZone = "Asia/Ho_Chi_Minh";

    public static Timetable? Read(YamlNode node, FaultList faults)
    {
        if (Section.Open(node, "schedule", Words.Schedule, faults) is not { } words || words.Required("cron", "schedule") is null)
        {
            return null;
        }

        var zone = Zone(words, faults);
        return words.Text("cron") is { } cron && zone is not null && Fires(cron, zone, words, faults) ? new Timetable(cron, zone) : null;
    }

    private static TimeZoneInfo? Zone(Section words, FaultList faults)
    {
        var id = words.Has("zone") ? words.Text("zone") : UsualZone;
        if (id is null || (ZoneForm().IsMatch(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out _)))
        {
            return id is null ? null : TimeZoneInfo.FindSystemTimeZoneById(id);
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(UsualZone, out _))
        {
            faults.Add(words.PlaceOf("zone"), $"không có múi giờ '{Shown.Word(id)}': máy thiếu dữ liệu múi giờ; cài gói tzdata",
                $"there is no zone '{Shown.Word(id)}': this machine has no time zone data; install tzdata");
            return null;
        }

        var nearest = NearestWord.Of(id, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)) ?? UsualZone;
        faults.Add(words.PlaceOf("zone"), $"không có múi giờ '{Shown.Word(id)}'; có phải '{nearest}'?", $"there is no zone '{Shown.Word(id)}'; did you mean '{nearest}'?");
        return null;
    }

    private static bool Fires(string cron, TimeZoneInfo zone, Section words, FaultList faults)
    {
        var at = words.Node("cron")!.At;
        if (cron.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != 5 || !CronExpression.TryParse(cron, CronFormat.Standard, out var expression))
        {
            faults.Add(at, "'cron' phải có đúng 5 trường hợp lệ: phút, giờ, ngày, tháng, thứ (ví dụ \"*/10 * * * *\")",
                "'cron' must have five valid fields: minute, hour, day, month, day of the week (such as \"*/10 * * * *\")");
            return false;
        }

        if (expression.GetNextOccurrence(DateTime.UnixEpoch, zone) is null)
        {
            faults.Add(at, $"lịch '{Shown.Word(cron)}' không bao giờ tới giờ chạy", $"the schedule '{Shown.Word(cron)}' never comes round");
            return false;
        }

        return true;
    }

    [GeneratedRegex("^[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}$", RegexOptions.NonBacktracking)]
    private static partial Regex ZoneForm();
}
