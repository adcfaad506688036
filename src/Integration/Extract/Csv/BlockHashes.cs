using System.Security.Cryptography;
using Integration.Records;

namespace Integration.Extract.Csv;

/// <summary>
/// Reads a file through an open handle in blocks. The first pass remembers a hash of every block, later ones compare before a byte of the
/// block is given out: what was verified is what is read, whatever happens to the file in between.
/// </summary>
internal sealed class BlockHashes(FileStream file) : IDisposable
{
    public const int BlockSize = 1 << 20;

    private readonly List<ContentHash> _blocks = [];
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _next;
    private bool _known;

    /// <summary>SHA-256 of the whole file, once a pass has read it to the end.</summary>
    public string? Sha256 { get; private set; }

    public void Rewind()
    {
        (_next, _known) = (0, Sha256 is not null);
        file.Position = 0;
    }

    /// <returns>Bytes of the block; 0 at the end.</returns>
    /// <exception cref="SourceUnavailableException">The file is no longer what the first pass saw.</exception>
    public int Read(byte[] block)
    {
        var length = file.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        var hash = length == 0 ? default : ContentHash.Of(block.AsSpan(0, length));
        if (_known)
        {
            var expected = _next < _blocks.Count ? _blocks[_next] : default;
            _next++;
            return hash == expected ? length : throw new SourceUnavailableException(new Text(
                "Tệp bị sửa trong lúc đang đọc; lượt sau đọc lại từ đầu.", "The file was changed while it was read; the next run reads it again from its beginning."));
        }

        if (length > 0)
        {
            _blocks.Add(hash);
            _whole.AppendData(block, 0, length);
        }
        else
        {
            Sha256 = Convert.ToHexStringLower(_whole.GetHashAndReset());
        }

        return length;
    }

    public void Dispose() => _whole.Dispose();
}
