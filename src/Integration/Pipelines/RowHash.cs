using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Integration.Map;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// A hash (XXH128) of everything that decides what a row is made into: the cells that are read of it and of its children, the pipeline's
/// definition, and the program itself. What was made of it once need not be made again while the hash is the same. It tells a row from its own
/// last version and withstands chance, not somebody who writes both: what is sent is known by the SHA-256 of its content.
/// </summary>
internal sealed class RowHash
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly int[] _columns;
    private readonly (string Name, int[] Columns)[] _children;
    private readonly byte[] _seed;

    /// <param name="longest">Bytes a payload may have.</param>
    public RowHash(PipelineDefinition definition, RowPage page, int longest)
    {
        var (row, children) = Mapper.ColumnsOf(definition.Map);
        string?[] own = [.. definition.Source.Key, definition.Group, definition.Order, .. definition.WaitsFor?.Key ?? []];
        _columns = Places(page.Shape, row.Columns.Concat(own.OfType<string>()));
        _children =
        [
            .. from child in children.OrderBy(static c => c.Key, StringComparer.Ordinal)
               where page.Children.ContainsKey(child.Key)
               select (child.Key, Places(page.Children[child.Key].Rows.Shape, child.Value.Columns)),
        ];

        // Where each value stands follows from the definition; what the runtime brings (Unicode, zones) may change under the same program.
        var text = $"{definition.Version} {longest} {typeof(RowHash).Module.ModuleVersionId} {RuntimeInformation.FrameworkDescription} {definition.Schedule.Zone.ToSerializedString()}";
        _seed = SHA256.HashData(Encoding.Unicode.GetBytes(text));
    }

    /// <param name="page">Of the shape this was made for.</param>
    public Guid Of(RowPage page, int row)
    {
        _bytes.ResetWrittenCount();
        _bytes.Write(_seed);
        Add(page, row, _columns);
        foreach (var (name, columns) in _children)
        {
            var children = page.Children[name];
            var (start, end) = (children.Starts[row], children.Starts[row + 1]);
            Add(end - start);
            for (var child = start; child < end; child++)
            {
                Add(children.Rows, child, columns);
            }
        }

        Span<byte> digest = stackalloc byte[16];
        XxHash128.Hash(_bytes.WrittenSpan, digest);
        return new Guid(digest);
    }

    private static int[] Places(RowShape shape, IEnumerable<string> columns) => [.. columns.Distinct(StringComparer.Ordinal).Select(shape.Find).Where(static at => at >= 0)];

    // Kind, value or length, text: no two rows give the same bytes.
    private void Add(RowPage page, int row, int[] columns)
    {
        foreach (var column in columns)
        {
            var cell = page[row, column];
            var kind = _bytes.GetSpan(1);
            kind[0] = (byte)cell.Kind;
            _bytes.Advance(1);
            switch (cell.Kind)
            {
                case CellKind.Null:
                    break;
                case CellKind.Text or CellKind.Number or CellKind.Unreadable:
                    Add(cell.Length);
                    _bytes.Write(page.Utf8(cell));
                    break;
                default:
                    Add(cell.Bits);
                    break;
            }
        }
    }

    private void Add(long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), number);
        _bytes.Advance(sizeof(long));
    }
}
