using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Integration.Extract.Csv;

/// <summary>
/// Finds the keys that stand more than once in a file of any length, in memory that does not grow with it. The first pass marks every key in
/// a table of bits and remembers those that found all their bits set: every repeated key, and few others. The second pass keeps the lines
/// of those alone.
/// </summary>
internal sealed class RepeatedKeys
{
    private const int LargestTable = 1 << 26;
    private const int BitsAKey = 3;

    // Beyond this the file is no set of records, or its key is not one.
    private const int MostSuspects = 2_000_000;

    private readonly IReadOnlyList<string> _key;
    private readonly Dictionary<ulong, long> _lineOfSuspect = [];
    private readonly StringBuilder _text = new();
    private ulong[]? _bits;
    private Pass? _pass;
    private int[] _columns = [];

    /// <param name="key">Names of the key columns.</param>
    /// <param name="bytes">Length of the file; no row is shorter than a byte.</param>
    public RepeatedKeys(IEnumerable<string> key, long bytes)
    {
        _key = [.. key.Select(k => k.Normalize())];
        _bits = new ulong[BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(bytes / 8, 1024, LargestTable)) / sizeof(ulong)];
    }

    /// <summary>The first key column that is blank in the current row; null when the key is whole.</summary>
    public string? Blank(Pass pass)
    {
        foreach (var column in ColumnsOf(pass))
        {
            if (pass[column].AsSpan().Trim().IsEmpty)
            {
                return pass.Columns[column];
            }
        }

        return null;
    }

    /// <summary>First pass: to be called for every row with a whole key.</summary>
    /// <exception cref="RefusedFileException">So many keys stand more than once that the file cannot be meant.</exception>
    public void Mark(Pass pass)
    {
        var (hash, places) = Hash(pass);
        var table = _bits!;
        var known = true;
        for (var i = 0; i < BitsAKey; i++)
        {
            ref var word = ref table[(places >> 6) & (ulong)(table.Length - 1)];
            var bit = 1UL << (int)(places & 63);
            known &= (word & bit) != 0;
            word |= bit;
            places = BitOperations.RotateRight(places, 21);
        }

        if (known && _lineOfSuspect.TryAdd(hash, 0) && _lineOfSuspect.Count > MostSuspects)
        {
            throw RefusedFileException.TooManyRepeats(MostSuspects);
        }
    }

    /// <summary>The first pass is over.</summary>
    public void Seal() => _bits = null;

    /// <summary>Second pass: the line on which the current row's key stood before; null when this is the first.</summary>
    public long? Before(Pass pass)
    {
        if (_lineOfSuspect.Count == 0)
        {
            return null;
        }

        var (hash, _) = Hash(pass);
        if (!_lineOfSuspect.TryGetValue(hash, out var line))
        {
            return null;
        }

        if (line == 0)
        {
            _lineOfSuspect[hash] = pass.Line;
            return null;
        }

        return line;
    }

    private int[] ColumnsOf(Pass pass)
    {
        if (_pass != pass)
        {
            var names = pass.Columns.ToList();
            (_pass, _columns) = (pass, [.. _key.Select(k => names.IndexOf(k))]);
        }

        return _columns;
    }

    private (ulong Hash, ulong Places) Hash(Pass pass)
    {
        _text.Clear();
        foreach (var column in ColumnsOf(pass))
        {
            _text.Append(pass[column].AsSpan().Trim()).Append('|');
        }

        var key = _text.ToString();
        key = key.IsNormalized() ? key : key.Normalize();
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(key.Length));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(key, bytes)), digest);
        ArrayPool<byte>.Shared.Return(bytes);
        return (BinaryPrimitives.ReadUInt64BigEndian(digest), BinaryPrimitives.ReadUInt64BigEndian(digest[8..]));
    }
}
