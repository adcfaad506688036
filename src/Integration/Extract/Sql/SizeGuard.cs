using System.Globalization;

namespace Integration.Extract.Sql;

/// <summary>
/// Keeps a huge cell from leaving the database: it comes as NULL, and its size stands in a last column that tells which cells that befell
/// (<c>" 3:524288000"</c>: the fourth). The database knows the sizes of texts without reading them.
/// </summary>
internal static class SizeGuard
{
    /// <param name="alias">Of the query the columns come from.</param>
    /// <param name="size">SQL that gives the bytes of a column; null for one that cannot be large.</param>
    /// <param name="value">SQL that gives the column's value.</param>
    /// <param name="largest">SQL that gives the largest of some sizes, whichever of them are NULL: most rows are then done with one look. Null: every cell is looked at.</param>
    public static string Select(
        string alias, IReadOnlyList<Column> columns, long limit, Func<Column, string, string?> size, Func<Column, string, string> value, Func<IEnumerable<string>, string>? largest = null)
    {
        var (cells, found, sizes) = (new List<string>(), new List<string>(), new List<string>());
        for (var i = 0; i < columns.Count; i++)
        {
            var name = Statements.Quote(columns[i].Name);
            var cell = $"{alias}.{name}";
            if (size(columns[i], cell) is not { } bytes)
            {
                cells.Add($"{value(columns[i], cell)} AS {name}");
                continue;
            }

            var isLarge = string.Create(CultureInfo.InvariantCulture, $"CASE WHEN {bytes} > {limit} THEN");
            cells.Add($"{isLarge} NULL ELSE {value(columns[i], cell)} END AS {name}");
            sizes.Add(bytes);
            found.Add(string.Create(CultureInfo.InvariantCulture, $"{isLarge} ' {i}:' || {bytes} ELSE '' END"));
        }

        var all = found.Count == 0 ? "''" : string.Join(" || ", found);
        return largest is null || found.Count < 2
            ? $"{string.Join(", ", cells)}, {all}"
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", cells)}, CASE WHEN {largest(sizes)} > {limit} THEN {all} ELSE '' END");
    }

    /// <param name="found">The last column.</param>
    /// <param name="sizes">Receives the size of each cell that was too large, and 0 for the others.</param>
    public static void Read(ReadOnlySpan<byte> found, long[] sizes)
    {
        Array.Clear(sizes);
        while (!found.IsEmpty)
        {
            var colon = found.IndexOf((byte)':');
            var end = found[1..].IndexOf((byte)' ') is >= 0 and var next ? 1 + next : found.Length;
            sizes[int.Parse(found[1..colon], CultureInfo.InvariantCulture)] = long.Parse(found[(colon + 1)..end], CultureInfo.InvariantCulture);
            found = found[end..];
        }
    }
}
