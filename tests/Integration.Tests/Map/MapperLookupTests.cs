using System.Buffers;
using System.Text;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

public sealed class MapperLookupTests
{
    private static readonly LookupSet Lookups = MapRig.Set(
        MapRig.Lookup("status", "from,to,name\nnew,1,Mới đăng ký\n2,2,Được tiếp nhận\nnone,,\n"),
        MapRig.Lookup("agencies", "from,to,valid_from,valid_to\nBAC,H22,2021-01-01,2025-06-30\nBAC,H60,2025-07-01,\n"),
        MapRig.Lookup("wards", "from,from2,to\n02269,A,08001\n02269,B,08002\n7,1,x\n"));

    private static readonly ColumnField Status = MapRig.From("TrangThaiHoSo", "c") with { Lookup = new LookupUse("status", "to", null) };
    private static readonly ColumnField Agency = MapRig.From("MaDonVi", "c") with { Lookup = new LookupUse("agencies", "to", "at") };
    private static readonly ColumnField Ward = MapRig.From("MaXa", "a", "b") with { Lookup = new LookupUse("wards", "to", null) };

    [Theory]
    [InlineData("new", "\"1\"")]
    [InlineData(" new ", "\"1\"")]
    [InlineData(2, "\"2\"")]
    [InlineData("", "\"\"")]
    [InlineData(null, "\"\"")]
    [InlineData("none", "\"\"")]
    public void A_code_goes_through_its_table(object? code, string json) => Assert.Equal(json, MapRig.Value(Status, code, lookups: Lookups));

    [Fact]
    public void A_table_may_hold_several_results()
    {
        Assert.Equal("\"Mới đăng ký\"", MapRig.Value(Status with { Lookup = new LookupUse("status", "name", null) }, "new", lookups: Lookups));
    }

    [Fact]
    public void Fields_that_ask_one_table_the_same_are_answered_for_their_own_row()
    {
        var name = MapRig.From("Ten", "c") with { Lookup = new LookupUse("status", "name", null) };
        var other = MapRig.From("Khac", "d") with { Lookup = new LookupUse("status", "to", null) };
        FieldMap[] fields = [Status, new ListField("L", MapRig.At, "items", [Status, name], false), name, other];
        var page = new RowPage(new RowShape(["c", "d"]));
        foreach (var row in (string[][])[["new", "2"], ["2", "new"], ["gone", "2"], ["2", "gone"], ["none", "new"], ["", "2"]])
        {
            MapRig.AddRow(page, row);
        }

        var items = new RowPage(new RowShape(["c"]));
        foreach (var code in (string[])["2", "new", "new", "none", "2", "", "new"])
        {
            MapRig.AddRow(items, [code]);
        }

        page.AddChildren("items", new ChildRows(items, [0, 2, 3, 4, 5, 5, 7]));
        var mapper = MapRig.Compile(fields, page, Lookups);
        for (var round = 0; round < 2; round++)
        {
            for (var row = 0; row < page.Count; row++)
            {
                Assert.Equal(Map(MapRig.Compile(fields, page, Lookups), row), Map(mapper, row));
            }
        }

        Assert.Equal("""{"TrangThaiHoSo":"1","L":[{"TrangThaiHoSo":"2","Ten":"Được tiếp nhận"},{"TrangThaiHoSo":"1","Ten":"Mới đăng ký"}],"Ten":"Mới đăng ký","Khac":"2"}""", Map(mapper, 0));
        Assert.Equal(2, Map(mapper, 2).Split('\n').Count(static r => r.Contains(Rules.LookupMissing.Code, StringComparison.Ordinal)));

        string Map(Mapper mapper, int row)
        {
            var (output, rejections) = (new ArrayBufferWriter<byte>(), new List<Rejection>());
            return mapper.Map(page, row, output, rejections) ? Encoding.UTF8.GetString(output.WrittenSpan) : string.Join('\n', rejections);
        }
    }

    [Fact]
    public void A_table_of_many_codes_finds_each_of_them()
    {
        var table = MapRig.Lookup("many", $"from,to\n{string.Concat(Enumerable.Range(0, 300).Select(static n => $"{new string('ế', n % 20)}{n},{n}\n"))}");
        Assert.All(Enumerable.Range(0, 300), n => Assert.Equal($"{n}", table.Value(table.Find(Encoding.UTF8.GetBytes($"{new string('ế', n % 20)}{n}"), default, null), 0).ToString()));
        Assert.Equal(LookupOutcome.NoRow, table.Find("300"u8, default, null).Outcome);
    }

