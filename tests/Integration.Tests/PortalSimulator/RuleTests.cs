using System.Text;
using Newtonsoft.Json.Linq;
using PortalSimulator.Rules;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class RuleTests
{
    [Fact]
    public void The_samples_are_good()
    {
        Assert.Null(Check(DossierFields.Schema, Sample.Dossier("HS-1")));
        Assert.Null(Check(ProgressFields.Schema, Sample.Step("HS-1")));
        Assert.Null(Check(ServiceFields.Schema, Sample.Service("DVC-1")));
    }

    [Theory]
    [InlineData("MaHoSo")]
    [InlineData("MaTTHC")]
    [InlineData("TenTTHC")]
    [InlineData("MaLinhVuc")]
    [InlineData("TenLinhVuc")]
    [InlineData("KenhThucHien")]
    [InlineData("LoaiDoiTuong")]
    [InlineData("Email")]
    [InlineData("SoDienThoai")]
    [InlineData("TrichYeuHoSo")]
    [InlineData("NgayTiepNhan")]
    [InlineData("NgayHenTra")]
    [InlineData("TrangThaiHoSo")]
    [InlineData("HinhThuc")]
    [InlineData("DonViXuLy")]
    public void A_dossier_needs_its_required_fields_present_and_not_null(string field)
    {
        Assert.Equal($"{field}: missing", Dossier(d => d.Remove(field)));
        Assert.Equal($"{field}: null", Dossier(d => d[field] = null));
    }

    [Theory]
    [InlineData("MaHoSo", "  ", "blank")]
    [InlineData("NgayTiepNhan", "", "blank")]
    [InlineData("NgayTiepNhan", "2026-01-05 08:00:00", "no yyyyMMddHHmmss time")]
    [InlineData("NgayTiepNhan", "20260230080000", "no yyyyMMddHHmmss time")]
    [InlineData("NgayHenTra", "20260105", "no yyyyMMddHHmmss time")]
    [InlineData("MaTTHC", "MAU-1", "wrong form")]
    [InlineData("MaTTHC", "1.900001.X08", "wrong form")]
    [InlineData("MaTTHC", "1.900001\n", "wrong form")]
    [InlineData("KenhThucHien", "", "blank")]
    [InlineData("KenhThucHien", "4", "no known code")]
    [InlineData("TrangThaiHoSo", "0", "no known code")]
    [InlineData("TrangThaiHoSo", "11", "no known code")]
    [InlineData("TrangThaiHoSo", "04", "no known code")]
    [InlineData("LoaiDoiTuong", "5", "no known code")]
    public void A_dossier_field_that_breaks_its_rule_is_found(string field, string value, string rule) =>
        Assert.Equal($"{field}: {rule}", Dossier(d => d[field] = value));

    [Theory]
    [InlineData("1.900001")]
    [InlineData("1.900001.H08")]
    [InlineData("1.900001.000.00.00.H08")]
    [InlineData("2.900001.000.00.00.G22")]
    public void National_procedure_codes_of_every_seen_form_are_good(string code) => Assert.Null(Dossier(d => d["MaTTHC"] = code));

    [Fact]
    public void Two_thousand_characters_of_note_are_good_and_one_more_refuses_the_call()
    {
        Assert.Null(Dossier(d => d["GhiChu"] = new string('ế', 2000)));

        var finding = Check(DossierFields.Schema, Sample.Dossier("HS-1", d => d["GhiChu"] = new string('ế', 2001)));

        Assert.Equal("GhiChu: longer than 2000", finding?.ToString());
        Assert.True(finding?.RefusesTheCall);
    }

    [Fact]
    public void A_long_note_is_counted_in_characters_and_not_in_escapes() =>
        Assert.Null(Check(DossierFields.Schema, Sample.Dossier("HS-1", d => d["GhiChu"] = "~").Replace("~", string.Concat(Enumerable.Repeat("\\u1ebf", 2000)), StringComparison.Ordinal)));

    [Fact]
    public void A_field_the_contract_does_not_have_is_found_anywhere()
    {
        Assert.Equal("MaHoso: unknown-field", Dossier(d => d["MaHoso"] = "HS-1"));
        Assert.Equal("DanhSachLePhi[].Ma: unknown-field", Dossier(d => d["DanhSachLePhi"]![0]!["Ma"] = "1"));
        Assert.Equal(
            "DanhSachHoSoBoSung[].DanhSachLePhiBoSung[].Ma: unknown-field",
            Dossier(d => d["DanhSachHoSoBoSung"] = JArray.Parse("""[{"DanhSachLePhiBoSung":[{"Ma":"1"}]}]""")));
    }

    [Fact]
    public void A_property_that_stands_twice_is_found()
    {
        var dossier = Sample.Dossier("HS-1");
        Assert.Equal("MaHoSo: duplicate-property", Check(DossierFields.Schema, $"{dossier[..^1]},\"MaHoSo\":\"HS-1\"}}")?.ToString());
        Assert.Equal("MaHoSo: duplicate-property", Check(DossierFields.Schema, $"{dossier[..^1]},\"\\u004daHoSo\":\"HS-1\"}}")?.ToString());
    }

    [Fact]
    public void Types_are_those_of_the_contract()
    {
        Assert.Equal("KenhThucHien: wrong type", Dossier(d => d["KenhThucHien"] = 1));
        Assert.Equal("DanhSachLePhi: wrong type", Dossier(d => d["DanhSachLePhi"] = new JObject()));
        Assert.Equal("DanhSachTepDinhKemKhac[].SoLuong: wrong type", Dossier(d => d["DanhSachTepDinhKemKhac"] = JArray.Parse("""[{"SoLuong":"1"}]""")));
        Assert.Null(Dossier(d => d["DanhSachTepDinhKemKhac"] = JArray.Parse("""[{"TenGiayTo":"Đơn","SoLuong":1,"LoaiGiayTo":2}]""")));
        Assert.Equal("DanhSachHoSoBoSung[].TrangThaiBoSung: wrong type", Dossier(d => d["DanhSachHoSoBoSung"] = JArray.Parse("""[{"TrangThaiBoSung":"True"}]""")));
    }

    [Fact]
    public void Half_of_a_character_is_no_text() =>
        Assert.Equal(": not-text", Check(DossierFields.Schema, Sample.Dossier("HS-1").Replace("Người", "\\ud800", StringComparison.Ordinal).Replace("HS-1", "HS\\ud8001", StringComparison.Ordinal))?.ToString());

    [Fact]
    public void A_step_needs_its_content_and_a_short_name_of_its_official()
    {
        Assert.Equal("NoiDungXuLy: null", Step(s => s["NoiDungXuLy"] = null));
        Assert.Equal("NoiDungXuLy: missing", Step(s => s.Remove("NoiDungXuLy")));
        Assert.Null(Step(s => s["NguoiXuLy"] = new string('Đ', 50)));
        Assert.Equal("NguoiXuLy: longer than 50", Step(s => s["NguoiXuLy"] = new string('Đ', 51)));
        Assert.Equal("TrangThai: no known code", Step(s => s["TrangThai"] = "12"));
        Assert.Equal("ThoiDiemXuLy: blank", Step(s => s["ThoiDiemXuLy"] = ""));
    }

    [Fact]
    public void The_key_is_read_even_from_a_broken_record()
    {
        Assert.NotNull(RecordCheck.Check(DossierFields.Schema, """{"x":{"MaHoSo":"no"},"MaHoSo":"HS-1"}"""u8, out var key));
        Assert.Equal("HS-1", key);
        Assert.NotNull(RecordCheck.Check(DossierFields.Schema, "{}"u8, out key));
        Assert.Equal("", key);
    }

    private static string? Dossier(Action<JObject> change) => Check(DossierFields.Schema, Sample.Dossier("HS-1", change))?.ToString();

    private static string? Step(Action<JObject> change) => Check(ProgressFields.Schema, Sample.Step("HS-1", change: change))?.ToString();

    private static Finding? Check(Schema schema, string record) => RecordCheck.Check(schema, Encoding.UTF8.GetBytes(record), out _);
}
