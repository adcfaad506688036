using System.Globalization;
using System.Text.Json;
using Integration.Records;

namespace Integration.Map;

/// <summary>Reads what <see cref="RawRow"/> wrote, or a sample that a person wrote.</summary>
internal static class RawRowReader
{
    /// <exception cref="FormatException">It is not such a row.</exception>
    public static RowPage Read(ReadOnlyMemory<byte> json, RowShape? shape, IReadOnlyDictionary<string, RowShape>? childShapes)
    {
        var bytes = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return ReadRow(document.RootElement, shape, childShapes);
        }
        catch (JsonException e)
        {
            throw new FormatException($"Line {e.LineNumber + 1}: this is not JSON.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("A text holds half a surrogate pair.", e);
        }
    }

    private static RowPage ReadRow(JsonElement root, RowShape? shape, IReadOnlyDictionary<string, RowShape>? childShapes)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("A row is a JSON object.");
        }

        var cells = new List<JsonProperty>();
        var lists = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (!IsList(property.Value))
            {
                cells.Add(property);
            }
            else if (!lists.TryAdd(property.Name, property.Value))
            {
                throw new FormatException($"'{property.Name}' stands twice.");
            }
        }

        var page = new RowPage(shape ?? ShapeOf(cells.Select(c => c.Name), unique: true));
        AddRow(page, cells);
        foreach (var name in childShapes?.Keys ?? lists.Keys)
        {
            page.AddChildren(name, ReadChildren(name, lists.TryGetValue(name, out var list) ? list : null, childShapes?[name]));
        }

        return page;
    }

    private static ChildRows ReadChildren(string name, JsonElement? list, RowShape? shape)
    {
        List<List<JsonProperty>> rows = list is { ValueKind: JsonValueKind.Array } array
            ? [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object
                ? item.EnumerateObject().ToList()
                : throw new FormatException($"'{name}' must be a list of objects."))]
            : [];
        var columns = list is { ValueKind: JsonValueKind.Object } none
            ? none.GetProperty("$none").EnumerateArray().Select(c => c.GetString()!)
            : rows.SelectMany(r => r.Select(c => c.Name)).Distinct(StringComparer.Ordinal);
        var page = new RowPage(shape ?? ShapeOf(columns, unique: false));
        foreach (var row in rows)
        {
            AddRow(page, row);
        }

        return new ChildRows(page, [0, page.Count]);
    }

    private static RowShape ShapeOf(IEnumerable<string> columns, bool unique)
    {
        try
        {
            return new RowShape(columns);
        }
        catch (ArgumentException e) when (unique)
        {
            throw new FormatException("A column stands twice.", e);
        }
    }

    private static void AddRow(RowPage page, List<JsonProperty> cells)
    {
        var byName = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var cell in cells)
        {
            if (!byName.TryAdd(cell.Name, cell.Value))
            {
                throw new FormatException($"Column '{cell.Name}' stands twice.");
            }
        }

        foreach (var column in page.Shape.Columns)
        {
            if (byName.TryGetValue(column, out var value))
            {
                AddCell(page, column, value);
            }
            else
            {
                page.AddNull();
            }
        }

        page.EndRow();
    }

    private static void AddCell(RowPage page, string column, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                page.AddNull();
                break;
            case JsonValueKind.String:
                page.AddText(value.GetString());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                page.AddBoolean(value.GetBoolean());
                break;
            case JsonValueKind.Number when value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 && value.TryGetInt64(out var whole):
                page.AddInteger(whole);
                break;
            case JsonValueKind.Number:
                page.AddNumber(value.GetRawText().AsSpan());
                break;
            case JsonValueKind.Object when value.EnumerateObject().ToList() is [{ Value.ValueKind: JsonValueKind.String } tagged]:
                AddTagged(page, column, tagged.Name, tagged.Value.GetString()!);
                break;
            default:
                throw new FormatException($"Column '{column}' holds a list or an object that is no value.");
        }
    }

    private static void AddTagged(RowPage page, string column, string tag, string value)
    {
        switch (tag)
        {
            case "$number":
                page.AddNumber(value.AsSpan());
                break;
            case "$unreadable":
                page.AddUnreadable(value);
                break;
            case "$date" when DateOnly.TryParseExact(value, RawRow.DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day):
                page.AddDate(day);
                break;
            case "$time" when IsoDate.TryParse(value, out var time) && time is { HasTime: true, IsInstant: false }:
                page.AddLocalTime(time.Wall);
                break;
            case "$instant" when IsoDate.TryParse(value, out var instant) && instant.IsInstant:
                page.AddInstant(instant.Wall);
                break;
            case "$utf16" when value.Length % 4 == 0 && value.All(char.IsAsciiHexDigit):
                page.AddText(string.Concat(value.Chunk(4).Select(h => (char)Convert.ToInt32(new string(h), 16))));
                break;
            default:
                throw new FormatException($"Column '{column}': {tag} does not hold such a value.");
        }
    }

    private static bool IsList(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        || (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$none", out var none) && none.ValueKind == JsonValueKind.Array);
}
