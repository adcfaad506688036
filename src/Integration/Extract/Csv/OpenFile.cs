using System.Text;

namespace Integration.Extract.Csv;

/// <summary>A file held open from its verification to its last row, so that both see the same bytes whatever happens to its name.</summary>
internal sealed class OpenFile : IDisposable
{
    // Below this a file may well consist of bad rows alone without being the wrong file.
    private const int FewRows = 20;

    // Above this, finding the keys that stand twice would need more memory than a worker should take.
    private const int MostRows = 50_000_000;

    private readonly FileStream _stream;
    private readonly BlockHashes _blocks;
    private readonly CsvSourceOptions _options;
    private readonly Encoding _encoding;
    private readonly DateTime _changed;

    public OpenFile(FileInfo file, CsvSourceOptions options, Encoding encoding)
    {
        (_options, _encoding, Name) = (options, encoding, file.Name);
        // Shared in every way: whoever drops files must never be blocked by us, and what they change is noticed.
        _stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        _changed = File.GetLastWriteTimeUtc(_stream.SafeFileHandle);
        _blocks = new BlockHashes(_stream);
        Keys = new RepeatedKeys(options.Key, _stream.Length);
    }

    public string Name { get; }

    /// <summary>Which keys stand more than once; known once the file was verified.</summary>
    public RepeatedKeys Keys { get; }

    public string Sha256 => _blocks.Sha256!;

    /// <summary>Reads the whole file once and keeps nothing of it but hashes.</summary>
    /// <exception cref="RefusedFileException">Something about it cannot be trusted.</exception>
    public void Verify(bool isMarked, CancellationToken cancellationToken)
    {
        using var pass = Read();
        var (bad, first) = (0L, "");
        while (pass.Next(out var fault))
        {
            if (fault is not null && bad++ == 0)
            {
                first = $"{pass.Line}, {fault.Rule}";
            }

            if (fault is null && Keys.Blank(pass) is null)
            {
                Keys.Mark(pass);
            }

            if ((pass.Rows & 0xFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (pass.Rows > MostRows)
            {
                throw RefusedFileException.TooManyRows(MostRows);
            }
        }

        Keys.Seal();
        pass.CheckEnd(isMarked);
        if (pass.Rows >= FewRows && bad > pass.Rows / 2)
        {
            throw RefusedFileException.MostlyBad(bad, pass.Rows, first);
        }
    }

    public Pass Read() => new(_options, _encoding, _blocks, Name);

    /// <summary>The name still leads to the file that was read, and not to one that was dropped since.</summary>
    public bool IsStillAt(string path) =>
        new FileInfo(path) is { Exists: true, LinkTarget: null } now && now.Length == _stream.Length && now.LastWriteTimeUtc == _changed;

    public void Dispose()
    {
        _blocks.Dispose();
        _stream.Dispose();
    }
}
