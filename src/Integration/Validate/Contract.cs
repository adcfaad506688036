using Integration.Records;

namespace Integration.Validate;

internal sealed class Contract
{
    public IReadOnlyDictionary<string, FieldType> Types => throw new NotImplementedException();
    public IReadOnlySet<string> Required => throw new NotImplementedException();
    public ContentHash Version => throw new NotImplementedException();
    public static Contract? Read(string path, string shownPath, ICollection<Fault> faults) => throw new NotImplementedException();
    public void Check(ReadOnlySpan<byte> payload, IReadOnlySet<string> personal, List<Rejection> rejections) => throw new NotImplementedException();
}
