using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>Turns a checked map into writers over column ordinals.</summary>
internal sealed class MapCompiler(
    IReadOnlyDictionary<string, FieldType> types, LookupSet lookups, MapOptions options,
    IReadOnlyDictionary<string, RowShape> children, ICollection<Fault> faults)
{
    private readonly Dictionary<string, string?> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _dates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LastHit> _hits = new(StringComparer.Ordinal);
    private BlankStyle _blank;

    public Mapper Run(MapDefinition map, RowShape row)
    {
        _blank = map.Blank;
        var fields = Compile(map.Fields, new Level("", row, null));
        return new Mapper(fields, _sources, _dates.Count);
    }

    private ObjectFields Compile(IReadOnlyList<FieldMap> fields, Level level)
    {
        var orders = new List<DateOrder>();
        var written = fields.Select(f => level.Prefix + f.Target).ToHashSet(StringComparer.Ordinal);
        foreach (var path in written)
        {
            if (options.Terms?.GetValueOrDefault(path) is { NotBefore: { } earlier } later && written.Contains(earlier))
            {
                // A day and a moment of that same day contradict each other in nothing.
                var unit = later.ShowsTime && options.Terms[earlier].ShowsTime ? 1 : TimeSpan.TicksPerDay;
                orders.Add(new DateOrder(DateOf(path), DateOf(earlier), unit));
            }
        }

        var isWhole = options.Terms is not null && options.Terms.All(t => !t.Value.IsRequired || written.Contains(t.Key) || !MapCheck.IsDirectlyIn(level.Prefix, t.Key));
        return new ObjectFields([.. fields.Select(f => Compile(f, level))], [.. orders], isWhole);
    }

    private int DateOf(string path)
    {
        _dates.TryAdd(path, _dates.Count);
        return _dates[path];
    }

    private FieldWriter Compile(FieldMap field, Level level)
    {
        var path = level.Prefix + field.Target;
        var proof = new FieldProof(options.Terms?.GetValueOrDefault(path), _dates.GetValueOrDefault(path, -1));
        var name = JsonText.Name(field.Target);
        switch (field)
        {
            case FixedField fix:
                _sources[path] = null;
                return new FixedWriter(name, Encode(fix.Value, types[path]), Encoding.UTF8.GetBytes(CleanText.Of(fix.Value)!), types[path], proof);
            case ObjectField part:
                _sources[path] = null;
                return new ObjectWriter(name, Compile(part.Fields, level with { Prefix = $"{path}." }));
            case ListField list:
                var shape = children[list.Each];
                var items = Compile(shape.Count == 0 ? [] : list.Fields, new Level($"{path}[].", shape, list.Each));
                return new ListWriter(name, Place(path, list.Each), _blank, list.Each, list.Required, items, proof);
            default:
                var column = (ColumnField)field;
                var place = Place(path, string.Join(", ", column.From.Select(level.Name)));
                var test = column.When is { } when ? new RowTest(Text(when.Column, column, level, place), when.Negated, Clean(when.Values)) : null;
                return new ScalarWriter(name, place, types[path], _blank, Source(column, level, place), test, column, proof);
        }
    }

    private FieldSource Source(ColumnField field, Level level, FieldPlace place)
    {
        if (field.Format is not null)
        {
            return new DateSource(Date(field.From[0], field, field.Parse, level, place), field.Format, place);
        }

        var parts = field.From.Select(c => Text(c, field, level, place)).ToArray();
        if (field.Lookup is { } use)
        {
            var table = lookups.Tables[use.Table];
            var asOf = use.AsOf is { } column && table.IsDated ? Date(column, field, null, level, place) : null;
            return new LookupSource(
                table, table.Columns.ToList().IndexOf(use.Column), parts[0], parts.ElementAtOrDefault(1), asOf,
                use.AsOf is null ? null : level.Name(use.AsOf), place, Last(use, field, level));
        }

        return field.Join is null ? new PlainSource(parts[0]) : new JoinSource(parts, Encoding.UTF8.GetBytes(field.Join));
    }

    private LastHit Last(LookupUse use, ColumnField field, Level level)
    {
        var asked = string.Join('\n', [use.Table, use.AsOf ?? "", level.Each ?? "", .. field.From]);
        _hits.TryAdd(asked, new LastHit());
        return _hits[asked];
    }

    private ColumnText Text(string column, ColumnField field, Level level, FieldPlace place) =>
        new(Ordinal(column, field, level), level.Name(column), place);

    private ColumnDate Date(string column, ColumnField field, string? parse, Level level, FieldPlace place) =>
        new(Ordinal(column, field, level), level.Name(column), parse, options.Zone, place);

    private int Ordinal(string column, ColumnField field, Level level)
    {
        var ordinal = level.Shape.Find(column);
        if (ordinal < 0)
        {
            var near = NearestWord.Of(column, level.Shape.Columns);
            faults.Add(new Fault(field.At, new Text(
                $"{field.Target}: nguồn không có cột '{level.Name(column)}'{(near is null ? "" : $"; gần nhất: '{near}'")}.",
                $"{field.Target}: the source has no column '{level.Name(column)}'{(near is null ? "" : $"; nearest: '{near}'")}.")));
        }

        return ordinal;
    }

    private FieldPlace Place(string path, string source)
    {
        _sources[path] = source;
        return new FieldPlace(path, source, PersonalField.IsListed(options.Personal, path));
    }

    private static byte[][] Clean(IReadOnlyList<string> values) => [.. values.Select(v => Encoding.UTF8.GetBytes(CleanText.Of(v) ?? v))];

    private static byte[] Encode(string value, FieldType type) => type switch
    {
        FieldType.Text => JsonText.Quoted(CleanText.Of(value)!),
        FieldType.Boolean => JsonScalar.TryBoolean(Encoding.UTF8.GetBytes(value), out var flag) && flag ? "true"u8.ToArray() : "false"u8.ToArray(),
        _ => Encoding.UTF8.GetBytes(value),
    };

    // One nesting of the map: what stands before a field's name, and the columns its fields read.
    private sealed record Level(string Prefix, RowShape Shape, string? Each)
    {
        public string Name(string column) => Each is null ? column : $"{Each}.{column}";
    }
}
