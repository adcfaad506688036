using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>
/// The text of one SELECT that can stand inside parentheses: no closing semicolon, nothing after it, no parenthesis that closes more than it
/// opened. That it only reads is not decided here but by the database, in a read-only transaction.
/// </summary>
internal sealed class QueryText
{
    private readonly string _file;
    private readonly string _text;
    private int _at;

    private QueryText(string file, string text)
    {
        _file = file;
        _text = text;
    }

    /// <exception cref="SourceBrokenException">The file cannot be read, or holds something else than one SELECT.</exception>
    public static string Read(string folder, string file)
    {
        try
        {
            return Parse(file, File.ReadAllText(Path.Combine(folder, file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceBrokenException(new Text($"Không đọc được tệp truy vấn {file}.", $"The query file {file} cannot be read."), e);
        }
    }

    /// <exception cref="SourceBrokenException">Something else than one SELECT.</exception>
    public static string Parse(string file, string text) => new QueryText(file, text).Parse();

    private string Parse()
    {
        var depth = 0;
        var end = -1;
        string? first = null;
        while (SkipBlank())
        {
            if (end >= 0)
            {
                throw Refuse("phải chỉ có một câu lệnh", "must hold a single statement");
            }

            var c = _text[_at];
            if (char.IsLetter(c) || c == '_')
            {
                var word = Word();
                first ??= word;
            }
            else if (c is '\'' or '"')
            {
                SkipQuoted(c, escapes: c == '\'' && IsEscapePrefix());
            }
            else if (c == '$' && DollarTag() is { } tag)
            {
                var close = _text.IndexOf(tag, _at + tag.Length, StringComparison.Ordinal);
                _at = close < 0 ? throw Unclosed() : close + tag.Length;
            }
            else
            {
                depth += c switch { '(' => 1, ')' => -1, _ => 0 };
                if (depth < 0)
                {
                    throw Refuse("có dấu ngoặc đóng thừa", "closes a parenthesis that was not opened");
                }

                end = c == ';' ? _at : -1;
                _at++;
            }
        }

        if (depth > 0)
        {
            throw Refuse("thiếu dấu ngoặc đóng", "lacks a closing parenthesis");
        }

        if (first is null || !(first.Equals("select", StringComparison.OrdinalIgnoreCase) || first.Equals("with", StringComparison.OrdinalIgnoreCase)))
        {
            throw Refuse("phải là một câu SELECT (hoặc WITH … SELECT)", "must be one SELECT (or WITH … SELECT)");
        }

        return end < 0 ? _text : _text[..end];
    }

    // Blanks and comments; false at the end.
    private bool SkipBlank()
    {
        while (_at < _text.Length)
        {
            if (char.IsWhiteSpace(_text[_at]))
            {
                _at++;
            }
            else if (Here("--"))
            {
                var line = _text.IndexOf('\n', _at);
                _at = line < 0 ? _text.Length : line + 1;
            }
            else if (Here("/*"))
            {
                SkipComment();
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void SkipComment()
    {
        var depth = 0;
        do
        {
            var (opens, closes) = (Here("/*"), Here("*/"));
            depth += opens ? 1 : closes ? -1 : 0;
            _at += opens || closes ? 2 : 1;
            if (depth > 0 && _at >= _text.Length)
            {
                throw Unclosed();
            }
        }
        while (depth > 0);
    }

    private void SkipQuoted(char quote, bool escapes)
    {
        for (_at++; _at < _text.Length; _at++)
        {
            if (escapes && _text[_at] == '\\')
            {
                _at++;
            }
            else if (_text[_at] == quote)
            {
                _at++;
                return;
            }
        }

        throw Unclosed();
    }

    // E'…' is the one form in which a backslash hides a quote.
    private bool IsEscapePrefix() =>
        _at > 0 && _text[_at - 1] is ('e' or 'E') && (_at == 1 || !(char.IsLetterOrDigit(_text[_at - 2]) || _text[_at - 2] is '_' or '$'));

    private string Word()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '$'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private string? DollarTag()
    {
        var close = _text.IndexOf('$', _at + 1);
        var tag = close < 0 ? "" : _text[_at..(close + 1)];
        return tag.Length == 0 || (tag.Length > 2 && char.IsDigit(tag[1])) || tag.AsSpan(1, tag.Length - 2).ContainsAnyExcept(TagChars) ? null : tag;
    }

    private static readonly System.Buffers.SearchValues<char> TagChars =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private bool Here(string text) => string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;

    private SourceBrokenException Unclosed() => Refuse("có dấu nháy hoặc chú thích không đóng", "has a quote or comment that is not closed");

    private SourceBrokenException Refuse(string vi, string en) => new(new Text($"Tệp truy vấn {_file} {vi}.", $"The query file {_file} {en}."));
}
