using System.Buffers;
using Integration.Records;

namespace Integration.Map;

internal static class RawRow
{
    public static void Write(RowPage page, int row, IBufferWriter<byte> output) => throw new NotImplementedException();

    public static RowPage Read(ReadOnlyMemory<byte> json) => throw new NotImplementedException();

    public static RowPage Read(ReadOnlyMemory<byte> json, RowShape row, IReadOnlyDictionary<string, RowShape> children) => throw new NotImplementedException();
}
