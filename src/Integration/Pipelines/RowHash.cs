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
    private byte[] _bytes = new byte[4096];
    private int _count;
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
        _seed.CopyTo(_bytes, 0);
    }

    /// <param name="page">Of the shape this was made for.</param>
    public Guid Of(RowPage page, int row)
    {
        _count = _seed.Length;
        Add(page, row, _columns);
        foreach (var (name, columns) in _children)
        {
            var children = page.Children[name];
            var (start, end) = (children.Starts[row], children.Starts[row + 1]);
            Add(CellKind.Integer, end - start, default);
            for (var child = start; child < end; child++)
            {
                Add(children.Rows, child, columns);
            }
        }

        Span<byte> digest = stackalloc byte[16];
        XxHash128.Hash(_bytes.AsSpan(0, _count), digest);
        return new Guid(digest);
    }

    private static int[] Places(RowShape shape, IEnumerable<string> columns) => [.. columns.Distinct(StringComparer.Ordinal).Select(shape.Find).Where(static at => at >= 0)];

    private void Add(RowPage page, int row, int[] columns)
    {
        foreach (var column in columns)
        {
            var cell = page[row, column];
            if (cell.Kind is CellKind.Text or CellKind.Number or CellKind.Unreadable)
            {
                Add(cell.Kind, cell.Length, page.Utf8(cell));
            }
            else
            {
                Add(cell.Kind, cell.Bits, default);
            }
        }
    }

    // Kind, value or length, text: no two rows give the same bytes.
    private void Add(CellKind kind, long number, ReadOnlySpan<byte> text)
    {
        var needed = _count + 1 + sizeof(long) + text.Length;
        if (_bytes.Length < needed)
        {
            Array.Resize(ref _bytes, 2 * needed);
        }

        _bytes[_count] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_count + 1), number);
        text.CopyTo(_bytes.AsSpan(_count + 1 + sizeof(long)));
        _count = needed;
    }
}
