using Integration.Records;

namespace Integration.Map;

/// <summary>Collects the columns a map reads.</summary>
internal static class MapColumns
{
    public static (RowShape Row, IReadOnlyDictionary<string, RowShape> Children) Of(MapDefinition map)
    {
        var children = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var row = new List<string>();
        Collect(map.Fields, row, children);
        return (new RowShape(row.Distinct()), children.ToDictionary(c => c.Key, c => new RowShape(c.Value.Distinct()), StringComparer.Ordinal));
    }

    /// <summary>The columns of one field: those it is made of, the date that picks a lookup's row, and the one its condition tests.</summary>
    public static IEnumerable<string> Of(ColumnField field) =>
        [.. field.From, .. field.Lookup?.AsOf is { } asOf ? [asOf] : (string[])[], .. field.When is { } when ? [when.Column] : (string[])[]];

    private static void Collect(IReadOnlyList<FieldMap> fields, List<string> columns, Dictionary<string, List<string>> children)
    {
        foreach (var field in fields)
        {
            switch (field)
            {
                case ColumnField column:
                    columns.AddRange(Of(column));
                    break;
                case ObjectField part:
                    Collect(part.Fields, columns, children);
                    break;
                case ListField list:
                    children.TryAdd(list.Each, []);
                    Collect(list.Fields, children[list.Each], children);
                    break;
            }
        }
    }
}
