namespace Integration.Extract.Sql;

/// <summary>What is put around a pipeline's query.</summary>
/// <param name="watermark">Null in a sweep.</param>
/// <param name="columns">What is read of each row of the query, which is <c>q</c>.</param>
/// <param name="operand"><see cref="ISession.Operand"/></param>
internal sealed class Statements(string query, string? watermark, IReadOnlyList<string> key, string columns, Func<int, string, string> operand)
{
    private readonly string _key = string.Join(", ", key.Select(k => $"q.{Quote(k)}"));

    // A comment at the end of the query ends with its line.
    public string All { get; } = $"SELECT {columns} FROM (\n{query}\n) q";

    /// <summary>Rows in order, from the first one or from a watermark (inclusive).</summary>
    public string From(string? bound) =>
        $"{All} WHERE {HasKey}{(watermark is null ? "" : $" AND q.{Quote(watermark)} {(bound is null ? "IS NOT NULL" : $">= {operand(1, bound)}")}")} ORDER BY {Order}";

    /// <summary>Rows in order after the row with this watermark and key.</summary>
    public string After(IReadOnlyList<string> at) => $"{All} WHERE {HasKey} AND ({Order}) > ({string.Join(", ", at.Select((v, i) => operand(i + 1, v)))}) ORDER BY {Order}";

    /// <summary>Rows that cannot take part: no key, or no watermark.</summary>
    public string Faulty(int most)
    {
        var needed = watermark is null ? key : [.. key, watermark];
        return $"{All} WHERE {string.Join(" OR ", needed.Select(c => $"q.{Quote(c)} IS NULL"))} ORDER BY {_key} LIMIT {most}";
    }

    public string ByKey(IReadOnlyList<string> values) => $"{All} WHERE {string.Join(" AND ", key.Select((k, i) => $"q.{Quote(k)} = {operand(i + 1, values[i])}"))}";

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private string HasKey => string.Join(" AND ", key.Select(k => $"q.{Quote(k)} IS NOT NULL"));

    private string Order => watermark is null ? _key : $"q.{Quote(watermark)}, {_key}";
}
