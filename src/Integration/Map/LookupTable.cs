using Integration.Records;

namespace Integration.Map;

internal sealed class LookupTable
{
    public string Name => throw new NotImplementedException();
    public IReadOnlyList<string> Columns => throw new NotImplementedException();
    public bool HasSecondKey => throw new NotImplementedException();
    public bool IsDated => throw new NotImplementedException();
    public int Count => throw new NotImplementedException();
    public ContentHash Version => throw new NotImplementedException();
    public static LookupTable? Read(string path, string shownPath, ICollection<Fault> faults) => throw new NotImplementedException();
}
