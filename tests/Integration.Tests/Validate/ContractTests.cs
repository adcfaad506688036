using System.Text;
using Integration.Records;
using Integration.Validate;
using Xunit;

namespace Integration.Tests.Validate;

public sealed class ContractTests
{
    private const string Schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["MaHoSo", "DanhSachLePhi"],
          "additionalProperties": false,
          "properties": {
            "MaHoSo": { "type": "string", "maxLength": 20, "pattern": "^[GH]\\d{2}-\\d{4}$" },
            "TrangThaiHoSo": { "type": "string", "enum": ["1", "2", "10"] },
            "ChuHoSo": { "type": "string", "minLength": 2, "maxLength": 10 },
            "GhiChu": { "type": "string", "maxLength": 5 },
            "SoLuong": { "type": "integer", "enum": [1, 2, 3] },
            "TyLe": { "type": "number" },
            "CoSoHoa": { "type": "boolean" },
            "NgayTiepNhan": { "type": "string", "x-date": "yyyyMMddHHmmss" },
            "NgayHenTra": { "type": "string", "x-date": "yyyyMMddHHmmss", "x-not-before": "NgayTiepNhan" },
            "NgayCap": { "type": "string", "x-date": "yyyyMMdd", "x-not-before": "NgayTiepNhan" },
            "DanhSachLePhi": {
              "type": "array", "minItems": 1,
              "items": {
                "type": "object", "required": ["Gia"], "additionalProperties": false,
                "properties": { "Gia": { "type": "string", "maxLength": 8 }, "Con": { "type": "array", "items": { "type": "integer" } } }
              }
            },
            "NguoiNop": { "type": "object", "properties": { "Email": { "type": "string", "maxLength": 3 } }, "required": ["Email"] }
          }
        }
        """;

    private static readonly Contract Dossier = ContractRig.Read(Schema);

    [Fact]
    public void A_good_payload_has_no_breach()
    {
        Assert.Empty(Check("""
            {"MaHoSo":"H22-0001","TrangThaiHoSo":"10","ChuHoSo":"Nguyễn A","GhiChu":"","SoLuong":2,"TyLe":1.5e3,"CoSoHoa":true,
             "NgayTiepNhan":"20250701080000","NgayHenTra":"20250701080000","DanhSachLePhi":[{"Gia":"0","Con":[1,2]}],"NguoiNop":{"Email":"a@b","Fax":1}}
            """));
    }

    [Theory]
    [InlineData("\"TrangThaiHoSo\":\"\"")]
    [InlineData("\"GhiChu\":\" \\u00a0\\n      \"")]
    [InlineData("\"NgayTiepNhan\":\"\"")]
    [InlineData("\"NgayHenTra\":\"20250701080000\",\"NgayTiepNhan\":\"\"")]
    public void Blank_text_is_no_value_and_passes(string field) => Assert.Empty(CheckWith(field));

    [Theory]
    [InlineData("\"ChuHoSo\":\"\"", "too-short", "ChuHoSo", "0 / 2")]
    [InlineData("\"ChuHoSo\":\"A\"", "too-short", "ChuHoSo", "1 / 2")]
    [InlineData("\"ChuHoSo\":\"Nguyễn Văn A\"", "too-long", "ChuHoSo", "12 / 10")]
    [InlineData("\"GhiChu\":\"123456\"", "too-long", "GhiChu", "6 / 5")]
    [InlineData("\"GhiChu\":\"\\u1ebf\\u1ebf\\u1ebf\\u1ebf\\u1ebf\\u1ebf\"", "too-long", "GhiChu", "6 / 5")]
    [InlineData("\"GhiChu\":null", "wrong-type", "GhiChu", null)]
    [InlineData("\"GhiChu\":[{\"a\":1}]", "wrong-type", "GhiChu", null)]
    [InlineData("\"TrangThaiHoSo\":\"3\"", "not-allowed", "TrangThaiHoSo", "1, 2, 10")]
    [InlineData("\"SoLuong\":4", "not-allowed", "SoLuong", "1, 2, 3")]
    [InlineData("\"SoLuong\":\"2\"", "wrong-type", "SoLuong", null)]
    [InlineData("\"SoLuong\":2.0", "wrong-type", "SoLuong", null)]
    [InlineData("\"SoLuong\":1e0", "wrong-type", "SoLuong", null)]
    [InlineData("\"SoLuong\":99999999999999999999", "wrong-type", "SoLuong", null)]
    [InlineData("\"TyLe\":\"1\"", "wrong-type", "TyLe", null)]
    [InlineData("\"CoSoHoa\":1", "wrong-type", "CoSoHoa", null)]
    [InlineData("\"NgayTiepNhan\":\"20250230080000\"", "bad-format", "NgayTiepNhan", "yyyyMMddHHmmss")]
    [InlineData("\"NgayTiepNhan\":\"20250701\"", "bad-format", "NgayTiepNhan", "yyyyMMddHHmmss")]
    [InlineData("\"NgayTiepNhan\":\" 20250701080000\"", "bad-format", "NgayTiepNhan", "yyyyMMddHHmmss")]
    [InlineData("\"Thua\":{\"x\":[1]}", "unknown-field", "Thua", null)]
    [InlineData("\"NguoiNop\":{}", "required", "NguoiNop.Email", null)]
    [InlineData("\"NguoiNop\":{\"Email\":\"abcd\"}", "too-long", "NguoiNop.Email", "4 / 3")]
    [InlineData("\"NguoiNop\":\"x\"", "wrong-type", "NguoiNop", null)]
    public void A_breach_names_rule_field_and_limit(string field, string rule, string path, string? detail)
    {
        var rejection = Assert.Single(CheckWith(field));

        Assert.Equal((rule, path), (rejection.Rule, rejection.TargetField));
        Assert.True(detail is null || rejection.Detail == detail, rejection.Detail);
        Assert.NotEmpty(Rules.What(rejection).Vi);
    }

    [Theory]
    [InlineData("{\"DanhSachLePhi\":[{\"Gia\":\"1\"}]}")]
    [InlineData("{\"MaHoSo\":\"\",\"DanhSachLePhi\":[{\"Gia\":\"1\"}]}")]
    [InlineData("{\"MaHoSo\":\" \\t\",\"DanhSachLePhi\":[{\"Gia\":\"1\"}]}")]
    public void A_required_field_that_is_missing_or_blank_is_refused_once(string payload) =>
        Assert.Equal(new Rejection(Rules.Required.Code, "MaHoSo", null, null, null), Assert.Single(Check(payload)));

    [Theory]
    [InlineData("H22-000١")]
    [InlineData("H22-0001\\n")]
    [InlineData("xH22-0001")]
    public void A_pattern_means_what_ecma_262_says(string value) =>
        Assert.Equal(Rules.BadFormat.Code, Assert.Single(Check($$"""{"MaHoSo":"{{value}}","DanhSachLePhi":[{"Gia":"1"}]}""")).Rule);

    [Fact]
    public void A_field_in_a_list_is_named_with_its_place()
    {
        var rejections = Check("""{"MaHoSo":"H22-0001","DanhSachLePhi":[{"Gia":"1"},{"Gia":""},{"Gia":"123456789","X":1,"Con":[1,"2"]},7]}""");

        Assert.Equal(
            ["DanhSachLePhi[1].Gia", "DanhSachLePhi[2].Gia", "DanhSachLePhi[2].X", "DanhSachLePhi[2].Con[1]", "DanhSachLePhi[3]"],
            rejections.Select(r => r.TargetField));
    }

    [Fact]
    public void A_list_with_too_few_items_is_refused()
    {
        Assert.Equal((Rules.TooShort.Code, "0 / 1"), Assert.Single(Check("""{"MaHoSo":"H22-0001","DanhSachLePhi":[]}""")) is var r ? (r.Rule, r.Detail) : default);
    }

    [Fact]
    public void A_date_may_not_lie_before_the_one_it_follows()
    {
        var rejection = Assert.Single(CheckWith("\"NgayHenTra\":\"20250701075959\",\"NgayTiepNhan\":\"20250701080000\""));

        Assert.Equal((Rules.DateOrder.Code, "NgayHenTra"), (rejection.Rule, rejection.TargetField));
        Assert.Equal("NgayHenTra 2025-07-01 07:59:59 < NgayTiepNhan 2025-07-01 08:00:00", rejection.Detail);
    }

    [Fact]
    public void A_day_is_not_before_a_moment_of_the_same_day()
    {
        Assert.Empty(CheckWith("\"NgayCap\":\"20250701\",\"NgayTiepNhan\":\"20250701080000\""));
        Assert.Equal(Rules.DateOrder.Code, Assert.Single(CheckWith("\"NgayCap\":\"20250630\",\"NgayTiepNhan\":\"20250701080000\"")).Rule);
    }

    [Fact]
    public void Personal_values_are_masked_also_in_details()
    {
        Assert.Equal("N***", Assert.Single(CheckWith("\"ChuHoSo\":\"Nguyễn Văn A\"", "ChuHoSo")).MaskedValue);
        Assert.Equal("***", Assert.Single(CheckWith("\"NguoiNop\":{\"Email\":\"abcd\"}", "NguoiNop")).MaskedValue?[1..]);
        Assert.Equal("NgayCap < NgayTiepNhan", Assert.Single(CheckWith("\"NgayCap\":\"20250630\",\"NgayTiepNhan\":\"20250701080000\"", "NgayCap")).Detail);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("<html>")]
    public void What_is_not_json_is_refused(string payload) => Assert.Contains(Check(payload), r => r.Rule == Rules.Unreadable.Code);

    [Fact]
    public void What_is_not_an_object_is_refused() => Assert.Equal(Rules.WrongType.Code, Assert.Single(Check("[]")).Rule);

    [Fact]
    public void A_field_that_stands_twice_is_refused() => Assert.Equal(Rules.WrongType.Code, Assert.Single(CheckWith("\"GhiChu\":\"a\",\"GhiChu\":\"b\"")).Rule);

    [Fact]
    public void Fields_are_told_by_path()
    {
        Assert.Equal(FieldType.List, Dossier.Types["DanhSachLePhi"]);
        Assert.Equal(FieldType.Text, Dossier.Types["DanhSachLePhi[].Gia"]);
        Assert.Equal(FieldType.Integer, Dossier.Types["DanhSachLePhi[].Con[]"]);
        Assert.Equal(FieldType.Object, Dossier.Types["NguoiNop"]);
        Assert.Equal(FieldType.Text, Dossier.Types["NguoiNop.Email"]);
        Assert.DoesNotContain("DanhSachLePhi[]", Dossier.Types.Keys);
        Assert.Equal(["DanhSachLePhi", "DanhSachLePhi[].Gia", "MaHoSo", "NguoiNop.Email"], Dossier.Required.Order());
    }

    [Fact]
    public void A_good_payload_is_checked_without_garbage()
    {
        var payload = Encoding.UTF8.GetBytes(
            """{"MaHoSo":"H22-0001","TrangThaiHoSo":"10","ChuHoSo":"Nguyễn A","GhiChu":"a\n","SoLuong":2,"NgayTiepNhan":"20250701080000","DanhSachLePhi":[{"Gia":"0"}]}""");
        var personal = new HashSet<string> { "ChuHoSo" };
        var rejections = new List<Rejection>();
        Repeat(200);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(1_000);
        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000);
        Assert.Empty(rejections);

        void Repeat(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Dossier.Check(payload, personal, rejections);
            }
        }
    }

    private static List<Rejection> CheckWith(string field, params string[] personal) =>
        Check($$"""{"MaHoSo":"H22-0001",{{field}},"DanhSachLePhi":[{"Gia":"1"}]}""", personal);

    private static List<Rejection> Check(string payload, params string[] personal)
    {
        var rejections = new List<Rejection>();
        Dossier.Check(Encoding.UTF8.GetBytes(payload), personal.ToHashSet(), rejections);
        return rejections;
    }
}
