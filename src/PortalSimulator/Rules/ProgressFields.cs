namespace PortalSimulator.Rules;

/// <summary><c>CapNhatTienDoHoSoMC</c>. A null <c>NoiDungXuLy</c> and a <c>NguoiXuLy</c> over 50 characters are what broke real pushes.</summary>
internal static class ProgressFields
{
    public static readonly Schema Schema = new("MaHoSo",
        new Field { Name = "MaHoSo", Required = true, NotBlank = true },
        new Field { Name = "NguoiXuLy", Required = true, Longest = 50 },
        new Field { Name = "ChucDanh" },
        new Field { Name = "ThoiDiemXuLy", Kind = FieldKind.Time, Required = true, NotBlank = true },
        new Field { Name = "PhongBanXuLy" },
        new Field { Name = "NoiDungXuLy", Required = true },
        new Field { Name = "TrangThai", Required = true, NotBlank = true, Codes = DossierFields.Statuses },
        new Field { Name = "NgayBatDau", Kind = FieldKind.Time },
        new Field { Name = "NgayKetThucTheoQuyDinh", Kind = FieldKind.Time });
}
