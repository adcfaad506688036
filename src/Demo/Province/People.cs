using System.Globalization;

namespace Demo.Province;

/// <summary>People who do not exist: names made of parts, numbers of the right form that nobody has.</summary>
internal static class People
{
    private static readonly string[] _family = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Nông", "Hà", "Ma", "Lý", "Triệu", "Giàng", "Vàng", "Quan", "Chẩu", "Phùng", "Lương"];
    private static readonly string[] _middle = ["Văn", "Thị", "Đức", "Minh", "Thanh", "Ngọc", "Quốc", "Thu", "Hữu", "Bích", "Xuân", "Hồng"];
    private static readonly string[] _given = ["An", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hạnh", "Hòa", "Hương", "Khánh", "Lan", "Liên", "Long", "Mai", "Nam", "Nghĩa", "Phúc", "Quý", "Sơn", "Thảo", "Thủy", "Tuấn", "Vinh", "Yến"];

    public static readonly string[] Titles = ["Chuyên viên", "Công chức tư pháp - hộ tịch", "Công chức địa chính", "Trưởng phòng", "Phó Giám đốc", "Chủ tịch UBND xã"];
    public static readonly string[] Departments = ["Bộ phận Một cửa", "Phòng Chuyên môn", "Phòng Hành chính công", "Lãnh đạo đơn vị", "Văn thư"];

    public static string Name(Dice dice) => $"{dice.Pick(_family)} {dice.Pick(_middle)} {dice.Pick(_given)}";

    public static string Company(Dice dice) => $"Công ty TNHH Mẫu {dice.Pick(_given)} {dice.Pick(_given)}";

    /// <summary>No province has 099 as its code, so no person has such a number.</summary>
    public static string CitizenId(Dice dice) => string.Create(CultureInfo.InvariantCulture, $"099{dice.Next(1_000_000_000):000000000}");

    public static string OldId(Dice dice) => string.Create(CultureInfo.InvariantCulture, $"999{dice.Next(1_000_000):000000}");

    public static string Phone(Dice dice) => string.Create(CultureInfo.InvariantCulture, $"0900000{dice.Next(1000):000}");

    public static string Email(int number) => string.Create(CultureInfo.InvariantCulture, $"nguoidan{number}@mau.example");
}
