using Integration.Map;

namespace Integration.Pipelines.Definitions;

/// <summary>Reads the <c>map:</c> part. Whether columns, lookups and contract agree with it is checked later, with them at hand.</summary>
internal sealed class MapReader(FaultList faults)
{
    private const int LargestText = 1_000_000;

    public IReadOnlyList<FieldMap> Fields(YamlNode node, string name)
    {
        if (node is not YamlMap { Entries.Count: > 0 } map)
        {
            faults.Add(node.At, $"'{name}' phải có ít nhất một dòng 'TrườngĐích: cột'", $"'{name}' needs at least one line 'TargetField: column'");
            return [];
        }

        return [.. map.Entries.Select(Field).OfType<FieldMap>()];
    }

    private FieldMap? Field(YamlEntry entry)
    {
        if (entry.Value is YamlText { IsBlank: false } column)
        {
            return Section.AsText(column, entry.Word, faults) is { } from ? Plain(entry, from) : null;
        }

        if (Section.Open(entry.Value, entry.Word, Words.Field, faults) is not { } words)
        {
            return null;
        }

        if (words.Has("value"))
        {
            Only(words, entry, "value");
            return words.Text("value") is { } value ? new FixedField(entry.Word, entry.At, value) : null;
        }

        if (words.Has("each") || words.Has("map"))
        {
            return Nested(entry, words);
        }

        return words.Required("from", entry.Word) is null ? null : FromColumns(entry, words);
    }

    private static ColumnField Plain(YamlEntry entry, string column) => new(entry.Word, entry.At, [column], null, null, null, null, null, false, false, null);

    private FieldMap? Nested(YamlEntry entry, Section words)
    {
        Only(words, entry, words.Has("each") ? ["each", "map", "required"] : ["map"]);
        if (words.Required("map", entry.Word) is not { } inner)
        {
            return null;
        }

        var fields = Fields(inner, $"{entry.Word}.map");
        if (!words.Has("each"))
        {
            return new ObjectField(entry.Word, entry.At, fields);
        }

        return words.Text("each") is { } each ? new ListField(entry.Word, entry.At, each, fields, words.Flag("required")) : null;
    }

    private ColumnField? FromColumns(YamlEntry entry, Section words)
    {
        var from = words.Texts("from");
        var lookup = words.Has("lookup") ? Lookup(words) : null;
        Needs(words, "as-of", "lookup");
        if (from.Count == 0)
        {
            return null;
        }

        // A limit that could not be read is still one that was set.
        var max = words.Whole("max", 1, LargestText);
        var cut = words.Flag("cut") && (max is not null || !words.Has("max"));
        return new ColumnField(entry.Word, entry.At, from, Join(words), lookup, words.Text("parse"), words.Text("format"),
            max, cut, words.Flag("required"), words.Node("when") is { } when ? When(when) : null);
    }

    // What stands between the parts may well be a single blank.
    private static string? Join(Section words) => words.Node("join") is YamlText { Quoted: true } quoted ? quoted.Value : words.Text("join");

    private LookupUse? Lookup(Section words)
    {
        var asOf = words.Text("as-of");
        if (words.Text("lookup") is not { } written)
        {
            return null;
        }

        var parts = written.Split('.');
        if (parts.Length <= 2 && parts.All(p => p.Length > 0))
        {
            return new LookupUse(parts[0], parts.Length == 2 ? parts[1] : "to", asOf);
        }

        faults.Add(words.Node("lookup")!.At, "'lookup' viết là 'bảng' hoặc 'bảng.cột'", "'lookup' is written 'table' or 'table.column'");
        return null;
    }

    private Condition? When(YamlNode node)
    {
        if (node is YamlText)
        {
            return Section.AsText(node, "when", faults) is { } alone ? new Condition(alone, Negated: false, []) : null;
        }

        if (Section.Open(node, "when", Words.Condition, faults) is not { } words || words.Required("column", "when") is null)
        {
            return null;
        }

        Excludes(words, "is", "not");
        return words.Text("column") is { } column ? new Condition(column, words.Has("not"), words.Texts(words.Has("not") ? "not" : "is")) : null;
    }

    private void Only(Section words, YamlEntry entry, params string[] allowed)
    {
        foreach (var word in Words.Field.Where(w => words.Has(w) && !allowed.Contains(w)))
        {
            faults.Add(words.PlaceOf(word), $"'{word}' không đi cùng '{allowed[0]}' trong {entry.Word}", $"'{word}' does not go with '{allowed[0]}' in {entry.Word}");
        }
    }

    private void Needs(Section words, string word, string other)
    {
        if (words.Has(word) && !words.Has(other))
        {
            faults.Add(words.PlaceOf(word), $"'{word}' chỉ có nghĩa khi có '{other}'", $"'{word}' only makes sense together with '{other}'");
        }
    }

    private void Excludes(Section words, string one, string other)
    {
        if (words.Has(one) && words.Has(other))
        {
            faults.Add(words.PlaceOf(other), $"'{one}' và '{other}' không đi cùng nhau", $"'{one}' and '{other}' do not go together");
        }
    }
}
