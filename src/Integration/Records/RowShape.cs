namespace Integration.Records;

/// <summary>Column names of a page, in order. Names are compared exactly: <c>Ma</c> and <c>ma</c> are two columns.</summary>
internal sealed class RowShape
{
    private readonly Dictionary<string, int> _ordinals = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Two columns share a name.</exception>
    public RowShape(IEnumerable<string> columns)
    {
        Columns = [.. columns];
        for (var i = 0; i < Columns.Count; i++)
        {
            if (!_ordinals.TryAdd(Columns[i], i))
            {
                throw new ArgumentException($"Column '{Columns[i]}' stands twice.", nameof(columns));
            }
        }

        Count = Columns.Count;
    }

    public IReadOnlyList<string> Columns { get; }

    public int Count { get; }

    /// <returns>The column's place, or -1.</returns>
    public int Find(string column) => _ordinals.GetValueOrDefault(column, -1);
}
