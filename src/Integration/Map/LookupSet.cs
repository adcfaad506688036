using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>The code tables a pipeline may use, by name.</summary>
internal sealed class LookupSet(IReadOnlyDictionary<string, LookupTable> tables)
{
    public static readonly LookupSet None = new(new Dictionary<string, LookupTable>());

    public IReadOnlyDictionary<string, LookupTable> Tables { get; } = tables;

    /// <summary>Hash over the names and contents of all tables.</summary>
    public ContentHash Version { get; } = ContentHash.Of(Encoding.UTF8.GetBytes(string.Join(
        '\n', tables.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value.Version}"))));
}