    [Fact]
    public void A_result_is_typed_by_the_contract()
    {
        Assert.Equal("1", MapRig.Value(Status, "new", FieldType.Integer, Lookups));
    }

    [Fact]
    public void A_code_without_a_row_is_refused_and_no_default_is_used()
    {
        Assert.Equal(new Rejection(Rules.LookupMissing.Code, "TrangThaiHoSo", "c", "gone", "status"), MapRig.Refusal(Status, "gone", lookups: Lookups));
        Assert.Equal(Rules.LookupMissing.Code, MapRig.Refusal(Status, "NEW", lookups: Lookups).Rule);
    }

    [Fact]
    public void A_required_field_is_not_served_by_a_blank_result()
    {
        Assert.Equal(Rules.Required.Code, MapRig.Refusal(Status with { Required = true }, "none", lookups: Lookups).Rule);
    }

    [Theory]
    [InlineData("2025-06-30 23:59:59", "H22")]
    [InlineData("2025-07-01", "H60")]
    [InlineData("2025-06-30T17:00:00Z", "H60")]
    [InlineData("2025-06-30T16:59:59Z", "H22")]
    public void The_date_of_the_record_picks_the_row(string at, string result)
    {
        Assert.Equal($$"""{"MaDonVi":"{{result}}"}""", MapRig.Run([Agency], MapRig.Page(("c", "BAC"), ("at", at)), Lookups).Json);
    }

    [Fact]
    public void Every_kind_of_date_column_picks_the_row()
    {
        foreach (var at in (object[])[new DateOnly(2025, 7, 1), new DateTime(2025, 7, 1), new DateTime(2025, 6, 30, 17, 0, 0, DateTimeKind.Utc)])
        {
            Assert.Equal("""{"MaDonVi":"H60"}""", MapRig.Run([Agency], MapRig.Page(("c", "BAC"), ("at", at)), Lookups).Json);
        }
    }

    [Fact]
    public void A_code_that_was_not_valid_then_is_refused_with_the_validity_there_is()
    {
        var rejection = Assert.Single(MapRig.Run([Agency], MapRig.Page(("c", "BAC"), ("at", new DateOnly(2020, 12, 31))), Lookups).Rejections);

        Assert.Equal(new Rejection(Rules.LookupNotValidThen.Code, "MaDonVi", "c", "BAC", "agencies 2021-01-01..2025-06-30, 2025-07-01.."), rejection);
    }

    [Fact]
    public void A_missing_date_is_refused_by_its_own_name()
    {
        var rejection = Assert.Single(MapRig.Run([Agency], MapRig.Page(("c", "BAC"), ("at", null)), Lookups).Rejections);

        Assert.Equal(new Rejection(Rules.Required.Code, "MaDonVi", "at", null, "agencies"), rejection);
    }

    [Fact]
    public void A_broken_date_is_refused_by_its_own_name()
    {
        var rejection = Assert.Single(MapRig.Run([Agency], MapRig.Page(("c", "BAC"), ("at", "hôm qua")), Lookups).Rejections);

        Assert.Equal((Rules.BadFormat.Code, "at"), (rejection.Rule, rejection.SourceField));
    }

    [Fact]
    public void A_blank_code_needs_no_date()
    {
        Assert.Equal("""{"MaDonVi":""}""", MapRig.Run([Agency], MapRig.Page(("c", null), ("at", null)), Lookups).Json);
    }

    [Theory]
    [InlineData("02269", "B", "08002")]
    [InlineData(7, 1, "x")]
    [InlineData(null, null, "")]
    public void Two_codes_find_one_row(object? a, object? b, string result)
    {
        Assert.Equal($$"""{"MaXa":"{{result}}"}""", MapRig.Run([Ward], MapRig.Page(("a", a), ("b", b)), Lookups).Json);
    }

    [Fact]
    public void Half_a_key_is_a_miss()
    {
        var rejection = Assert.Single(MapRig.Run([Ward], MapRig.Page(("a", "02269"), ("b", null)), Lookups).Rejections);

        Assert.Equal((Rules.LookupMissing.Code, "a, b", "02269, "), (rejection.Rule, rejection.SourceField, rejection.MaskedValue));
    }

    [Fact]
    public void A_personal_code_is_masked()
    {
        Assert.Equal("S***", MapRig.Refusal(Status, "Secret", lookups: Lookups, personal: ["TrangThaiHoSo"]).MaskedValue);
    }
}
