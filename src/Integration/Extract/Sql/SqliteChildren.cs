using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Integration.Extract.Sql;

/// <summary>One query for the children of a whole page, lined up with their parents by the database.</summary>
internal static class SqliteChildren
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>First column: number of the parent, from 0. Parameter: the keys as JSON.</summary>
    /// <param name="columns">What is read of each child.</param>
    public static string Select(Child child, string columns)
    {
        var equal = string.Join(" AND ", child.On.Select((c, i) => $"c.{Statements.Quote(c.Name)} = json_extract(p.value, '$[{i}]')"));
        var order = (child.OrderBy.Count > 0 ? child.OrderBy : child.Columns.Select(c => c.Name)).Select(c => $"c.{Statements.Quote(c)}");
        return $"""
            SELECT p.key, {columns} FROM json_each($1) p JOIN (
            {child.Query}
            ) c ON {equal} ORDER BY p.key, {string.Join(", ", order)}
            """;
    }

    public static string Json(IReadOnlyList<string[]> keys)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Plain))
        {
            json.WriteStartArray();
            foreach (var key in keys)
            {
                json.WriteStartArray();
                foreach (var part in key)
                {
                    switch (SqliteCells.Parse(part))
                    {
                        case string text:
                            json.WriteStringValue(text);
                            break;
                        case long number:
                            json.WriteNumberValue(number);
                            break;
                        case double number when double.IsFinite(number):
                            json.WriteNumberValue(number);
                            break;
                        default:
                            json.WriteNullValue();
                            break;
                    }
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
