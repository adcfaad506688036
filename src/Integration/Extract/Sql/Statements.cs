namespace Integration.Extract.Sql;

/// <summary>What is put around a pipeline's query.</summary>
/// <param name="watermark">Null in a sweep.</param>
/// <param name="operand"><see cref="ISession.Operand"/></param>
internal sealed class Statements(string query, string? watermark, IReadOnlyList<string> key, Func<int, string, string> operand)
{
    private readonly string _key = string.Join(", ", key.Select(k => $"q.{Quote(k)}"));

    // A comment at the end of the query ends with its line.
    private readonly string _all = $"FROM (\n{query}\n) q";

    /// <summary>Rows in order, from the first one or from a watermark (inclusive).</summary>
    public Statement From(string? bound) => new(
        $"{_all} WHERE {HasKey}{(watermark is null ? "" : $" AND q.{Quote(watermark)} {(bound is null ? "IS NOT NULL" : $">= {operand(1, bound)}")}")} ORDER BY {Order}",
        bound is null ? [] : [bound], RowOrder);

    /// <summary>Rows in order after the row with this watermark and key.</summary>
    public Statement After(IReadOnlyList<string> at) => new(Place(">", at), at, RowOrder);

    /// <summary>Rows that cannot take part: no key, or no watermark.</summary>
    public Statement Faulty(int most)
    {
        var needed = watermark is null ? key : [.. key, watermark];
        return new Statement($"{_all} WHERE {string.Join(" OR ", needed.Select(c => $"q.{Quote(c)} IS NULL"))} ORDER BY {_key} LIMIT {most}", []);
    }

    public Statement ByKey(IReadOnlyList<string> values) =>
        new($"{_all} WHERE {string.Join(" AND ", key.Select((k, i) => $"q.{Quote(k)} = {operand(i + 1, values[i])}"))}", values);

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private RowOrder RowOrder => new(watermark is null ? key : [watermark, .. key], at => Place(">=", at));

    private string Place(string compared, IReadOnlyList<string> at) =>
        $"{_all} WHERE {HasKey} AND ({Order}) {compared} ({string.Join(", ", at.Select((v, i) => operand(i + 1, v)))}) ORDER BY {Order}";

    private string HasKey => string.Join(" AND ", key.Select(k => $"q.{Quote(k)} IS NOT NULL"));

    private string Order => watermark is null ? _key : $"q.{Quote(watermark)}, {_key}";
}
