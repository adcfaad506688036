using System.Text;

namespace Integration.Extract.Sql;

/// <summary>One query for the children of a whole page: the database itself lines them up with their parents.</summary>
internal static class PostgresChildren
{
    /// <summary>First column: number of the parent, from 1.</summary>
    /// <param name="columns">What is read of each child.</param>
    /// <param name="keys">One array a key column, as SQL.</param>
    public static string Select(Child child, string columns, IEnumerable<string> keys)
    {
        string[] typed = [.. child.On.Zip(keys, static (c, array) => $"{array}::{c.TypeName}[]")];
        var arrays = string.Join(", ", typed);
        var names = string.Join(", ", child.On.Select((_, i) => $"k{i}"));
        var equal = string.Join(" AND ", child.On.Select((c, i) => $"c.{Statements.Quote(c.Name)} = p.k{i}"));
        var order = child.OrderBy.Count > 0
            ? child.OrderBy.Select(c => $"c.{Statements.Quote(c)}")
            : child.Columns.Select(c => $"c.{Statements.Quote(c.Name)}{(c.IsOrdered ? "" : "::text")}");

        // The second condition says nothing new, but it reaches into queries that group or unite, which the join cannot.
        return $"""
            SELECT p.n, {columns} FROM unnest({arrays}) WITH ORDINALITY p({names}, n) JOIN (
            {child.Query}
            ) c ON {equal} WHERE c.{Statements.Quote(child.On[0].Name)} = ANY ({typed[0]}) ORDER BY p.n, {string.Join(", ", order)}
            """;
    }

    /// <summary>Array literals, one a key column.</summary>
    public static string[] Arrays(IReadOnlyList<string[]> keys, int columns)
    {
        var arrays = new string[columns];
        var text = new StringBuilder();
        for (var column = 0; column < columns; column++)
        {
            text.Clear().Append('{');
            foreach (var key in keys)
            {
                text.Append(text.Length > 1 ? "," : "").Append('"');
                foreach (var c in key[column])
                {
                    text.Append(c is '"' or '\\' ? "\\" : "").Append(c);
                }

                text.Append('"');
            }

            arrays[column] = text.Append('}').ToString();
        }

        return arrays;
    }
}
