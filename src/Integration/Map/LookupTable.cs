using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>A code table: which code of the province is which national code, and from when to when.</summary>
internal sealed class LookupTable
{
    // So many codes are compared one by one sooner than one is hashed.
    private const int Few = 12;

    private readonly (byte[] Code, Rows Rows)[] _few;
    private readonly Result[] _values;
    private readonly Validity[] _validities;
    private readonly Dictionary<LookupKey.Stored, Rows> _keys = new(LookupKey.Comparer);
    private readonly Dictionary<LookupKey.Stored, Rows>.AlternateLookup<LookupKey.Spans> _keysBySpan;

    /// <param name="rows">Without duplicate or overlapping rows of one key; values in the order of <paramref name="columns"/>.</param>
    internal LookupTable(string name, IReadOnlyList<string> columns, bool hasSecondKey, bool isDated, ContentHash version, IEnumerable<LookupRow> rows)
    {
        Name = name;
        Columns = columns;
        HasSecondKey = hasSecondKey;
        IsDated = isDated;
        Version = version;
        _keysBySpan = _keys.GetAlternateLookup<LookupKey.Spans>();

        var values = new List<Result>();
        var validities = new List<Validity>();
        foreach (var group in rows.GroupBy(r => r.Key))
        {
            var first = validities.Count;
            foreach (var row in group.OrderBy(r => r.Validity.From))
            {
                validities.Add(row.Validity);
                values.AddRange(row.Values.Select(Result.Of));
            }

            _keys.Add(group.Key.Store(), new Rows(first, validities.Count - first));
        }

        _few = _keys.Count <= Few ? [.. _keys.Select(static k => (k.Key.First, k.Value))] : [];
        _values = [.. values];
        _validities = [.. validities];
    }

    /// <summary>File name without <c>.csv</c>.</summary>
    public string Name { get; }

    /// <summary>The columns that hold results: <c>to</c>, and what others there are.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>True when a row is found by two codes (<c>from</c>, <c>from2</c>).</summary>
    public bool HasSecondKey { get; }

    /// <summary>True when rows are valid for a time only, so that a date is needed to choose one.</summary>
    public bool IsDated { get; }

    public int Count => _validities.Length;

    /// <summary>Hash of the file's bytes.</summary>
    public ContentHash Version { get; }

    /// <summary>Reads a table; every mistake in it is told at once.</summary>
    /// <returns>Null when there was a mistake.</returns>
    public static LookupTable? Read(string path, string shownPath, ICollection<Fault> faults) => LookupFile.Read(path, shownPath, faults);

    /// <param name="key">Clean text (<see cref="CleanText"/>), in UTF-8.</param>
    /// <param name="key2">Clean text; empty for a table with one key.</param>
    /// <param name="asOf">The record's own date; needed for a dated table.</param>
    public LookupHit Find(ReadOnlySpan<byte> key, ReadOnlySpan<byte> key2, DateOnly? asOf)
    {
        if (!TryFind(key, key2, out var rows))
        {
            return new LookupHit(LookupOutcome.NoRow, -1);
        }

        if (!IsDated)
        {
            return new LookupHit(LookupOutcome.Found, rows.First);
        }

        var day = asOf ?? throw new ArgumentNullException(nameof(asOf), $"Lookup {Name} is dated.");
        for (var i = rows.First; i < rows.First + rows.Count; i++)
        {
            if (_validities[i].Holds(day))
            {
                return new LookupHit(LookupOutcome.Found, i);
            }
        }

        return new LookupHit(LookupOutcome.NotValidThen, -1);
    }

    /// <summary>The result of a found row; empty when the table says that the code means "no value".</summary>
    /// <param name="column">Place in <see cref="Columns"/>.</param>
    public WireText Value(LookupHit hit, int column)
    {
        ref readonly var result = ref _values[hit.Row * Columns.Count + column];
        return new WireText(result.Utf8, result.Length, result.IsPlain, hit.Row);
    }

    /// <summary>All validities of a code, for messages: <c>..2025-06-30, 2026-01-01..</c>.</summary>
    public string ValidityOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> key2) =>
        TryFind(key, key2, out var rows)
            ? string.Join(", ", _validities.AsSpan(rows.First, rows.Count).ToArray())
            : "";

    private bool TryFind(ReadOnlySpan<byte> key, ReadOnlySpan<byte> key2, out Rows rows)
    {
        if (HasSecondKey || _few.Length == 0)
        {
            return _keysBySpan.TryGetValue(new LookupKey.Spans(key, key2), out rows);
        }

        foreach (var (code, itsRows) in _few)
        {
            if (key.SequenceEqual(code) && key2.IsEmpty)
            {
                rows = itsRows;
                return true;
            }
        }

        rows = default;
        return false;
    }

    private readonly record struct Rows(int First, int Count);

    // Looked at once, and not for every row of a source that has the code.
    private readonly record struct Result(byte[] Utf8, int Length, bool IsPlain)
    {
        public static Result Of(string value)
        {
            var utf8 = Encoding.UTF8.GetBytes(value);
            var text = WireText.Of(utf8);
            return new Result(utf8, text.Length, text.IsPlain);
        }
    }
}

internal enum LookupOutcome : byte
{
    Found,
    NoRow,

    /// <summary>The code is in the table, but no row of it is valid on that day.</summary>
    NotValidThen,
}

internal readonly record struct LookupHit(LookupOutcome Outcome, int Row);

/// <summary>Days on which a row is valid, both ends included.</summary>
internal readonly record struct Validity(DateOnly From, DateOnly To)
{
    public static readonly Validity Always = new(DateOnly.MinValue, DateOnly.MaxValue);

    public bool Holds(DateOnly day) => From <= day && day <= To;

    public override string ToString() =>
        $"{(From == DateOnly.MinValue ? "" : $"{From:yyyy-MM-dd}")}..{(To == DateOnly.MaxValue ? "" : $"{To:yyyy-MM-dd}")}";
}

internal readonly record struct LookupRow(LookupKey Key, Validity Validity, string[] Values);
