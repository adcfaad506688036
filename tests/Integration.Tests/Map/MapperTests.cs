using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

public sealed class MapperTests
{
    [Fact]
    public void A_record_is_one_object_with_the_fields_in_the_order_of_the_map()
    {
        var page = MapRig.Page(("dossier_no", "H22-1"), ("note", "Gia hạn \"2\" <lần>\n"), ("name", "Nguyễn Văn A"));
        var (json, _) = MapRig.Run(
            [MapRig.From("MaHoSo", "dossier_no"), new FixedField("NoiNopHoSo", MapRig.At, "2"), MapRig.From("ChuHoSo", "name"), MapRig.From("GhiChu", "note")], page);

        Assert.Equal("""{"MaHoSo":"H22-1","NoiNopHoSo":"2","ChuHoSo":"Nguyễn Văn A","GhiChu":"Gia hạn \"2\" <lần>"}""", json);
    }

    [Fact]
    public void Nfc_and_nfd_twins_give_equal_bytes()
    {
        var fields = new FieldMap[] { MapRig.From("A", "c"), MapRig.From("B", "c", "c") with { Join = ", " } };

        Gen.OneOf("Đặng Thị Hồng Nhung", "hoà", "Ứng Hòa", "ế\u0323", "😀 Ợ", "ﬁ \u0958").Sample(text => Assert.Equal(
            MapRig.Run(fields, MapRig.Page(("c", text.Normalize(NormalizationForm.FormC)))).Json,
            MapRig.Run(fields, MapRig.Page(("c", text.Normalize(NormalizationForm.FormD)))).Json), iter: 50);
    }

    [Theory]
    [InlineData(1, "\"1\"")]
    [InlineData(true, "\"1\"")]
    [InlineData(false, "\"0\"")]
    [InlineData("  x ", "\"x\"")]
    [InlineData(null, "\"\"")]
    [InlineData(" \u00A0\t", "\"\"")]
    public void A_text_field_takes_plain_values_as_text(object? cell, string json) => Assert.Equal(json, MapRig.Value(MapRig.From("F", "c"), cell));

    [Fact]
    public void No_digit_of_a_number_is_lost()
    {
        Assert.Equal("\"120000.50\"", MapRig.Value(MapRig.From("F", "c"), 120000.50m));
        Assert.Equal("0.10", MapRig.Value(MapRig.From("F", "c"), 0.10m, FieldType.Number));
        Assert.Equal("9007199254740993", MapRig.Value(MapRig.From("F", "c"), 9007199254740993L, FieldType.Integer));
        Assert.Equal("79228162514264337593543950335", MapRig.Value(MapRig.From("F", "c"), decimal.MaxValue, FieldType.Number));
    }

    [Theory]
    [InlineData((byte)FieldType.Integer, "12", "12")]
    [InlineData((byte)FieldType.Integer, " -7 ", "-7")]
    [InlineData((byte)FieldType.Integer, true, "1")]
    [InlineData((byte)FieldType.Number, "-1.5e3", "-1.5e3")]
    [InlineData((byte)FieldType.Number, 7, "7")]
    [InlineData((byte)FieldType.Boolean, true, "true")]
    [InlineData((byte)FieldType.Boolean, 0, "false")]
    [InlineData((byte)FieldType.Boolean, "True", "true")]
    public void Numbers_and_flags_are_written_as_the_contract_types_them(byte type, object cell, string json) =>
        Assert.Equal(json, MapRig.Value(MapRig.From("F", "c"), cell, (FieldType)type));

    [Theory]
    [InlineData((byte)FieldType.Integer, "1.0")]
    [InlineData((byte)FieldType.Integer, "007")]
    [InlineData((byte)FieldType.Integer, "1,234")]
    [InlineData((byte)FieldType.Integer, "+5")]
    [InlineData((byte)FieldType.Integer, "-")]
    [InlineData((byte)FieldType.Integer, "99999999999999999999")]
    [InlineData((byte)FieldType.Integer, "٣")]
    [InlineData((byte)FieldType.Number, "1.234,5")]
    [InlineData((byte)FieldType.Number, ".5")]
    [InlineData((byte)FieldType.Number, "5.")]
    [InlineData((byte)FieldType.Number, "NaN")]
    [InlineData((byte)FieldType.Number, "1e")]
    [InlineData((byte)FieldType.Number, true)]
    [InlineData((byte)FieldType.Boolean, "yes")]
    [InlineData((byte)FieldType.Boolean, 2)]
    public void What_is_not_exactly_of_the_type_is_refused(byte type, object cell)
    {
        var rejection = MapRig.Refusal(MapRig.From("F", "c"), cell, (FieldType)type);

        Assert.Equal((Rules.WrongType.Code, "F", "c"), (rejection.Rule, rejection.TargetField, rejection.SourceField));
    }

