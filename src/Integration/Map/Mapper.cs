using System.Buffers;
using Integration.Records;

namespace Integration.Map;

internal sealed class Mapper
{
    public static void Check(
        MapDefinition map, IReadOnlyDictionary<string, FieldType> types, IReadOnlyCollection<string> required, LookupSet lookups,
        IReadOnlyCollection<string> childNames, ICollection<Fault> faults) => throw new NotImplementedException();

    public static Mapper? Compile(
        MapDefinition map, IReadOnlyDictionary<string, FieldType> types, LookupSet lookups, MapOptions options,
        RowShape row, IReadOnlyDictionary<string, RowShape> children, ICollection<Fault> faults) => throw new NotImplementedException();

    public bool Map(RowPage page, int row, IBufferWriter<byte> output, List<Rejection> rejections) => throw new NotImplementedException();

    public string? SourceOf(string targetPath) => throw new NotImplementedException();
}
