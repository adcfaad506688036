using System.Buffers;
using System.Text;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

/// <summary>Builds pages and maps in a line each.</summary>
internal static class MapRig
{
    public static readonly TimeZoneInfo Vietnam = TimeZoneInfo.FindSystemTimeZoneById("Asia/Ho_Chi_Minh");

    public static readonly Mark At = new("mappings/dossiers/pipeline.yaml", 7);

    public static ColumnField From(string target, params string[] from) => new(target, At, from, null, null, null, null, null, false, false, null);

    public static RowPage Page(params (string Column, object? Value)[] cells)
    {
        var page = new RowPage(new RowShape(cells.Select(c => c.Column)));
        AddRow(page, cells.Select(c => c.Value));
        return page;
    }

    public static RowPage WithChildren(this RowPage page, string name, string[] columns, params object?[][] rows)
    {
        var children = new RowPage(new RowShape(columns));
        foreach (var row in rows)
        {
            AddRow(children, row);
        }

        page.AddChildren(name, new ChildRows(children, [0, rows.Length]));
        return page;
    }

    public static void AddRow(RowPage page, IEnumerable<object?> values)
    {
        foreach (var value in values)
        {
            switch (value)
            {
                case null: page.AddNull(); break;
                case string text: page.AddText(text); break;
                case int whole: page.AddInteger(whole); break;
                case long whole: page.AddInteger(whole); break;
                case bool flag: page.AddBoolean(flag); break;
                case decimal number: page.AddNumber(number); break;
                case DateOnly day: page.AddDate(day); break;
                case DateTime { Kind: DateTimeKind.Utc } moment: page.AddInstant(moment); break;
                case DateTime time: page.AddLocalTime(time); break;
                case Unreadable bad: page.AddUnreadable(bad.Why); break;
                default: throw new ArgumentException($"No cell for {value.GetType()}.");
            }
        }

        page.EndRow();
    }

    public static LookupTable Lookup(string name, string csv)
    {
        using var folder = new TempFile(csv, $"{name}.csv");
        var faults = new List<Fault>();
        var table = LookupTable.Read(folder.Path, $"lookups/{name}.csv", faults);
        Assert.Empty(faults);
        return table!;
    }

    public static LookupSet Set(params LookupTable[] tables) => new(tables.ToDictionary(t => t.Name));

    public static Mapper Compile(
        IEnumerable<FieldMap> fields, RowPage page, LookupSet? lookups = null, IReadOnlyDictionary<string, FieldType>? types = null,
        string[]? personal = null, BlankStyle blank = BlankStyle.Empty)
    {
        var faults = new List<Fault>();
        var map = new MapDefinition([.. fields], blank);
        var mapper = Mapper.Compile(
            map, types ?? AllText(map.Fields, ""), lookups ?? LookupSet.None, new MapOptions("dossiers", Vietnam, (personal ?? []).ToHashSet()), page.Shape,
            page.Children.ToDictionary(c => c.Key, c => c.Value.Rows.Shape), faults);
        Assert.Empty(faults);
        return mapper!;
    }

    /// <summary>The payload of the page's first row, or null and why.</summary>
    public static (string? Json, List<Rejection> Rejections) Run(
        IEnumerable<FieldMap> fields, RowPage page, LookupSet? lookups = null, IReadOnlyDictionary<string, FieldType>? types = null,
        string[]? personal = null, BlankStyle blank = BlankStyle.Empty)
    {
        var output = new ArrayBufferWriter<byte>();
        var rejections = new List<Rejection>();
        var isGood = Compile(fields, page, lookups, types, personal, blank).Map(page, 0, output, rejections);
        Assert.Equal(rejections.Count == 0, isGood);
        return (isGood ? Encoding.UTF8.GetString(output.WrittenSpan) : null, rejections);
    }

    /// <summary>The one field's value as JSON.</summary>
    public static string Value(FieldMap field, object? cell, FieldType type = FieldType.Text, LookupSet? lookups = null)
    {
        var (json, rejections) = Run([field], Page(("c", cell)), lookups, new Dictionary<string, FieldType> { [field.Target] = type });
        Assert.True(json is not null, string.Join("; ", rejections));
        var head = $"{{\"{field.Target}\":";
        return json.StartsWith(head, StringComparison.Ordinal) ? json[head.Length..^1] : "";
    }

    /// <summary>The one rejection of the one field.</summary>
    public static Rejection Refusal(FieldMap field, object? cell, FieldType type = FieldType.Text, LookupSet? lookups = null, string[]? personal = null)
    {
        var (_, rejections) = Run([field], Page(("c", cell)), lookups, new Dictionary<string, FieldType> { [field.Target] = type }, personal);
        return Assert.Single(rejections);
    }

    private static Dictionary<string, FieldType> AllText(IReadOnlyList<FieldMap> fields, string prefix)
    {
        var types = new Dictionary<string, FieldType>();
        foreach (var field in fields)
        {
            var path = prefix + field.Target;
            types[path] = field switch { ListField => FieldType.List, ObjectField => FieldType.Object, _ => FieldType.Text };
            var inner = field switch { ListField list => AllText(list.Fields, $"{path}[]."), ObjectField part => AllText(part.Fields, $"{path}."), _ => [] };
            foreach (var (key, type) in inner)
            {
                types[key] = type;
            }
        }

        return types;
    }
}

internal sealed record Unreadable(string Why);

/// <summary>A file in a folder of its own, gone at the end.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile(string text, string name = "file")
        : this(Encoding.UTF8.GetBytes(text), name)
    {
    }

    public TempFile(byte[] bytes, string name = "file")
    {
        Path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("map-").FullName, name);
        File.WriteAllBytes(Path, bytes);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(System.IO.Path.GetDirectoryName(Path)!, recursive: true);
}
