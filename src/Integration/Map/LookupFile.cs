using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Integration.Records;

namespace Integration.Map;

/// <summary>Reads one code table from a CSV file: <c>from[,from2],to[,…][,valid_from,valid_to]</c>, columns in any order.</summary>
internal sealed class LookupFile
{
    private static readonly string[] Known = ["from", "from2", "to", "valid_from", "valid_to"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _shownPath;
    private readonly ICollection<Fault> _faults;
    private readonly List<(LookupRow Row, int Line)> _rows = [];
    private string[] _header = [];
    private int[] _results = [];

    private LookupFile(string shownPath, ICollection<Fault> faults)
    {
        _shownPath = shownPath;
        _faults = faults;
    }

    /// <returns>Null when there was a mistake; every one of them is in <paramref name="faults"/> with its line.</returns>
    public static LookupTable? Read(string path, string shownPath, ICollection<Fault> faults)
    {
        var before = faults.Count;
        var file = new LookupFile(shownPath, faults);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.Add(0, "Không đọc được tệp.", "The file cannot be read.");
            return null;
        }

        if (file.Decode(bytes) is not { } text)
        {
            return null;
        }

        file.ReadRows(text);
        file.CheckValidities();
        return faults.Count > before
            ? null
            : new LookupTable(
                Path.GetFileNameWithoutExtension(path), [.. file._results.Select(i => file._header[i])], file.Column("from2") >= 0,
                file.Column("valid_from") >= 0 || file.Column("valid_to") >= 0, ContentHash.Of(bytes), file._rows.Select(r => r.Row));
    }

    private string? Decode(byte[] bytes)
    {
        var body = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes;
        try
        {
            return Strict.GetString(body);
        }
        catch (DecoderFallbackException e)
        {
            var line = body[..Math.Clamp(e.Index, 0, body.Length)].Count((byte)'\n') + 1;
            Add(line, "Có byte không phải UTF-8; lưu lại tệp với bảng mã UTF-8.", "Holds bytes that are not UTF-8; save the file as UTF-8.");
            return null;
        }
    }

