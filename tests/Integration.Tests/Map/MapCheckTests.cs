using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

public sealed class MapCheckTests
{
    private static readonly Dictionary<string, FieldType> Types = new()
    {
        ["MaHoSo"] = FieldType.Text, ["NgayTiepNhan"] = FieldType.Text, ["SoLuong"] = FieldType.Integer, ["ThuPhi"] = FieldType.Boolean,
        ["DanhSachLePhi"] = FieldType.List, ["DanhSachLePhi[].Gia"] = FieldType.Text, ["DanhSachLePhi[].Con"] = FieldType.List,
        ["DanhSachLePhi[].Con[].X"] = FieldType.Text, ["KENH"] = FieldType.List, ["KENH[]"] = FieldType.Text,
        ["NguoiNop"] = FieldType.Object, ["NguoiNop.Ten"] = FieldType.Text,
    };

    private static readonly LookupSet Lookups = MapRig.Set(
        MapRig.Lookup("procedures", "from,to,name,valid_from\na,b,c,2025-07-01\n"), MapRig.Lookup("wards", "from,from2,to\na,b,c\n"));

    private static readonly FieldMap MaHoSo = MapRig.From("MaHoSo", "no");

    [Fact]
    public void A_good_map_has_no_fault()
    {
        Assert.Empty(Check(
            MaHoSo,
            MapRig.From("NgayTiepNhan", "at") with { Format = "yyyyMMddHHmmss" },
            MapRig.From("SoLuong", "a", "b") with { Lookup = new LookupUse("wards", "to", null) },
            new FixedField("ThuPhi", MapRig.At, "1"),
            new ListField("DanhSachLePhi", MapRig.At, "fees", [MapRig.From("Gia", "a") with { Lookup = new LookupUse("procedures", "name", "at") }], false),
            new ObjectField("NguoiNop", MapRig.At, [MapRig.From("Ten", "x")])));
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "unknown field", "nearest: 'SoLuong'" },
        { "unknown field in a list", "nearest: 'Gia'" },
        { "a path for a name", "is not part of the contract" },
        { "a path to plain items", "is not part of the contract" },
        { "written twice", "twice" },
        { "unknown lookup", "nearest: 'procedures'" },
        { "unknown lookup column", "nearest: 'name'" },
        { "dated lookup without as-of", "'as-of' is needed" },
        { "one column for two codes", "needs 2" },
        { "two columns for one code", "needs 1" },
        { "several columns alone", "'join' or 'lookup'" },
        { "join and lookup", "'join' goes without" },
        { "unknown each", "nearest: 'fees'" },
        { "bad format", "not a date format" },
        { "months for minutes", "twice" },
        { "parse alone", "without 'format'" },
        { "bad parse", "four digits" },
        { "format with lookup", "'format' is for one date column" },
        { "date in a flag", "cannot hold a date" },
        { "list as column", "use 'each'" },
        { "object as column", "use 'map'" },
        { "column as list", "not a list" },
        { "column as object", "not an object" },
        { "plain items", "plain values" },
        { "list in a list", "list inside a list" },
        { "fixed number", "not a whole number" },
        { "fixed list", "not a list" },
        { "cut alone", "without 'max'" },
        { "max of nothing", "above 0" },
        { "max of a number", "texts only" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_told_with_its_place_and_the_nearest_word(string mistake, string says)
    {
        var fault = Assert.Single(Check(mistake == "written twice" ? [MaHoSo, MaHoSo] : [MaHoSo, Wrong(mistake)]));

        Assert.Contains(says, fault.What.En, StringComparison.Ordinal);
        Assert.NotEqual(fault.What.En, fault.What.Vi);
        Assert.Equal(MapRig.At, fault.At);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var wrong = Mistakes.Select(m => Wrong(m.Data.Item1)).Where(f => f != MaHoSo && f is not ListField { Fields.Count: > 0 }).ToArray();
        var faults = Check([.. wrong.Select((field, i) => field with { At = MapRig.At with { Line = i + 1 } })]);

        Assert.Equal(Enumerable.Range(0, wrong.Length + 1), faults.Select(f => f.At.Line).Distinct().Order());
    }

    [Fact]
    public void Required_fields_must_be_in_the_map_where_their_object_is()
    {
        var missing = Check([new FixedField("ThuPhi", MapRig.At, "1"), new ListField("DanhSachLePhi", MapRig.At with { Line = 9 }, "fees", [], false)], "DanhSachLePhi[].Gia", "NguoiNop.Ten");

        Assert.Equal(["MaHoSo", "DanhSachLePhi[].Gia"], missing.Select(f => f.What.En.Split(' ')[^1].TrimEnd('.')).OrderDescending());
        Assert.Equal(9, missing.Single(f => f.What.En.Contains("Gia", StringComparison.Ordinal)).At.Line);
    }

    [Fact]
    public void A_column_the_source_does_not_have_is_a_fault_with_the_nearest_one()
    {
        var faults = new List<Fault>();
        var map = new MapDefinition(
            [
                MapRig.From("MaHoSo", "dossier_nr"),
                MapRig.From("SoLuong", "x") with { When = new Condition("nowhere", false, []) },
                new ListField("DanhSachLePhi", MapRig.At, "fees", [MapRig.From("Gia", "amuont")], false),
            ], BlankStyle.Empty);
        var mapper = Mapper.Compile(
            map, Types, Lookups, new MapOptions("dossiers", MapRig.Vietnam, new HashSet<string>()), new RowShape(["dossier_no", "x"]),
            new Dictionary<string, RowShape> { ["fees"] = new(["amount"]) }, faults);

        Assert.Null(mapper);
        Assert.Equal(3, faults.Count);
        Assert.Contains("'dossier_no'", faults[0].What.En, StringComparison.Ordinal);
        Assert.DoesNotContain("nearest", faults[1].What.En, StringComparison.Ordinal);
        Assert.Contains("'fees.amuont'", faults[2].What.En, StringComparison.Ordinal);
        Assert.Contains("'amount'", faults[2].What.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Children_nobody_has_seen_yet_stop_no_map()
    {
        var row = MapRig.Page(("no", "1")).WithChildren("fees", []);
        var list = new ListField("DanhSachLePhi", MapRig.At, "fees", [MapRig.From("Gia", "amount")], false);

        Assert.Equal("""{"MaHoSo":"1","DanhSachLePhi":[]}""", MapRig.Run([MaHoSo, list], row).Json);
    }

    [Fact]
    public void The_columns_a_map_reads_can_be_told()
    {
        var (row, children) = Mapper.ColumnsOf(new MapDefinition(
            [
                MaHoSo, MapRig.From("A", "x", "no") with { Lookup = new LookupUse("t", "to", "at"), When = new Condition("s", false, []) },
                new ListField("L", MapRig.At, "fees", [MapRig.From("Gia", "amount")], false), new ObjectField("O", MapRig.At, [MapRig.From("P", "y")]),
            ], BlankStyle.Empty));

        Assert.Equal(["no", "x", "at", "s", "y"], row.Columns);
        Assert.Equal(["amount"], children["fees"].Columns);
    }

    private static FieldMap Wrong(string mistake) => mistake switch
    {
        "unknown field" => MapRig.From("SoLuogn", "x"),
        "unknown field in a list" => new ListField("DanhSachLePhi", MapRig.At, "fees", [MapRig.From("Giá", "x")], false),
        "a path for a name" => MapRig.From("DanhSachLePhi[].Gia", "x"),
        "a path to plain items" => MapRig.From("KENH[]", "x"),
        "unknown lookup" => MapRig.From("NgayTiepNhan", "x") with { Lookup = new LookupUse("procedure", "to", null) },
        "unknown lookup column" => MapRig.From("NgayTiepNhan", "x") with { Lookup = new LookupUse("procedures", "nam", "at") },
        "dated lookup without as-of" => MapRig.From("NgayTiepNhan", "x") with { Lookup = new LookupUse("procedures", "to", null) },
        "one column for two codes" => MapRig.From("NgayTiepNhan", "x") with { Lookup = new LookupUse("wards", "to", null) },
        "two columns for one code" => MapRig.From("NgayTiepNhan", "x", "y") with { Lookup = new LookupUse("procedures", "to", "at") },
        "several columns alone" => MapRig.From("NgayTiepNhan", "x", "y"),
        "join and lookup" => MapRig.From("NgayTiepNhan", "x", "y") with { Join = ",", Lookup = new LookupUse("wards", "to", null) },
        "unknown each" => new ListField("DanhSachLePhi", MapRig.At, "fee", [], false),
        "bad format" => MapRig.From("NgayTiepNhan", "x") with { Format = "d" },
        "months for minutes" => MapRig.From("NgayTiepNhan", "x") with { Format = "yyyyMMddHHMMss" },
        "parse alone" => MapRig.From("NgayTiepNhan", "x") with { Parse = "dd/MM/yyyy" },
        "bad parse" => MapRig.From("NgayTiepNhan", "x") with { Format = "yyyyMMdd", Parse = "dd/MM/yy" },
        "format with lookup" => MapRig.From("NgayTiepNhan", "x") with { Format = "yyyyMMdd", Lookup = new LookupUse("procedures", "to", "at") },
        "date in a flag" => MapRig.From("ThuPhi", "x") with { Format = "yyyyMMdd" },
        "list as column" => MapRig.From("DanhSachLePhi", "x"),
        "object as column" => MapRig.From("NguoiNop", "x"),
        "column as list" => new ListField("NgayTiepNhan", MapRig.At, "fees", [], false),
        "column as object" => new ObjectField("NgayTiepNhan", MapRig.At, []),
        "plain items" => new ListField("KENH", MapRig.At, "fees", [], false),
        "list in a list" => new ListField("DanhSachLePhi", MapRig.At, "fees", [new ListField("Con", MapRig.At, "fees", [], false)], false),
        "fixed number" => new FixedField("SoLuong", MapRig.At, "1.5"),
        "fixed list" => new FixedField("DanhSachLePhi", MapRig.At, "[]"),
        "cut alone" => MapRig.From("NgayTiepNhan", "x") with { Cut = true },
        "max of nothing" => MapRig.From("NgayTiepNhan", "x") with { Max = 0 },
        "max of a number" => MapRig.From("SoLuong", "x") with { Max = 5 },
        _ => MaHoSo,
    };

    private static List<Fault> Check(params FieldMap[] fields) => Check(fields, []);

    private static List<Fault> Check(FieldMap[] fields, params string[] required)
    {
        var faults = new List<Fault>();
        Mapper.Check(new MapDefinition(fields, BlankStyle.Empty), Types, ["MaHoSo", .. required], Lookups, ["fees", "attachments"], faults);
        return faults;
    }
}