    [Fact]
    public void A_whole_number_with_zeros_behind_its_point_is_whole_only_in_a_numeric_column()
    {
        Assert.Equal("5", MapRig.Value(MapRig.From("F", "c"), 5.00m, FieldType.Integer));
        Assert.Equal(Rules.WrongType.Code, MapRig.Refusal(MapRig.From("F", "c"), 5.01m, FieldType.Integer).Rule);
    }

    [Fact]
    public void Parts_that_have_a_value_are_joined()
    {
        var field = MapRig.From("DiaChi", "street", "ward", "province") with { Join = ", " };
        var all = MapRig.Page(("street", "Số 1"), ("ward", " "), ("province", "Tuyên Quang"));
        var none = MapRig.Page(("street", null), ("ward", ""), ("province", null));

        Assert.Equal("""{"DiaChi":"Số 1, Tuyên Quang"}""", MapRig.Run([field], all).Json);
        Assert.Equal("""{"DiaChi":""}""", MapRig.Run([field], none).Json);
    }

    [Fact]
    public void A_long_join_outgrows_no_buffer()
    {
        var field = MapRig.From("F", "a", "b") with { Join = "-" };
        var (a, b) = (new string('x', 5000), new string('ư', 7000).Normalize(NormalizationForm.FormD));

        Assert.Equal($$"""{"F":"{{a}}-{{new string('ư', 7000)}}"}""", MapRig.Run([field], MapRig.Page(("a", a), ("b", b))).Json);
    }

    [Fact]
    public void Text_that_is_too_long_is_refused_with_both_lengths()
    {
        var rejection = MapRig.Refusal(MapRig.From("GhiChu", "c") with { Max = 2000 }, new string('a', 2345));

        Assert.Equal((Rules.TooLong.Code, "2,345 / 2,000"), (rejection.Rule, rejection.Detail));
        Assert.Equal($"\"{new string('ế', 2000)}\"", MapRig.Value(
            MapRig.From("GhiChu", "c") with { Max = 2000 }, new string('ế', 2000).Normalize(NormalizationForm.FormD)));
    }

    [Theory]
    [InlineData("abcdef", 3, "abc")]
    [InlineData("ab😀cd", 3, "ab")]
    [InlineData("ab😀cd", 4, "ab😀")]
    [InlineData("ab cd", 3, "ab")]
    [InlineData("abx\u0323\u0304cd", 4, "ab")]
    [InlineData("👩‍👩‍👧 gia đình", 9, "👩‍👩‍👧")]
    public void Text_is_cut_only_where_the_map_says_so_and_only_between_characters(string text, int max, string cut) =>
        Assert.Equal(cut, JsonSerializer.Deserialize<string>(MapRig.Value(MapRig.From("F", "c") with { Max = max, Cut = true }, text)));

    [Fact]
    public void A_cut_that_would_leave_nothing_is_a_refusal()
    {
        Assert.Equal(Rules.TooLong.Code, MapRig.Refusal(MapRig.From("F", "c") with { Max = 1, Cut = true }, "😀").Rule);
    }