    private void ReadRows(string text)
    {
        using var reader = new StringReader(text);
        var hasBadQuote = false;
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = ",",
            BadDataFound = _ => hasBadQuote = true,
        });
        if (!parser.Read())
        {
            Add(0, "Tệp rỗng.", "The file is empty.");
            return;
        }

        if (!ReadHeader(parser))
        {
            return;
        }

        while (parser.Read())
        {
            var line = LineOf(parser);
            var cells = parser.Record!;

            // Bad quotes show only when the cells are taken; the parser takes a quote that is never closed for the rest of the file in silence.
            if (hasBadQuote || parser.RawRecord.AsSpan().Count('"') % 2 != 0)
            {
                Add(line, "Dấu nháy đặt sai chỗ hoặc không được đóng.", "A quote is misplaced or never closed.");
                hasBadQuote = false;
            }
            else if (cells.Length != _header.Length)
            {
                Add(line, $"Dòng có {cells.Length} ô, tiêu đề có {_header.Length} cột.", $"The row has {cells.Length} cells, the header {_header.Length} columns.");
            }
            else
            {
                ReadRow(cells, line);
            }
        }
    }

    private bool ReadHeader(CsvParser parser)
    {
        var before = _faults.Count;
        _header = [.. parser.Record!.Select(c => CleanText.Of(c) ?? "")];
        for (var i = 0; i < _header.Length; i++)
        {
            var column = _header[i];
            if (column.Length == 0)
            {
                Add(1, $"Cột {i + 1} không có tên.", $"Column {i + 1} has no name.");
            }
            else if (Array.IndexOf(_header, column) < i)
            {
                Add(1, $"Cột '{column}' đứng hai lần.", $"Column '{column}' stands twice.");
            }
            else if (!Known.Contains(column) && column.StartsWith("valid", StringComparison.OrdinalIgnoreCase))
            {
                Add(1, $"Không có cột '{column}'; ý bạn là '{NearestWord.Of(column, Known) ?? "valid_from"}'?",
                    $"There is no column '{column}'; did you mean '{NearestWord.Of(column, Known) ?? "valid_from"}'?");
            }
        }

        foreach (var needed in (string[])["from", "to"])
        {
            if (Column(needed) < 0)
            {
                var hint = NearestWord.Of(needed, _header.Where(c => !Known.Contains(c))) is { } near ? near : null;
                Add(1, $"Thiếu cột '{needed}'{(hint is null ? "" : $" (có '{hint}')")}.", $"Column '{needed}' is missing{(hint is null ? "" : $" (there is '{hint}')")}.");
            }
        }

        _results = [.. Enumerable.Range(0, _header.Length).Where(i => _header[i] == "to" || !Known.Contains(_header[i]))];
        return _faults.Count == before;
    }

    private void ReadRow(string[] raw, int line)
    {
        var cells = new string[_header.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            if (CleanText.Of(raw[i]) is not { } cell)
            {
                Add(line, $"Cột '{_header[i]}' chứa ký tự điều khiển.", $"Column '{_header[i]}' holds a control character.");
                return;
            }

            cells[i] = cell;
        }

        var isGood = true;
        foreach (var name in (string[])["from", "from2"])
        {
            if (Column(name) is >= 0 and var column && cells[column].Length == 0)
            {
                Add(line, $"Cột '{name}' để trống.", $"Column '{name}' is blank.");
                isGood = false;
            }
        }

        isGood &= ReadDay(cells, "valid_from", DateOnly.MinValue, line, out var from);
        isGood &= ReadDay(cells, "valid_to", DateOnly.MaxValue, line, out var to);
        if (isGood && to < from)
        {
            Add(line, $"valid_to ({to:yyyy-MM-dd}) trước valid_from ({from:yyyy-MM-dd}).", $"valid_to ({to:yyyy-MM-dd}) lies before valid_from ({from:yyyy-MM-dd}).");
        }
        else if (isGood)
        {
            var second = Column("from2") is >= 0 and var column ? cells[column] : "";
            _rows.Add((new LookupRow(new LookupKey(cells[Column("from")], second), new Validity(from, to), [.. _results.Select(i => cells[i])]), line));
        }
    }

    private bool ReadDay(string[] cells, string name, DateOnly open, int line, out DateOnly day)
    {
        day = open;
        if (Column(name) is not (>= 0 and var column) || cells[column].Length == 0)
        {
            return true;
        }

        if (DateOnly.TryParseExact(cells[column], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
        {
            return true;
        }

        Add(line, $"{name} '{cells[column]}' không phải ngày dạng yyyy-MM-dd.", $"{name} '{cells[column]}' is not a day in the form yyyy-MM-dd.");
        return false;
    }

    private void CheckValidities()
    {
        foreach (var rows in _rows.GroupBy(r => r.Row.Key))
        {
            (LookupRow Row, int Line)? latest = null;
            foreach (var next in rows.OrderBy(r => r.Row.Validity.From).ThenBy(r => r.Line))
            {
                if (latest is { } last && next.Row.Validity.From <= last.Row.Validity.To)
                {
                    var code = rows.Key.Second.Length == 0 ? rows.Key.First : $"{rows.Key.First}, {rows.Key.Second}";
                    var (lower, upper) = next.Line > last.Line ? (next.Line, last.Line) : (last.Line, next.Line);
                    Add(lower, $"Mã '{code}' trùng hiệu lực với dòng {upper}.", $"Code '{code}' is valid at the same time as on line {upper}.");
                }

                if (latest is null || next.Row.Validity.To > latest.Value.Row.Validity.To)
                {
                    latest = next;
                }
            }
        }
    }

    private int Column(string name) => Array.IndexOf(_header, name);

    // The parser counts the line a record ends on.
    private static int LineOf(CsvParser parser) => parser.RawRow - parser.RawRecord.AsSpan().TrimEnd("\r\n").Count('\n');

    private void Add(int line, string vi, string en) => _faults.Add(new Fault(new Mark(_shownPath, line), new Text(vi, en)));
}
