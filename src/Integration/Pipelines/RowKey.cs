using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>What a record is known by: some cells of its row.</summary>
internal static class RowKey
{
    /// <returns>The key's parts joined by '|', NFC and trimmed; null when any part has no value.</returns>
    public static string? Of(RowPage page, int row, ReadOnlySpan<int> columns)
    {
        string? key = null;
        foreach (var column in columns)
        {
            var cell = page[row, column];
            if (columns.Length == 1 && cell.Kind == CellKind.Text && page.Utf8(cell) is [> (byte)' ', .., > (byte)' '] text && PlainText.Measure(text) >= 0)
            {
                return Encoding.UTF8.GetString(text);
            }

            var part = cell.Kind switch
            {
                // Half a character cannot be normalised, stored or sent: such a key is no key.
                CellKind.Text or CellKind.Number => Utf8.IsValid(page.Utf8(cell)) ? page.Text(cell).Trim() : "",
                CellKind.Integer or CellKind.Boolean => cell.Bits.ToString(CultureInfo.InvariantCulture),
                CellKind.Date => DateOnly.FromDayNumber((int)cell.Bits).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                CellKind.LocalTime => new DateTime(cell.Bits).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
                CellKind.Instant => new DateTime(cell.Bits, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
                _ => "",
            };
            if (part.Length == 0)
            {
                return null;
            }

            key = key is null ? part : $"{key}|{part}";
        }

        return key is not null && !key.IsNormalized() ? key.Normalize() : key;
    }
}
