using System.Globalization;

namespace Demo.Province;

/// <summary>The way of one dossier through the offices: its steps, and the dates that follow from them.</summary>
internal sealed record Trail(string Status, IReadOnlyList<Step> Steps, DateTime? Finished, DateTime? Returned, DateTime? Refused)
{
    private static readonly Dictionary<string, string[]> _paths = new(StringComparer.Ordinal)
    {
        ["moi"] = ["moi"],
        ["tiep-nhan"] = ["tiep-nhan"],
        ["khong-tiep-nhan"] = ["moi", "khong-tiep-nhan"],
        ["dang-xu-ly"] = ["tiep-nhan", "dang-xu-ly"],
        ["bo-sung"] = ["tiep-nhan", "dang-xu-ly", "bo-sung"],
        ["nghia-vu-tai-chinh"] = ["tiep-nhan", "dang-xu-ly", "nghia-vu-tai-chinh"],
        ["rut"] = ["tiep-nhan", "dang-xu-ly", "rut"],
        ["dung"] = ["tiep-nhan", "dang-xu-ly", "dung"],
        ["xong"] = ["tiep-nhan", "dang-xu-ly", "dang-xu-ly", "xong"],
        ["da-tra"] = ["tiep-nhan", "dang-xu-ly", "xong", "da-tra"],
    };

    private static readonly Dictionary<string, string> _contents = new(StringComparer.Ordinal)
    {
        ["moi"] = "Đăng ký hồ sơ mới",
        ["tiep-nhan"] = "Tiếp nhận hồ sơ và chuyển phòng chuyên môn",
        ["khong-tiep-nhan"] = "Không tiếp nhận: hồ sơ không thuộc thẩm quyền",
        ["dang-xu-ly"] = "Thẩm định nội dung hồ sơ",
        ["bo-sung"] = "Yêu cầu bổ sung giấy tờ",
        ["nghia-vu-tai-chinh"] = "Yêu cầu thực hiện nghĩa vụ tài chính",
        ["rut"] = "Người nộp xin rút hồ sơ",
        ["dung"] = "Dừng xử lý hồ sơ",
        ["xong"] = "Ký duyệt, chuyển kết quả về Bộ phận Một cửa",
        ["da-tra"] = "Trả kết quả cho người nộp",
    };

    public static IReadOnlyCollection<string> Statuses => _paths.Keys;

    public DateTime Last => Steps[^1].At;

    public static Trail Walk(Dice dice, string status, string dossier, DateTime received, DateTime due, int days)
    {
        var path = _paths[status];
        if (status == "da-tra" && dice.Percent(40))
        {
            path = ["tiep-nhan", "dang-xu-ly", "dang-xu-ly", "xong", "da-tra"];
        }

        // Every step before the sample was taken; some dossiers end late.
        var most = (DossierMaker.Taken.Date - received.Date).Days - 1;
        var length = Math.Min(most, 1 + dice.Next((days * 3 / 2) + 1));
        var steps = new Step[path.Length];
        var at = received;
        for (var i = 0; i < steps.Length; i++)
        {
            if (i > 0)
            {
                var day = received.Date.AddDays(length * i / (steps.Length - 1));
                at = day > at.Date ? day.AddHours(7.5).AddSeconds(dice.Next(9 * 3600)) : at.AddMinutes(dice.Between(5, 60));
            }

            steps[i] = new Step(
                string.Create(CultureInfo.InvariantCulture, $"{dossier}.{i + 1:00}"), i + 1, People.Name(dice), dice.Pick(People.Titles), at,
                dice.Pick(People.Departments), _contents[path[i]], path[i], at, due, at.AddMicroseconds(dice.Next(1_000_000)));
        }

        return new Trail(status, steps, Find(steps, "xong"), Find(steps, "da-tra"), Find(steps, "khong-tiep-nhan"));
    }

    private static DateTime? Find(Step[] steps, string status) => Array.Find(steps, s => s.Status == status)?.At;
}
