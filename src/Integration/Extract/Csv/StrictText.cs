using System.Text;

namespace Integration.Extract.Csv;

/// <summary>Decodes a file's blocks without ever replacing a byte, and watches what a CSV reader does not see.</summary>
internal sealed class StrictText : TextReader
{
    /// <summary>Chars without a line break beyond which something is not a CSV file.</summary>
    public const int LongestLine = 16_000_000;

    private readonly BlockHashes _blocks;
    private readonly byte[] _block = new byte[BlockHashes.BlockSize];
    private readonly Decoder _decoder;
    private readonly char[] _chars;
    private int _start;
    private int _end;
    private long _offset;
    private long _lineLength;
    private bool _over;

    /// <exception cref="RefusedFileException">The file begins with the mark of another encoding.</exception>
    public StrictText(BlockHashes blocks, Encoding encoding)
    {
        _blocks = blocks;
        _chars = new char[encoding.GetMaxCharCount(BlockHashes.BlockSize)];
        var length = blocks.Read(_block);
        var (skip, declared) = Mark(_block.AsSpan(0, length), encoding);
        _decoder = declared.GetDecoder();
        Decode(skip, length);
    }

    /// <summary>The last char was a line break; true for an empty file.</summary>
    public bool EndsWithLineBreak { get; private set; } = true;

    /// <summary>Symbols that take the place of Vietnamese letters when a TCVN3 text is read in another encoding.</summary>
    public long OddSymbols { get; private set; }

    public long VietnameseLetters { get; private set; }

    public static Encoding Strict(string name) => Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    public override int Peek() => Fill() ? _chars[_start] : -1;

    public override int Read() => Fill() ? _chars[_start++] : -1;

    public override int Read(char[] buffer, int index, int count)
    {
        if (!Fill())
        {
            return 0;
        }

        var length = Math.Min(count, _end - _start);
        _chars.AsSpan(_start, length).CopyTo(buffer.AsSpan(index));
        _start += length;
        return length;
    }

    private bool Fill()
    {
        while (_start == _end && !_over)
        {
            Decode(0, _blocks.Read(_block));
        }

        return _start < _end;
    }

    private void Decode(int skip, int length)
    {
        _over = length == 0;
        try
        {
            (_start, _end) = (0, _decoder.GetChars(_block, skip, length - skip, _chars, 0, flush: _over));
        }
        catch (DecoderFallbackException e)
        {
            throw RefusedFileException.BadBytes(_offset + skip + Math.Max(0, e.Index));
        }

        _offset += length;
        Watch(_chars.AsSpan(0, _end));
    }

    private void Watch(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        EndsWithLineBreak = text[^1] is '\n' or '\r';
        foreach (var c in text)
        {
            if (c is '\n' or '\r')
            {
                _lineLength = 0;
                continue;
            }

            if (++_lineLength > LongestLine)
            {
                throw RefusedFileException.EndlessLine();
            }

            if (c >= '\u00A1')
            {
                OddSymbols += c <= '\u00BF' ? 1 : 0;
                VietnameseLetters += c is (>= '\u00C0' and <= '\u01B0') or (>= '\u0300' and <= '\u0323') or (>= '\u1EA0' and <= '\u1EF9') ? 1 : 0;
            }
        }
    }

    private static (int Skip, Encoding Encoding) Mark(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        var isUtf16 = encoding.CodePage is 1200 or 1201;
        return bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => encoding.CodePage == 65001 ? (3, encoding) : throw RefusedFileException.OtherEncoding("UTF-8", encoding.WebName),
            [0xFF, 0xFE, ..] => isUtf16 ? (2, Strict("utf-16")) : throw RefusedFileException.OtherEncoding("UTF-16", encoding.WebName),
            [0xFE, 0xFF, ..] => isUtf16 ? (2, Strict("utf-16BE")) : throw RefusedFileException.OtherEncoding("UTF-16", encoding.WebName),
            _ => (0, encoding),
        };
    }
}
