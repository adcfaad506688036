using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>What becomes of rows without a key or a watermark. The row looked at is the one after the page's last: it is not closed yet.</summary>
internal static class RowFaults
{
    private const int LongestRaw = 64 * 1024;
    private const int LongestCell = 4 * 1024;

    private static readonly JsonWriterOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool IsBlank(RowPage page, int column) => page[page.Count, column] is var cell && cell.Kind switch
    {
        CellKind.Text or CellKind.Number => IsBlank(page.Utf8(cell)),
        CellKind.Null or CellKind.Unreadable => true,
        _ => false,
    };

    // What begins with a visible ASCII character is what nearly every key is.
    private static bool IsBlank(ReadOnlySpan<byte> utf8) => utf8 is not [> 0x20 and < 0x7F, ..] && string.IsNullOrWhiteSpace(Wtf8.Decode(utf8));

    /// <summary>The stand-in key is made of the row's content, so that the same row is one failure and not a new one with every reading.</summary>
    public static RowFault WithoutKey(RowPage page, int column)
    {
        var raw = Raw(page);
        var standIn = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(raw)).AsSpan(0, 8));
        return new RowFault(Rules.KeyMissing.Code, $"?{standIn}", raw, default, null, page.Shape.Columns[column]);
    }

    public static RowFault WithoutWatermark(RowPage page, IReadOnlyList<int> key, int watermark) =>
        new(Rules.WatermarkMissing.Code, string.Join('|', key.Select(k => Text(page, page[page.Count, k]).Trim())).Normalize(), Raw(page), default, null, page.Shape.Columns[watermark]);

    private static string Raw(RowPage page)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Plain))
        {
            json.WriteStartObject();
            for (var column = 0; column < page.Shape.Count && json.BytesPending + json.BytesCommitted < LongestRaw; column++)
            {
                var cell = page[page.Count, column];
                if (!cell.IsNull)
                {
                    var text = Text(page, cell);
                    json.WriteString(page.Shape.Columns[column], text.Length <= LongestCell ? text : text[..LongestCell]);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Text(RowPage page, Cell cell) => cell.Kind switch
    {
        CellKind.Null => "",
        CellKind.Text or CellKind.Number or CellKind.Unreadable => page.Text(cell),
        CellKind.Date => DateOnly.FromDayNumber((int)cell.Bits).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        CellKind.LocalTime => new DateTime(cell.Bits).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        CellKind.Instant => new DateTime(cell.Bits, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => cell.Bits.ToString(CultureInfo.InvariantCulture),
    };
}
