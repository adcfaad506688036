using Integration.Records;

namespace Integration.Map;

internal sealed class LookupSet(IReadOnlyDictionary<string, LookupTable> tables)
{
    public IReadOnlyDictionary<string, LookupTable> Tables { get; } = tables;
    public ContentHash Version => throw new NotImplementedException();
}
