using System.Globalization;
using System.Text;

namespace Integration.Records;

/// <summary>
/// Some rows of a source with the same columns, read together and mapped together. A page is filled by a source, read by the mapper, and
/// may be filled again: nothing may keep a span of it.
/// </summary>
internal sealed class RowPage(RowShape shape)
{
    private Cell[] _cells = new Cell[Math.Max(1, shape.Count) * 64];
    private byte[] _text = new byte[4096];
    private int _cellCount;
    private int _textLength;
    private readonly List<RowOrigin> _origins = [];
    private readonly List<RowFault> _faults = [];
    private readonly Dictionary<string, ChildRows> _children = new(StringComparer.Ordinal);

    public RowShape Shape { get; } = shape;

    public int Count { get; private set; }

    /// <summary>Where reading goes on after this page, in the source's own form; null when a page alone is no resting place.</summary>
    public string? Position { get; set; }

    /// <summary>Rows that could not be read as rows at all; each becomes a rejection, none is dropped.</summary>
    public IReadOnlyList<RowFault> Faults => _faults;

    /// <summary>Child rows by the name the pipeline gives them (<c>fees</c>, <c>attachments</c>).</summary>
    public IReadOnlyDictionary<string, ChildRows> Children => _children;

    /// <summary>Bytes of all texts of the page.</summary>
    public int TextLength => _textLength;

    public Cell this[int row, int column] => _cells[row * Shape.Count + column];

    /// <summary>The text of a <see cref="CellKind.Text"/>, <see cref="CellKind.Number"/> or <see cref="CellKind.Unreadable"/> cell, as <see cref="Wtf8"/>.</summary>
    public ReadOnlySpan<byte> Utf8(Cell cell) => _text.AsSpan((int)cell.Bits, cell.Length);

    /// <summary>The same as a string of its own.</summary>
    public string Text(Cell cell) => Wtf8.Decode(Utf8(cell));

    /// <summary>Where the row came from, for messages ("hoso.csv, line 14"); empty when the source has nothing better than its key.</summary>
    public RowOrigin Origin(int row) => row < _origins.Count ? _origins[row] : default;

    public void Clear()
    {
        Count = 0;
        _cellCount = 0;
        _textLength = 0;
        Position = null;
        _origins.Clear();
        _faults.Clear();
        _children.Clear();
    }

    public void AddNull() => Add(new Cell(CellKind.Null, 0, 0));

    public void AddInteger(long value) => Add(new Cell(CellKind.Integer, value, 0));

    public void AddBoolean(bool value) => Add(new Cell(CellKind.Boolean, value ? 1 : 0, 0));

    public void AddLocalTime(DateTime value) => Add(new Cell(CellKind.LocalTime, value.Ticks, 0));

    public void AddInstant(DateTime utc) => Add(new Cell(CellKind.Instant, utc.Ticks, 0));

    public void AddDate(DateOnly value) => Add(new Cell(CellKind.Date, value.DayNumber, 0));

    public void AddNumber(decimal value) => AddChars(CellKind.Number, value.ToString(CultureInfo.InvariantCulture));

    public void AddNumber(ReadOnlySpan<char> invariant) => AddChars(CellKind.Number, invariant);

    public void AddText(ReadOnlySpan<char> value) => AddChars(CellKind.Text, value);

    /// <summary>Adds nothing and returns false where the bytes are no UTF-8.</summary>
    public bool TryAddText(ReadOnlySpan<byte> utf8) => TryAddBytes(CellKind.Text, utf8);

    /// <inheritdoc cref="TryAddText"/>
    public bool TryAddNumber(ReadOnlySpan<byte> invariantUtf8) => TryAddBytes(CellKind.Number, invariantUtf8);

    /// <param name="reason">Why, in a few words without the value itself.</param>
    public void AddUnreadable(string reason) => AddChars(CellKind.Unreadable, reason);

    /// <summary>Closes a row whose cells have all been added.</summary>
    public void EndRow(RowOrigin origin = default)
    {
        if (_cellCount != (Count + 1) * Shape.Count)
        {
            throw new InvalidOperationException($"A row of {Shape.Count} columns was closed after {_cellCount - Count * Shape.Count} cells.");
        }

        if (origin != default || _origins.Count > 0)
        {
            while (_origins.Count < Count)
            {
                _origins.Add(default);
            }

            _origins.Add(origin);
        }

        Count++;
    }

    /// <summary>Takes back the cells of a row that could not be finished, and says why the row is missing.</summary>
    public void AbandonRow(RowFault fault)
    {
        _cellCount = Count * Shape.Count;
        _faults.Add(fault);
    }

    /// <summary>Takes back all rows after the first <paramref name="rows"/>, whose texts ended at <paramref name="textLength"/>.</summary>
    public void CutBack(int rows, int textLength)
    {
        (Count, _cellCount, _textLength) = (rows, rows * Shape.Count, textLength);
        _origins.RemoveRange(Math.Min(rows, _origins.Count), Math.Max(0, _origins.Count - rows));
    }

    public void AddChildren(string name, ChildRows rows) => _children.Add(name, rows);

    private void AddChars(CellKind kind, ReadOnlySpan<char> value)
    {
        EnsureText(Wtf8.RoomFor(value));
        var written = Wtf8.Encode(value, _text.AsSpan(_textLength));
        Add(new Cell(kind, _textLength, written));
        _textLength += written;
    }

    private bool TryAddBytes(CellKind kind, ReadOnlySpan<byte> utf8)
    {
        if (!Ascii.IsValid(utf8) && !System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return false;
        }

        EnsureText(utf8.Length);
        utf8.CopyTo(_text.AsSpan(_textLength));
        Add(new Cell(kind, _textLength, utf8.Length));
        _textLength += utf8.Length;
        return true;
    }

    private void Add(Cell cell)
    {
        if (_cellCount == _cells.Length)
        {
            Array.Resize(ref _cells, _cells.Length * 2);
        }

        _cells[_cellCount++] = cell;
    }

    private void EnsureText(int length)
    {
        if (_text.Length - _textLength < length)
        {
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _textLength + length));
        }
    }
}

/// <summary>Child rows of one page, lined up with their parents.</summary>
/// <param name="Rows">All child rows of the page, those of one parent side by side.</param>
/// <param name="Starts">One entry a parent row and one more at the end: parent i owns rows Starts[i] to Starts[i + 1] (exclusive).</param>
internal sealed record ChildRows(RowPage Rows, int[] Starts)
{
    public Range Of(int parent) => Starts[parent]..Starts[parent + 1];
}

/// <summary>Where a row stood.</summary>
/// <param name="Place">File name without folders; null for a database.</param>
/// <param name="Line">First line of the record, from 1; 0 when unknown.</param>
internal readonly record struct RowOrigin(string? Place, long Line);

/// <summary>A row that is not one: ragged, badly quoted, without a key or a watermark.</summary>
/// <param name="Rule">One of <see cref="Rules"/>.</param>
/// <param name="Key">The record's key if it can be told, else a stand-in made of place and line that stays the same on every read.</param>
/// <param name="Raw">The row as it stood, for the quarantine; capped by the source.</param>
/// <param name="Detail">Figures for the message ("4 cells, 6 columns"), never a personal value.</param>
internal sealed record RowFault(string Rule, string Key, string Raw, RowOrigin Origin, string? Detail = null, string? Field = null);
