using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Integration.Records;

namespace Integration.Extract.Csv;

/// <summary>
/// One pass over a file, record by record. CsvHelper splits; what it lets pass (ragged rows, misplaced quotes, blank lines, NUL, a cut end)
/// is checked here, because a row that is read wrongly is worse than one that is refused.
/// </summary>
internal sealed class Pass : IDisposable
{
    private const int MostColumns = 2_000;
    private const int LongestRaw = 64 * 1024;

    // Fewer odd symbols than this may well be meant.
    private const int FewSymbols = 8;

    private readonly CsvSourceOptions _options;
    private readonly StrictText _text;
    private readonly CsvParser _parser;
    private readonly string _name;
    private long _lines;
    private string? _trailer;

    /// <exception cref="RefusedFileException">The header is not one.</exception>
    public Pass(CsvSourceOptions options, Encoding encoding, BlockHashes blocks, string name)
    {
        (_options, _name) = (options, name);
        blocks.Rewind();
        _text = new StrictText(blocks, encoding);
        _parser = new CsvParser(_text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = options.Delimiter,
            Mode = CsvHelper.CsvMode.RFC4180,
            BadDataFound = null,
            IgnoreBlankLines = false,
            MaxFieldSize = StrictText.LongestLine,
            DetectColumnCountChanges = false,
            TrimOptions = TrimOptions.None,
        });
        Columns = ReadHeader();
    }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>First line of the current record, from 1.</summary>
    public long Line { get; private set; }

    public long BlankLines { get; private set; }

    /// <summary>Records so far, faulty ones too.</summary>
    public long Rows { get; private set; }

    /// <summary>The current record's cell; never of a faulty one.</summary>
    public string this[int column] => _parser[column];

    public RowOrigin Origin => new(_name, Line);

    /// <param name="fault">Why the record cannot be used; null when it can.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="RefusedFileException">The file as a whole cannot be trusted.</exception>
    public bool Next(out RowFault? fault)
    {
        while (Read(out var broken))
        {
            if (_trailer is not null)
            {
                throw RefusedFileException.OtherCount(_trailer, Rows + 1);
            }

            if (_options.Trailer is { } trailer && _parser.RawRecord.StartsWith(trailer, StringComparison.Ordinal))
            {
                _trailer = _parser.RawRecord[trailer.Length..].Trim().Trim('"').TrimEnd(_options.Delimiter[0]).Trim();
                continue;
            }

            Rows++;
            fault = broken ? Fault(Rules.BadQuote, "dấu nháy đặt sai chỗ / misplaced quote") : FaultOfCells();
            return true;
        }

        fault = null;
        return false;
    }

    /// <summary>To be asked after the last record of the first pass.</summary>
    /// <param name="isMarked">A marker file said that the file is whole.</param>
    public void CheckEnd(bool isMarked)
    {
        if (!isMarked && !_text.EndsWithLineBreak)
        {
            throw RefusedFileException.CutOff();
        }

        if (_options.Trailer is not null)
        {
            _ = _trailer ?? throw RefusedFileException.NoTrailer();
            if (!long.TryParse(_trailer, NumberStyles.None, CultureInfo.InvariantCulture, out var said) || said != Rows)
            {
                throw RefusedFileException.OtherCount(Masking.Outside(_trailer, 20), Rows);
            }
        }

        if (_text.OddSymbols >= FewSymbols && _text.OddSymbols > _text.VietnameseLetters / 2)
        {
            throw RefusedFileException.LooksLikeTcvn3();
        }
    }

    public RowFault Fault(Rule rule, string? detail, string? field = null)
    {
        var raw = _parser.RawRecord.AsSpan().TrimEnd("\r\n");
        return new RowFault(rule.Code, $"{_name}#{Line}", raw[..Math.Min(raw.Length, LongestRaw)].ToString(), Origin, detail, field);
    }

    public void Dispose()
    {
        _parser.Dispose();
        _text.Dispose();
    }

    private List<string> ReadHeader()
    {
        if (!Read(out var broken))
        {
            throw RefusedFileException.NoHeader();
        }

        if (_parser.Count > MostColumns)
        {
            throw RefusedFileException.TooManyColumns(_parser.Count);
        }

        // Names are ours to compare, not data: their accents may come in either form.
        var columns = Enumerable.Range(0, _parser.Count).Select(i => _parser[i].Trim().Normalize()).ToList();
        if (columns.Count == 1 && (Wanted().Count() > 1 || columns[0].AsSpan().ContainsAny(",;\t|")))
        {
            throw RefusedFileException.OtherDelimiter(_options.Delimiter);
        }

        if (broken || columns.IndexOf("") is var blank && blank >= 0)
        {
            throw RefusedFileException.BlankColumn(columns.IndexOf("") + 1);
        }

        if (columns.GroupBy(c => c, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw RefusedFileException.ColumnTwice(columns.IndexOf(twice.Key) + 1, columns.LastIndexOf(twice.Key) + 1);
        }

        var missing = Wanted().Except(columns, StringComparer.Ordinal).ToArray();
        return missing.Length == 0 ? columns : throw RefusedFileException.ColumnsMissing(missing);
    }

    private IEnumerable<string> Wanted() => _options.Key.Concat(_options.Columns).Select(c => c.Normalize()).Distinct(StringComparer.Ordinal);

    private RowFault? FaultOfCells()
    {
        if (_parser.Count != Columns.Count)
        {
            return Fault(Rules.RaggedRow, $"{_parser.Count} ô, {Columns.Count} cột / {_parser.Count} cells, {Columns.Count} columns");
        }

        for (var i = 0; i < Columns.Count; i++)
        {
            var cell = _parser[i];
            if (cell.Length > _options.MaxFieldChars)
            {
                return Fault(Rules.TooLong, $"{cell.Length} > {_options.MaxFieldChars}", Columns[i]);
            }

            if (cell.Contains('\0'))
            {
                return Fault(Rules.ControlCharacter, "NUL", Columns[i]);
            }
        }

        return null;
    }

    /// <returns>False at the end. Blank lines are passed over and counted.</returns>
    private bool Read(out bool broken)
    {
        broken = false;
        try
        {
            while (_parser.Read())
            {
                Line = _lines + 1;
                _lines = _parser.RawRow;
                var raw = _parser.RawRecord.AsSpan();
                if (raw.TrimEnd("\r\n").IsEmpty)
                {
                    BlankLines++;
                    continue;
                }

                broken = !IsWellQuoted(raw, _options.Delimiter[0], out var isOpen);
                return !isOpen ? true : throw RefusedFileException.OpenQuote(Line);
            }

            return false;
        }
        catch (MaxFieldSizeException)
        {
            throw RefusedFileException.EndlessLine();
        }
    }

    // RFC 4180: a quote opens a cell at its very start, is doubled inside, and closes at its very end.
    private static bool IsWellQuoted(ReadOnlySpan<char> record, char delimiter, out bool isOpen)
    {
        isOpen = false;
        var wellQuoted = true;
        for (var at = 0; at < record.Length; at++)
        {
            if (record[at] != '"')
            {
                var end = record[at..].IndexOf(delimiter);
                var cell = end < 0 ? record[at..] : record.Slice(at, end);
                wellQuoted &= !cell.Contains('"');
                at += cell.Length;
                continue;
            }

            for (at++; at < record.Length && !(record[at] == '"' && (at + 1 == record.Length || record[at + 1] != '"')); at++)
            {
                at += record[at] == '"' ? 1 : 0;
            }

            isOpen = at >= record.Length;
            at++;
            if (at < record.Length && record[at] != delimiter)
            {
                wellQuoted &= record[at] is '\r' or '\n';
                var rest = record[at..].IndexOf(delimiter);
                at = rest < 0 ? record.Length : at + rest;
            }
        }

        return wellQuoted;
    }
}
