using System.Text.RegularExpressions;

namespace PortalSimulator.Rules;

/// <summary>
/// <c>DongBoHoSoMC</c>. Required is what the reference client does not mark as optional, and <c>KenhThucHien</c>; that is a guess no source
/// confirms outright. Lengths are those real clients cut to, and 2,000 characters of <c>GhiChu</c>, which was seen to fail a whole push.
/// </summary>
internal static partial class DossierFields
{
    public static readonly string[] Statuses = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

    private static readonly string[] Flags = ["0", "1"];

    private static readonly Schema Paper = new("",
        new Field { Name = "TepDinhKemId" },
        new Field { Name = "TenTepDinhKem", Longest = 4000 },
        new Field { Name = "IsDeleted", Codes = ["True", "False"] },
        new Field { Name = "MaThanhPhanHoSo" },
        new Field { Name = "DuongDanTaiTepTin" },
        new Field { Name = "DuocSoHoa", Codes = Flags },
        new Field { Name = "DuocTaiSuDung", Codes = ["0", "1", "2"] },
        new Field { Name = "DuocLayTuKhoDMQG", Codes = Flags },
        new Field { Name = "MaKetQuaThayThe" });

    private static readonly Schema Fee = new("",
        new Field { Name = "TenPhiLePhi" },
        new Field { Name = "MaPhiLePhi" },
        new Field { Name = "HinhThucThu" },
        new Field { Name = "Gia" },
        new Field { Name = "LoaiPhiLePhi" });

    // No source is sure of the form of its dates: one client types them as DateTime, so they are taken as any text.
    private static readonly Schema Supplement = new("",
        new Field { Name = "HoSoBoSungId", Kind = FieldKind.Integer },
        new Field { Name = "NguoiYeuCauBoSung" },
        new Field { Name = "NoiDungBoSung" },
        new Field { Name = "NgayBoSung" },
        new Field { Name = "NguoiTiepNhanBoSung" },
        new Field { Name = "ThongTinTiepNhan" },
        new Field { Name = "NgayTiepNhanBoSung" },
        new Field { Name = "TrangThaiBoSung", Kind = FieldKind.Boolean },
        new Field { Name = "DanhSachGiayToBoSung", Kind = FieldKind.List, Items = Paper },
        new Field { Name = "DanhSachLePhiBoSung", Kind = FieldKind.List, Items = Fee },
        new Field { Name = "NgayHenTraTruoc" },
        new Field { Name = "NgayHenTraMoi" });

    private static readonly Schema Result = new("",
        new Field { Name = "TenGiayTo", Longest = 2000 },
        new Field { Name = "MaThanhPhanHoSo" },
        new Field { Name = "GiayToId" },
        new Field { Name = "DuongDanTepTinKetQua" },
        new Field { Name = "MaGiayToKetQua" });

    public static readonly Schema Schema = new("MaHoSo",
        new Field { Name = "MaHoSo", Required = true, NotBlank = true },
        new Field { Name = "MaTTHC", Required = true, NotBlank = true, Form = ProcedureCode() },
        new Field { Name = "TenTTHC", Required = true },
        new Field { Name = "MaLinhVuc", Required = true },
        new Field { Name = "TenLinhVuc", Required = true },
        new Field { Name = "KenhThucHien", Required = true, NotBlank = true, Codes = ["1", "2", "3"] },
        new Field { Name = "SoBienNhan" },
        new Field { Name = "ChuHoSo" },
        new Field { Name = "SoGiayToChuHoSo" },
        new Field { Name = "LoaiDoiTuong", Required = true, NotBlank = true, Codes = ["1", "2", "3", "4"] },
        new Field { Name = "MaDoiTuong" },
        new Field { Name = "ThongTinKhac" },
        new Field { Name = "Email", Required = true },
        new Field { Name = "Fax" },
        new Field { Name = "SoDienThoai", Required = true },
        new Field { Name = "TrichYeuHoSo", Required = true, Longest = 1000 },
        new Field { Name = "NgayTiepNhan", Kind = FieldKind.Time, Required = true, NotBlank = true },
        new Field { Name = "NgayHenTra", Kind = FieldKind.Time, Required = true },
        new Field { Name = "TrangThaiHoSo", Required = true, NotBlank = true, Codes = Statuses },
        new Field { Name = "NgayTra", Kind = FieldKind.Time },
        new Field { Name = "ThongTinTra" },
        new Field { Name = "HinhThuc", Required = true, Codes = Flags },
        new Field { Name = "NgayKetThucXuLy", Kind = FieldKind.Time },
        new Field { Name = "DonViXuLy", Required = true },
        new Field { Name = "GhiChu", Longest = 2000, TooLongRefusesTheCall = true },
        new Field { Name = "NoiNopHoSo", Codes = ["1", "2"] },
        new Field { Name = "HoSoCoThanhPhanSoHoa", Codes = Flags },
        new Field { Name = "TaiKhoanDuocXacThucVoiVNeID", Codes = Flags },
        new Field { Name = "DuocThanhToanTrucTuyen", Codes = ["0", "1", "2", "3"] },
        new Field { Name = "NgayTuChoi", Kind = FieldKind.Time },
        new Field { Name = "NgayNopHoSo", Kind = FieldKind.Time },
        new Field
        {
            Name = "DinhDanhCHS",
            Kind = FieldKind.List,
            Items = new Schema("", new Field { Name = "LoaiDinhDanh", Codes = ["1", "2"] }, new Field { Name = "SoDinhDanh", Form = IdentityNumber() }),
        },
        new Field { Name = "DSKetNoiCSDL", Kind = FieldKind.List, Items = new Schema("", new Field { Name = "MaCSDL" }) },
        new Field { Name = "TaiLieuNop", Kind = FieldKind.List, Items = Paper },
        new Field { Name = "DanhSachLePhi", Kind = FieldKind.List, Items = Fee },
        new Field
        {
            Name = "DanhSachTepDinhKemKhac",
            Kind = FieldKind.List,
            Items = new Schema("",
                new Field { Name = "TenGiayTo" },
                new Field { Name = "SoLuong", Kind = FieldKind.Integer },
                new Field { Name = "LoaiGiayTo", Kind = FieldKind.Integer }),
        },
        new Field { Name = "DanhSachHoSoBoSung", Kind = FieldKind.List, Items = Supplement },
        new Field { Name = "DanhSachGiayToKetQua", Kind = FieldKind.List, Items = Result });

    /// <summary>The form seen in the national codes of several clients; inferred, no source gives it.</summary>
    [GeneratedRegex(@"^[0-9]\.[0-9]{6}(\.000\.00\.00)?(\.[GH][0-9]{2})?\z", RegexOptions.CultureInvariant)]
    public static partial Regex ProcedureCode();

    [GeneratedRegex(@"^([0-9]{12}|[0-9]{9})\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdentityNumber();
}
