using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Integration.Records;

namespace Integration.Extract.Csv;

/// <summary>The rows of one verified file; none when no file waits.</summary>
internal sealed class CsvReading : IReading
{
    private readonly CsvSourceOptions _options;
    private readonly Inbox _inbox;
    private readonly OpenFile? _file;
    private readonly List<Text> _notes;
    private readonly int _pageRows;
    private readonly Dictionary<ulong, int> _lineOfKey = [];
    private readonly StringBuilder _key = new();
    private Pass? _pass;
    private RowPage? _page;
    private int[] _keyColumns = [];

    public CsvReading(CsvSourceOptions options, Inbox inbox, OpenFile? file, List<Text> notes, int pageRows) =>
        (_options, _inbox, _file, _notes, _pageRows) = (options, inbox, file, notes, pageRows);

    /// <summary>Without a file nothing is known about what is gone.</summary>
    public bool IsComplete => _options.Mode == CsvMode.Snapshot && _file is not null;

    public IReadOnlyList<Text> Notes => _notes;

    public SourceFile? FinishedFile { get; private set; }

    public Task<RowPage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_file is null || FinishedFile is not null)
        {
            return Task.FromResult<RowPage?>(null);
        }

        try
        {
            return Task.FromResult(Read(cancellationToken));
        }
        catch (IOException e)
        {
            throw _inbox.Unreachable(e);
        }
    }

    public Task CommittedAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A file that took the name meanwhile is another one, and still to be read.
            if (_file is not null && FinishedFile is not null && _file.IsStillAt(Path.Combine(_inbox.Folder, _file.Name)))
            {
                Failpoint.Reach("P13 rows committed, file not moved");
                _inbox.Move(_file.Name, "done");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _notes.Add(new Text(
                $"Tệp {_file!.Name} đã nhận xong nhưng chưa chuyển được vào done/; kiểm tra quyền ghi. Lượt sau sẽ nhận ra tệp trùng.",
                $"File {_file.Name} was taken but cannot be moved to done/; check the right to write. The next run will know it as a duplicate."));
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _pass?.Dispose();
        _file?.Dispose();
        return ValueTask.CompletedTask;
    }

    private RowPage? Read(CancellationToken cancellationToken)
    {
        var pass = _pass ??= Start();
        var page = _page!;
        page.Clear();
        for (var rows = 0; rows < _pageRows; rows++)
        {
            if (!pass.Next(out var fault))
            {
                FinishedFile = new SourceFile(_file!.Sha256, _file.Name, pass.Rows);
                TellEnd(pass);
                return rows > 0 ? page : null;
            }

            if (fault is null)
            {
                AddCells(page, pass);
                fault = FaultOfKey(pass);
            }

            if (fault is null)
            {
                page.EndRow(pass.Origin);
            }
            else
            {
                page.AbandonRow(fault);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return page;
    }

    private Pass Start()
    {
        var pass = _file!.Read();
        _page = new RowPage(new RowShape(pass.Columns));
        _keyColumns = [.. _options.Key.Select(k => _page.Shape.Find(k.Normalize()))];
        return pass;
    }

    private static void AddCells(RowPage page, Pass pass)
    {
        for (var i = 0; i < pass.Columns.Count; i++)
        {
            // The format has no NULL: a cell without a char is a value that is not there.
            if (pass[i] is { Length: > 0 } cell)
            {
                page.AddText(cell);
            }
            else
            {
                page.AddNull();
            }
        }
    }

    private RowFault? FaultOfKey(Pass pass)
    {
        _key.Clear();
        foreach (var column in _keyColumns)
        {
            var part = pass[column].AsSpan().Trim();
            if (part.IsEmpty)
            {
                return pass.Fault(Rules.KeyMissing, null, pass.Columns[column]);
            }

            _key.Append(part).Append('|');
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var key = _key.ToString();
        SHA256.HashData(Encoding.UTF8.GetBytes(key.IsNormalized() ? key : key.Normalize()), digest);
        var hash = BinaryPrimitives.ReadUInt64BigEndian(digest);
        return _lineOfKey.TryAdd(hash, (int)pass.Line)
            ? null
            : pass.Fault(Rules.DuplicateKey, $"dòng {_lineOfKey[hash]} và {pass.Line} / lines {_lineOfKey[hash]} and {pass.Line}");
    }

    private void TellEnd(Pass pass)
    {
        if (pass.BlankLines > 0)
        {
            _notes.Add(new Text($"{_file!.Name}: bỏ qua {pass.BlankLines} dòng trống.", $"{_file.Name}: {pass.BlankLines} blank lines were passed over."));
        }

        if (_options.Columns.Length > 0 && pass.Columns.Except(_options.Columns.Concat(_options.Key).Select(c => c.Normalize())).ToArray() is { Length: > 0 } unknown)
        {
            var names = Masking.Outside(string.Join(", ", unknown), 300);
            _notes.Add(new Text($"{_file!.Name}: có cột ngoài khai báo: {names}.", $"{_file.Name}: columns that were not declared: {names}."));
        }

        if (pass.Rows == 0)
        {
            _notes.Add(new Text($"{_file!.Name}: chỉ có dòng tiêu đề.", $"{_file.Name}: there is only a header."));
        }
    }
}
