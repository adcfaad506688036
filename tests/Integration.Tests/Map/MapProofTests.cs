using System.Buffers;
using System.Text;
using CsCheck;
using Integration.Map;
using Integration.Records;
using Integration.Tests.Validate;
using Integration.Validate;
using Xunit;

namespace Integration.Tests.Map;

/// <summary>What was seen to keep the contract while it was written is what the contract's own check finds nothing against.</summary>
public sealed class MapProofTests
{
    private const string Schema = """
        {
          "type": "object", "additionalProperties": false, "required": ["Ma", "So", "DS"],
          "properties": {
            "Ma": { "type": "string", "minLength": 2, "maxLength": 6 },
            "Mau": { "type": "string", "pattern": "^[A-C]\\d+$" },
            "Loai": { "type": "string", "enum": ["một", "hai", "3"] },
            "Ngan": { "type": "string", "maxLength": 4 },
            "Cat": { "type": "string", "minLength": 1, "maxLength": 3 },
            "Khi": { "type": "string", "maxLength": 4 },
            "Tra": { "type": "string", "maxLength": 5 },
            "So": { "type": "integer", "enum": [1, 2] },
            "Tien": { "type": "number" },
            "Co": { "type": "boolean" },
            "Nop": { "type": "string", "x-date": "yyyyMMddHHmmss" },
            "Hen": { "type": "string", "x-date": "yyyyMMdd", "x-not-before": "Nop" },
            "Xong": { "type": "string", "x-date": "yyyyMMddHHmmss", "x-not-before": "Nop" },
            "Khac": { "type": "string", "x-date": "dd/MM/yyyy" },
            "DS": { "type": "array", "minItems": 1, "items": { "type": "object", "required": ["G"], "properties": {
                "G": { "type": "string", "maxLength": 3 },
                "Tu": { "type": "string", "x-date": "yyyyMMdd" },
                "Den": { "type": "string", "x-date": "yyyyMMdd", "x-not-before": "Tu" } } } },
            "Nguoi": { "type": "object", "required": ["Ten"], "properties": { "Ten": { "type": "string", "minLength": 1 } } }
          }
        }
        """;

    private static readonly Contract s_contract = ContractRig.Read(Schema);

    private static readonly LookupSet s_lookups = MapRig.Set(MapRig.Lookup("codes", "from,to\n1,một\n2,\n3,quá dài\n"));

    private static readonly string[] s_columns = ["ma", "mau", "loai", "ngan", "cat", "khi", "tra", "so", "tien", "co", "nop", "hen", "xong", "khac", "ten"];

    private static readonly string[] s_childColumns = ["g", "tu", "den"];

    // A good value stands often enough that whole records are good.
    private static readonly Gen<object?>[] s_cells =
    [
        Often("ab", "abcdef", "x", "abcdefg", "ế\u0301a", "e\u0302\u0301e\u0302", "", null, "\u0958\u0958", " ab "),
        Often("A1", "C22", "D1", "", null),
        Often("một", "hai", "3", "mo\u0323\u0302t", "bốn", "", null),
        Often("a", "abcd", "abcde", "\U0001F600\U0001F600", "\U0001F600\U0001F600a", "\u0958\u0958", "\uFB2C\uFB2C", "", null),
        Often("a", "abcd", "e\u0302\u0301e\u0302\u0301e\u0302\u0301e", "\U0001F600\U0001F600", "", null),
        Often("a", "abcde", "", null),
        Often("1", "2", "3", "9", "", null),
        Often(1, 2, 3, "2", "02", null),
        Often(1.5m, 0m, -2, "1e3", "", null),
        Often(true, false, 1, 0, "", null),
        Days(), Days(), Days(),
        Often("05/02/2026", "31/02/2026", "20260205", "", null),
        Often("Nguyễn", "n", "", null),
    ];

