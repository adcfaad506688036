using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Integration.Extract.Sql;

/// <summary>
/// Keys of a page that rise strictly, as bytes that compare as the keys do. Only of what is certain to be compared alike here and by a server that
/// sorts by bytes: whole numbers as they are written, and ASCII.
/// </summary>
internal sealed class RisingKeys(ColumnKind kind)
{
    private byte[] _bytes = new byte[1024];
    private int[] _ends = [];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int key] => _bytes.AsSpan(key == 0 ? 0 : _ends[key - 1], _ends[key] - (key == 0 ? 0 : _ends[key - 1]));

    /// <param name="keys">Each of one column.</param>
    /// <returns>False where they do not rise, or that is not certain.</returns>
    public bool TryFill(IReadOnlyList<string[]> keys)
    {
        (Count, var end) = (0, 0);
        if (_ends.Length < keys.Count)
        {
            _ends = new int[keys.Count];
        }

        foreach (var key in keys)
        {
            var length = kind == ColumnKind.Integer ? sizeof(long) : key[0].Length;
            if (_bytes.Length - end < length)
            {
                Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, end + length));
            }

            if (!TryWrite(key[0], _bytes.AsSpan(end, length)))
            {
                return false;
            }

            end += length;
            _ends[Count++] = end;
            if (Count > 1 && this[Count - 1].SequenceCompareTo(this[Count - 2]) <= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="number">As the server sends it.</param>
    /// <param name="bytes">In the form of the keys.</param>
    public static void Write(long number, Span<byte> bytes) => BinaryPrimitives.WriteInt64BigEndian(bytes, number ^ long.MinValue);

    private bool TryWrite(string key, Span<byte> bytes)
    {
        if (kind != ColumnKind.Integer)
        {
            return Ascii.FromUtf16(key, bytes, out _) == System.Buffers.OperationStatus.Done;
        }

        // Written in another way it may still be the same number to the server.
        if (!long.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number.ToString(CultureInfo.InvariantCulture) != key)
        {
            return false;
        }

        Write(number, bytes);
        return true;
    }
}
