namespace Demo.Province;

/// <param name="Level">1 province, 2 former district, 3 commune.</param>
/// <param name="Until">Last day on which the agency received dossiers; null: it still does.</param>
/// <param name="Since">First day; null: always.</param>
/// <param name="Successor">Who took over the day after; null: nobody did, or it still stands.</param>
internal sealed record Agency(string Code, string Name, int Level, string? Parent, DateOnly? Since = null, DateOnly? Until = null, Agency? Successor = null)
{
    public bool ReceivesOn(DateOnly day) => (Since is null || day >= Since) && (Until is null || day <= Until);
}

/// <summary>
/// The agencies of the sample province before and after 2025-07-01: two provinces (H60, H22) became one, districts ended, and about three
/// communes each became one of 124. Every name is invented.
/// </summary>
internal static class Agencies
{
    public const int CommunesNow = 124;

    public static readonly DateOnly LastDayBefore = new(2025, 6, 30);
    public static readonly DateOnly Merger = new(2025, 7, 1);

    private static readonly string[] _departments =
    [
        "Sở Nội vụ", "Sở Tư pháp", "Sở Tài chính", "Sở Xây dựng", "Sở Công Thương", "Sở Nông nghiệp và Môi trường", "Sở Y tế",
        "Sở Giáo dục và Đào tạo", "Sở Văn hóa, Thể thao và Du lịch", "Sở Khoa học và Công nghệ", "Sở Dân tộc và Tôn giáo", "Thanh tra tỉnh",
        "Ban Quản lý các khu công nghiệp", "Văn phòng UBND tỉnh",
    ];

    private static readonly string[] _first = ["An", "Bình", "Cẩm", "Đông", "Hồng", "Kim", "Lâm", "Minh", "Ngọc", "Phú", "Quang", "Sơn", "Tân", "Thanh", "Thượng", "Trung", "Vĩnh", "Yên"];
    private static readonly string[] _second = ["Bản", "Cốc", "Đàm", "Giang", "Hà", "Khê", "Lạc", "Mỏ", "Nà", "Pác", "Quản", "Suối", "Thạch", "Vân"];

    public static IReadOnlyList<Agency> All { get; } = Found();

    private static List<Agency> Found()
    {
        var all = new List<Agency> { new("H60", "UBND tỉnh Mẫu", 1, null) };
        all.Add(new Agency("H22", "UBND tỉnh Mẫu Thượng (cũ)", 1, null, null, LastDayBefore, all[0]));
        for (var i = 0; i < _departments.Length; i++)
        {
            var stays = new Agency($"H60.{i + 1:00}", $"{_departments[i]} tỉnh Mẫu", 1, "H60");
            all.Add(stays);
            all.Add(new Agency($"H22.{i + 1:00}", $"{_departments[i]} tỉnh Mẫu Thượng (cũ)", 1, "H22", null, LastDayBefore, stays));
        }

        AddDistricts(all, "H60", 0, 7);
        AddDistricts(all, "H22", 7, 11);
        var names = 0;
        AddCommunes(all, "H60", 7, 51, ref names);
        AddCommunes(all, "H22", 11, CommunesNow - 51, ref names);
        return all;
    }

    private static void AddDistricts(List<Agency> all, string prefix, int names, int count)
    {
        for (var i = 0; i < count; i++)
        {
            all.Add(new Agency($"{prefix}.{21 + i}", $"UBND huyện {Name(300 + (names + i) * 11)} (cũ)", 2, prefix, null, LastDayBefore));
        }
    }

    private static void AddCommunes(List<Agency> all, string prefix, int districts, int count, ref int names)
    {
        for (var i = 0; i < count; i++)
        {
            var kind = i % 18 == 0 ? "phường" : "xã";
            var commune = new Agency($"{prefix}.40.{i + 1:00}", $"UBND {kind} {Name(names++)}", 3, "H60", Merger);
            all.Add(commune);
            for (var part = 0; part < 2 + (i % 2); part++)
            {
                var district = $"{prefix}.{21 + (i % districts)}";
                var code = $"{district}.{(i / districts * 3) + part + 1:00}";
                all.Add(new Agency(code, $"UBND xã {Name(names++)} (cũ)", 3, district, null, LastDayBefore, commune));
            }
        }
    }

    private static string Name(int n) => n < _first.Length * _second.Length
        ? $"{_first[n % _first.Length]} {_second[n / _first.Length]}"
        : $"{_second[n % _second.Length]} {_first[n / _second.Length % _first.Length]}";
}
