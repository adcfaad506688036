using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Integration.Records;

namespace Integration.Map;

/// <summary>
/// One row of a source with its children as JSON, so that it can be kept and mapped again later. What JSON has no kind for stands as an object:
/// <c>{"$time":"2025-07-02T08:00:00.0000000"}</c>, <c>$instant</c>, <c>$date</c>, <c>$number</c> (digits as text), <c>$unreadable</c>,
/// <c>$utf16</c> (text that is not valid Unicode, as hex), <c>$none</c> (columns of a list without rows). Samples written by hand need none of
/// these: dates may be text, a list of objects is a set of child rows.
/// </summary>
internal static class RawRow
{
    internal const string DayForm = "yyyy-MM-dd";
    internal const string TimeForm = "yyyy-MM-ddTHH:mm:ss.fffffff";

    /// <summary>Writes a row; equal rows give equal bytes. Where the row stood (file, line) is no part of it.</summary>
    public static void Write(RowPage page, int row, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        json.WriteStartObject();
        WriteCells(json, page, row);
        foreach (var (name, children) in page.Children.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            WriteChildren(json, children, row);
        }

        json.WriteEndObject();
    }

    /// <summary>Reads a row as it was written, or as a person wrote it.</summary>
    /// <returns>A page with one row and its children.</returns>
    /// <exception cref="FormatException">It is not such a row; the message says what and where, without a value.</exception>
    public static RowPage Read(ReadOnlyMemory<byte> json) => RawRowReader.Read(json, null, null);

    /// <summary>Reads a row for given columns: one that is not in the JSON is null, one that is not asked for is passed over.</summary>
    /// <param name="children">Columns of each set of child rows; a set that is not in the JSON has no rows.</param>
    /// <exception cref="FormatException">It is not such a row; the message says what and where, without a value.</exception>
    public static RowPage Read(ReadOnlyMemory<byte> json, RowShape row, IReadOnlyDictionary<string, RowShape> children) =>
        RawRowReader.Read(json, row, children);

    private static void WriteChildren(Utf8JsonWriter json, ChildRows children, int parent)
    {
        var (start, end) = (children.Starts[parent], children.Starts[parent + 1]);
        if (start == end)
        {
            json.WriteStartObject();
            json.WriteStartArray("$none");
            foreach (var column in children.Rows.Shape.Columns)
            {
                json.WriteStringValue(column);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            return;
        }

        json.WriteStartArray();
        for (var child = start; child < end; child++)
        {
            json.WriteStartObject();
            WriteCells(json, children.Rows, child);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCells(Utf8JsonWriter json, RowPage page, int row)
    {
        for (var column = 0; column < page.Shape.Count; column++)
        {
            json.WritePropertyName(page.Shape.Columns[column]);
            WriteCell(json, page, page[row, column]);
        }
    }

    private static void WriteCell(Utf8JsonWriter json, RowPage page, Cell cell)
    {
        switch (cell.Kind)
        {
            case CellKind.Null:
                json.WriteNullValue();
                break;
            case CellKind.Text when IsUnicode(page.Text(cell)):
                json.WriteStringValue(page.Text(cell));
                break;
            case CellKind.Text:
                WriteTagged(json, "$utf16", string.Concat(page.Text(cell).ToArray().Select(c => ((int)c).ToString("x4", CultureInfo.InvariantCulture))));
                break;
            case CellKind.Integer:
                json.WriteNumberValue(cell.Bits);
                break;
            case CellKind.Boolean:
                json.WriteBooleanValue(cell.Bits != 0);
                break;
            case CellKind.Number:
                WriteTagged(json, "$number", page.Text(cell));
                break;
            case CellKind.Unreadable:
                WriteTagged(json, "$unreadable", page.Text(cell));
                break;
            case CellKind.Date:
                WriteTagged(json, "$date", DateOnly.FromDayNumber((int)cell.Bits).ToString(DayForm, CultureInfo.InvariantCulture));
                break;
            case CellKind.LocalTime:
                WriteTagged(json, "$time", new DateTime(cell.Bits).ToString(TimeForm, CultureInfo.InvariantCulture));
                break;
            default:
                WriteTagged(json, "$instant", new DateTime(cell.Bits).ToString(TimeForm, CultureInfo.InvariantCulture) + "Z");
                break;
        }
    }

    private static void WriteTagged(Utf8JsonWriter json, string tag, ReadOnlySpan<char> value)
    {
        json.WriteStartObject();
        json.WriteString(tag, value);
        json.WriteEndObject();
    }

    private static bool IsUnicode(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