    private static readonly FieldMap[] s_fields =
    [
        MapRig.From("Ma", "ma"), MapRig.From("Mau", "mau"), MapRig.From("Loai", "loai"), MapRig.From("Ngan", "ngan"),
        MapRig.From("Cat", "cat") with { Max = 3, Cut = true }, MapRig.From("Khi", "khi") with { When = new Condition("mau", Negated: false, ["A1"]) },
        MapRig.From("Tra", "tra") with { Lookup = new LookupUse("codes", "to", null) }, MapRig.From("So", "so"), MapRig.From("Tien", "tien"),
        MapRig.From("Co", "co"), Date("Nop", "nop", "yyyyMMddHHmmss"), Date("Hen", "hen", "yyyyMMdd"), Date("Xong", "xong", "yyyyMMddHHmmss"), MapRig.From("Khac", "khac"),
        new ListField("DS", MapRig.At, "ds", [MapRig.From("G", "g"), Date("Tu", "tu", "yyyyMMdd"), Date("Den", "den", "yyyyMMdd")], Required: false),
        new ObjectField("Nguoi", MapRig.At, [MapRig.From("Ten", "ten")]),
    ];

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly List<Rejection> _rejections = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_proved_passes_the_check(bool emptyBlanks)
    {
        var (proved, good, mapped) = (0, 0, 0);
        Gen.Select(Row(s_cells), Row([Often("abc", "abcd", "", null), Days(), Days()]).Array[0, 2]).Sample((cells, children) =>
        {
            var page = MapRig.Page([.. s_columns.Zip(cells)]).WithChildren("ds", s_childColumns, children);
            var mapper = Compile(s_fields, page, emptyBlanks ? BlankStyle.Empty : BlankStyle.Omit);
            if (!Map(mapper, page))
            {
                return;
            }

            mapped++;
            s_contract.Check(_output.WrittenSpan, new HashSet<string>(), _rejections);
            good += _rejections.Count == 0 ? 1 : 0;
            proved += mapper.IsProved ? 1 : 0;
            Assert.True(!mapper.IsProved || _rejections.Count == 0, $"{Encoding.UTF8.GetString(_output.WrittenSpan)}: {string.Join("; ", _rejections)}");
        }, iter: 20_000, threads: 1);

        // What is good is seen to be in nearly every case, or nothing is won; and there was something to be seen.
        Assert.InRange(good, 500, mapped - 500);
        Assert.InRange(proved, good / 2, good);
    }

    [Fact]
    public void What_is_known_of_a_row_of_a_code_table_is_true_of_every_record()
    {
        var page = MapRig.Page([.. s_columns.Zip(Good())]).WithChildren("ds", s_childColumns, [["a", null, null]]);
        var mapper = Compile(s_fields, page);
        foreach (var (code, isProved) in ((string, bool)[])[("1", true), ("3", false), ("2", true), ("1", true), ("3", false)])
        {
            Assert.True(Map(mapper, MapRig.Page([.. s_columns.Zip(Good()).Select(c => c.First == "tra" ? (c.First, code) : c)]).WithChildren("ds", s_childColumns, [["a", null, null]])));
            s_contract.Check(_output.WrittenSpan, new HashSet<string>(), _rejections);
            Assert.Equal((isProved, isProved), (mapper.IsProved, _rejections.Count == 0));
        }
    }

    [Fact]
    public void What_stood_in_the_record_before_proves_nothing()
    {
        var page = MapRig.Page([.. s_columns.Zip(Good())]).WithChildren("ds", s_childColumns, [["a", null, null]]);
        var mapper = Compile(s_fields, page);
        Assert.True(Map(mapper, page) && mapper.IsProved);

        // Due before it came in, and then with no day at all.
        Assert.True(Map(mapper, Changed("hen", new DateOnly(2026, 1, 1))) && !mapper.IsProved);
        Assert.True(Map(mapper, Changed("nop", null)) && mapper.IsProved);
        Assert.True(Map(mapper, Changed("nop", new DateTime(2026, 2, 6))) && !mapper.IsProved);

        static RowPage Changed(string column, object? value) =>
            MapRig.Page([.. s_columns.Zip(Good()).Select(c => c.First == column ? (c.First, value) : c)]).WithChildren("ds", s_childColumns, [["a", null, null]]);
    }