    [Fact]
    public void A_cut_text_is_whole_and_never_too_long()
    {
        Gen.Select(Gen.OneOf("a", "ế", "😀", "x\u0323", " ", "👩‍👧").Array[1, 20].Select(string.Concat), Gen.Int[1, 25]).Sample((text, max) =>
        {
            var (json, rejections) = MapRig.Run([MapRig.From("F", "c") with { Max = max, Cut = true }], MapRig.Page(("c", text)));
            if (json is null)
            {
                Assert.Equal(Rules.TooLong.Code, Assert.Single(rejections).Rule);
                return;
            }

            var value = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!["F"];
            Assert.StartsWith(value, CleanText.Of(text), StringComparison.Ordinal);
            Assert.True(value.Length <= max && value.IsNormalized());
            Assert.DoesNotContain("\uFFFD", value, StringComparison.Ordinal);
        }, iter: 2_000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("\u00A0 \r\n")]
    public void A_required_field_without_a_value_is_refused(string? cell)
    {
        var rejection = MapRig.Refusal(MapRig.From("MaHoSo", "c") with { Required = true }, cell);

        Assert.Equal(new Rejection(Rules.Required.Code, "MaHoSo", "c", null, null), rejection);
    }

    [Theory]
    [InlineData("4", false, "\"x\"")]
    [InlineData("5", false, "\"\"")]
    [InlineData(null, false, "\"\"")]
    [InlineData("4", true, "\"\"")]
    [InlineData("5", true, "\"x\"")]
    [InlineData(null, true, "\"x\"")]
    public void A_field_has_a_value_only_when_its_condition_holds(string? status, bool negated, string json)
    {
        var field = MapRig.From("F", "c") with { When = new Condition("status", negated, ["4", "9"]) };

        Assert.Equal($$"""{"F":{{json}}}""", MapRig.Run([field], MapRig.Page(("c", "x"), ("status", status))).Json);
    }

    [Fact]
    public void A_condition_without_values_asks_whether_there_is_one()
    {
        var field = MapRig.From("F", "c") with { When = new Condition("closed", false, []) };

        Assert.Equal("""{"F":"x"}""", MapRig.Run([field], MapRig.Page(("c", "x"), ("closed", new DateOnly(2025, 7, 1)))).Json);
        Assert.Equal("""{"F":""}""", MapRig.Run([field], MapRig.Page(("c", "x"), ("closed", null))).Json);
        Assert.Equal("""{"F":""}""", MapRig.Run([field], MapRig.Page(("c", "x"), ("closed", " "))).Json);
        Assert.Equal(Rules.Unreadable.Code, MapRig.Run([field], MapRig.Page(("c", "x"), ("closed", new Unreadable("infinity")))).Rejections.Single().Rule);
    }

    [Fact]
    public void A_field_whose_condition_does_not_hold_is_not_asked_for_its_value()
    {
        var field = MapRig.From("F", "c") with { Required = true, When = new Condition("closed", false, []) };

        Assert.Equal("""{"F":""}""", MapRig.Run([field], MapRig.Page(("c", null), ("closed", null))).Json);
    }

    [Fact]
    public void Children_become_a_list_of_objects()
    {
        var page = MapRig.Page(("no", "1")).WithChildren("fees", ["name", "amount"], ["Lệ phí", 0], ["Phí", 30000]);
        var list = new ListField("DanhSachLePhi", MapRig.At, "fees", [MapRig.From("TenPhiLePhi", "name"), MapRig.From("Gia", "amount")], false);

        Assert.Equal(
            """{"MaHoSo":"1","DanhSachLePhi":[{"TenPhiLePhi":"Lệ phí","Gia":"0"},{"TenPhiLePhi":"Phí","Gia":"30000"}],"Sau":"1"}""",
            MapRig.Run([MapRig.From("MaHoSo", "no"), list, MapRig.From("Sau", "no")], page).Json);
    }

    [Fact]
    public void Each_row_has_its_own_children()
    {
        var page = new RowPage(new RowShape(["no"]));
        MapRig.AddRow(page, ["1"]);
        MapRig.AddRow(page, ["2"]);
        MapRig.AddRow(page, ["3"]);
        var fees = new RowPage(new RowShape(["a"]));
        MapRig.AddRow(fees, ["x"]);
        MapRig.AddRow(fees, ["y"]);
        MapRig.AddRow(fees, ["z"]);
        page.AddChildren("fees", new ChildRows(fees, [0, 2, 2, 3]));
        var mapper = MapRig.Compile([MapRig.From("N", "no"), new ListField("L", MapRig.At, "fees", [MapRig.From("A", "a")], false)], page);
        var output = new ArrayBufferWriter<byte>();
        var rejections = new List<Rejection>();

        for (var row = 0; row < 3; row++)
        {
            Assert.True(mapper.Map(page, row, output, rejections));
        }

        Assert.Equal("""{"N":"1","L":[{"A":"x"},{"A":"y"}]}{"N":"2","L":[]}{"N":"3","L":[{"A":"z"}]}""", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void A_required_list_without_rows_is_refused()
    {
        var list = new ListField("TaiLieuNop", MapRig.At, "files", [MapRig.From("Ten", "name")], true);
        var page = MapRig.Page(("no", "1")).WithChildren("files", ["name"]);

        Assert.Equal(new Rejection(Rules.Required.Code, "TaiLieuNop", "files", null, null), Assert.Single(MapRig.Run([list], page).Rejections));
    }

    [Fact]
    public void A_page_that_lacks_a_set_of_children_is_a_broken_source_and_no_empty_list()
    {
        var page = MapRig.Page(("no", "1")).WithChildren("fees", ["a"]);
        var mapper = MapRig.Compile([new ListField("L", MapRig.At, "fees", [MapRig.From("A", "a")], false)], page);

        Assert.Throws<InvalidOperationException>(() => mapper.Map(MapRig.Page(("no", "1")), 0, new ArrayBufferWriter<byte>(), []));
    }

    [Fact]
    public void An_object_is_made_from_the_same_row()
    {
        var part = new ObjectField("ThongTinNguoiNop", MapRig.At, [MapRig.From("Ten", "name"), new ObjectField("LienHe", MapRig.At, [MapRig.From("Email", "mail")])]);

        Assert.Equal("""{"ThongTinNguoiNop":{"Ten":"A","LienHe":{"Email":""}}}""", MapRig.Run([part], MapRig.Page(("name", "A"), ("mail", null))).Json);
    }

    [Fact]
    public void No_value_is_written_as_the_map_says()
    {
        var types = new Dictionary<string, FieldType>
        {
            ["T"] = FieldType.Text, ["I"] = FieldType.Integer, ["B"] = FieldType.Boolean, ["L"] = FieldType.List, ["L[].A"] = FieldType.Text,
        };
        FieldMap[] fields =
            [MapRig.From("T", "c"), MapRig.From("I", "c"), MapRig.From("B", "c"), new ListField("L", MapRig.At, "fees", [MapRig.From("A", "a")], false)];
        var page = MapRig.Page(("c", null)).WithChildren("fees", ["a"]);

        Assert.Equal("""{"T":"","L":[]}""", MapRig.Run(fields, page, types: types).Json);
        Assert.Equal("{}", MapRig.Run(fields, page, types: types, blank: BlankStyle.Omit).Json);
    }

    [Theory]
    [InlineData((byte)FieldType.Text, "Cổng \"1\"", "\"Cổng \\\"1\\\"\"")]
    [InlineData((byte)FieldType.Text, "", "\"\"")]
    [InlineData((byte)FieldType.Integer, "2", "2")]
    [InlineData((byte)FieldType.Number, "2.50", "2.50")]
    [InlineData((byte)FieldType.Boolean, "True", "true")]
    [InlineData((byte)FieldType.Boolean, "0", "false")]
    public void A_fixed_value_is_written_as_the_contract_types_it(byte type, string value, string json) =>
        Assert.Equal(json, MapRig.Value(new FixedField("F", MapRig.At, value), null, (FieldType)type));

    [Fact]
    public void Every_reason_of_a_record_is_told_not_only_the_first()
    {
        var page = MapRig.Page(("no", null), ("note", "a\u0001b"), ("copies", "x"), ("half", "a\uD800"), ("bad", new Unreadable("year 10000")))
            .WithChildren("fees", ["amount"], [1], [null], ["z"]);
        var types = new Dictionary<string, FieldType>
        {
            ["MaHoSo"] = FieldType.Text, ["GhiChu"] = FieldType.Text, ["SoLuong"] = FieldType.Integer, ["H"] = FieldType.Text, ["U"] = FieldType.Text,
            ["L"] = FieldType.List, ["L[].Gia"] = FieldType.Integer,
        };
        var (json, rejections) = MapRig.Run(
            [
                MapRig.From("MaHoSo", "no") with { Required = true }, MapRig.From("GhiChu", "note"), MapRig.From("SoLuong", "copies"), MapRig.From("H", "half"),
                MapRig.From("U", "bad"), new ListField("L", MapRig.At, "fees", [MapRig.From("Gia", "amount") with { Required = true }], false),
            ], page, types: types);

        Assert.Null(json);
        Assert.Equal(
            [
                new Rejection(Rules.Required.Code, "MaHoSo", "no", null, null),
                new Rejection(Rules.ControlCharacter.Code, "GhiChu", "note", "a\uFFFDb", "U+0001"),
                new Rejection(Rules.WrongType.Code, "SoLuong", "copies", "x", "cần số nguyên / a whole number is needed"),
                new Rejection(Rules.Unreadable.Code, "H", "half", null, "U+D800"),
                new Rejection(Rules.Unreadable.Code, "U", "bad", null, "year 10000"),
                new Rejection(Rules.Required.Code, "L[1].Gia", "fees.amount", null, null),
                new Rejection(Rules.WrongType.Code, "L[2].Gia", "fees.amount", "z", "cần số nguyên / a whole number is needed"),
            ], rejections);
        Assert.All(rejections, r => Assert.NotEmpty(Rules.What(r).Vi));
    }

    [Fact]
    public void A_rejection_never_holds_half_a_surrogate_pair()
    {
        var field = MapRig.From("F", "c") with { Max = 10 };
        foreach (var text in (string[])["😀 mười một ký tự", new string('a', 119) + "😀😀", "\u0001\uD800", "\uDC00\u0001abc"])
        {
            foreach (var personal in (string[][])[[], ["F"]])
            {
                var shown = MapRig.Refusal(field, text, personal: personal).MaskedValue ?? "";
                Assert.Equal(shown, new UTF8Encoding(false, true).GetString(Encoding.UTF8.GetBytes(shown)));
            }
        }
    }

    [Fact]
    public void A_record_after_a_refused_one_is_written_as_if_nothing_had_been()
    {
        var page = new RowPage(new RowShape(["no"]));
        MapRig.AddRow(page, [null]);
        MapRig.AddRow(page, ["2"]);
        var mapper = MapRig.Compile([MapRig.From("N", "no") with { Required = true }], page);
        var rejections = new List<Rejection>();
        var output = new ArrayBufferWriter<byte>();

        Assert.False(mapper.Map(page, 0, output, rejections));
        output.ResetWrittenCount();
        Assert.True(mapper.Map(page, 1, output, rejections));
        Assert.Equal("""{"N":"2"}""", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("ChuHoSo")]
    [InlineData("ThongTin")]
    [InlineData("ThongTin.ChuHoSo")]
    public void Personal_values_are_masked(string listed)
    {
        var part = new ObjectField("ThongTin", MapRig.At, [MapRig.From("ChuHoSo", "c") with { Max = 5 }]);
        var rejection = Assert.Single(MapRig.Run([part], MapRig.Page(("c", "Nguyễn Văn A")), personal: [listed]).Rejections);

        Assert.Equal("N***", rejection.MaskedValue);
        Assert.DoesNotContain("Văn", rejection.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_columns_behind_a_field_can_be_told()
    {
        var page = MapRig.Page(("no", "1"), ("a", ""), ("b", "")).WithChildren("fees", ["amount"]);
        var mapper = MapRig.Compile(
            [
                MapRig.From("MaHoSo", "no"), MapRig.From("DiaChi", "a", "b") with { Join = " " }, new FixedField("X", MapRig.At, "1"),
                new ListField("L", MapRig.At, "fees", [MapRig.From("Gia", "amount")], false), new ObjectField("O", MapRig.At, [MapRig.From("P", "a")]),
            ], page);

        Assert.Equal("no", mapper.SourceOf("MaHoSo"));
        Assert.Equal("a, b", mapper.SourceOf("DiaChi"));
        Assert.Equal("fees", mapper.SourceOf("L"));
        Assert.Equal("fees.amount", mapper.SourceOf("L[12].Gia"));
        Assert.Equal("a", mapper.SourceOf("O.P"));
        Assert.Null(mapper.SourceOf("X"));
        Assert.Null(mapper.SourceOf("Nowhere"));
    }

    [Fact]
    public void No_text_breaks_the_payload()
    {
        var fields = new FieldMap[] { MapRig.From("A", "c"), MapRig.From("B", "c", "d") with { Join = "\t" } };
        Gen.Select(Gen.String, Gen.String).Sample((c, d) =>
        {
            var (json, rejections) = MapRig.Run(fields, MapRig.Page(("c", c), ("d", d)));
            if (json is null)
            {
                Assert.NotEmpty(rejections);
                return;
            }

            using var document = JsonDocument.Parse(json);
            Assert.Equal(CleanText.Of(c), document.RootElement.GetProperty("A").GetString());
        }, iter: 3_000);
    }
}