    [Fact]
    public void A_map_that_lacks_what_the_contract_demands_proves_nothing()
    {
        var page = MapRig.Page([.. s_columns.Zip(Good())]).WithChildren("ds", s_childColumns, [["a", null, null]]);
        var mapper = Compile([.. s_fields.Where(static f => f.Target != "So")], page);
        Assert.True(Map(mapper, page) && !mapper.IsProved);
        mapper = Compile([.. s_fields.Where(static f => f.Target != "Nguoi")], page);
        Assert.True(Map(mapper, page) && mapper.IsProved);
        mapper = Compile([.. s_fields.Where(static f => f.Target != "Nguoi"), new ObjectField("Nguoi", MapRig.At, [])], page);
        Assert.True(Map(mapper, page) && !mapper.IsProved);
    }

    [Theory]
    [InlineData("Loai", "hai", true)]
    [InlineData("Loai", "bốn", false)]
    [InlineData("Ma", "", false)]
    [InlineData("So", "1", true)]
    [InlineData("So", "7", false)]
    [InlineData("Co", "1", true)]
    public void A_fixed_value_is_looked_at_like_any_other(string target, string value, bool isProved)
    {
        var page = MapRig.Page([.. s_columns.Zip(Good())]).WithChildren("ds", s_childColumns, [["a", null, null]]);
        var mapper = Compile([.. s_fields.Where(f => f.Target != target), new FixedField(target, MapRig.At, value)], page);
        Assert.True(Map(mapper, page));
        Assert.Equal(isProved, mapper.IsProved);
        s_contract.Check(_output.WrittenSpan, new HashSet<string>(), _rejections);
        Assert.Equal(isProved, _rejections.Count == 0);
    }

    [Fact]
    public void Without_terms_nothing_is_proved()
    {
        var page = MapRig.Page(("c", "x"));
        var mapper = MapRig.Compile([MapRig.From("A", "c")], page);
        Assert.True(Map(mapper, page) && !mapper.IsProved);
    }

    private static object?[] Good() =>
        ["ab", "A1", "một", "a", "b", "c", "1", 1, 1.5m, true, new DateTime(2026, 2, 5, 8, 0, 0), new DateOnly(2026, 2, 5), new DateTime(2026, 2, 5, 9, 0, 0), null, "Nguyễn"];

    private static Mapper Compile(IReadOnlyList<FieldMap> fields, RowPage page, BlankStyle blank = BlankStyle.Empty)
    {
        var faults = new List<Fault>();
        var mapper = Mapper.Compile(
            new MapDefinition(fields, blank), s_contract.Types, s_lookups, new MapOptions("dossiers", MapRig.Vietnam, new HashSet<string>(), s_contract.Terms), page.Shape,
            page.Children.ToDictionary(static c => c.Key, static c => c.Value.Rows.Shape), faults);
        Assert.Empty(faults);
        return mapper!;
    }

    private bool Map(Mapper mapper, RowPage page)
    {
        _output.ResetWrittenCount();
        _rejections.Clear();
        return mapper.Map(page, 0, _output, _rejections);
    }

    private static Gen<object?[]> Row(IReadOnlyList<Gen<object?>> cells) =>
        cells.Aggregate(Gen.Const(Array.Empty<object?>()), static (row, cell) => Gen.Select(row, cell).Select(static (r, c) => (object?[])[.. r, c]));

    private static Gen<object?> Often(object? good, params object?[] others) => Gen.Select(Gen.Int[0, 9], Gen.OneOf<object?>(others)).Select((chance, other) => chance < 8 ? good : other);

    private static Gen<object?> Days() => Gen.Select(Gen.Int[0, 9], Gen.Int[0, 40]).Select(static (kind, hours) => kind switch
    {
        0 => null,
        1 => new DateOnly(2026, 2, 5).AddDays(hours % 3),
        _ => (object?)new DateTime(2026, 2, 5).AddHours(hours % 5).AddSeconds(hours),
    });

    private static ColumnField Date(string target, string column, string format) => MapRig.From(target, column) with { Format = format };
}
