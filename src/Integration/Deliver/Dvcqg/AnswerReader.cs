using System.Text;
using System.Text.Json;

namespace Integration.Deliver.Dvcqg;

/// <summary>
/// Reads an answer in one pass, without a tree and without a text for each entry, and understands less than <see cref="StrictJson"/>: whatever
/// the two might take differently it leaves to that. What it does read, both read alike.
/// </summary>
internal ref struct AnswerReader
{
    private const int MostNames = 256;
    private const int MaxDepth = 16;
    private const int ShortEntry = 48;
    private const int MostForeseen = 1024;

    private readonly ReadOnlyMemory<byte> _text;
    private readonly EntryFields _fields;
    private readonly ReadOnlyMemory<byte>[] _key;
    private readonly Span<long> _names;
    private int _named;
    private Utf8JsonReader _json;
    private Repeated _code;
    private Repeated _message;

    private AnswerReader(ReadOnlyMemory<byte> text, EntryFields fields, Span<long> names)
    {
        (_text, _fields, _key) = (text, fields, new ReadOnlyMemory<byte>[fields.KeyNames.Length]);
        _names = names;
        _json = new Utf8JsonReader(text.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <param name="text">UTF-8 without a mark at its start.</param>
    /// <returns>Null when it is to be read as a tree.</returns>
    public static Answer? Read(ReadOnlyMemory<byte> text, EntryFields fields)
    {
        if (!fields.AreApart || !System.Text.Unicode.Utf8.IsValid(text.Span))
        {
            return null;
        }

        try
        {
            return new AnswerReader(text, fields, stackalloc long[MostNames]).ReadAnswer();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or unusual, or half a surrogate pair.
            return null;
        }
    }

    private Answer ReadAnswer()
    {
        Next();
        Demand(_json.TokenType == JsonTokenType.StartObject);
        var (code, message, result) = ((string?)null, (string?)null, (ReplyResult?)null);
        var first = _named;
        while (NextName(first))
        {
            if (_json.ValueTextEquals("error_code"u8))
            {
                code = ReadCode();
            }
            else if (_json.ValueTextEquals("message"u8))
            {
                message = ReadMessage();
            }
            else if (_json.ValueTextEquals("result"u8))
            {
                result = ReadResult();
            }
            else
            {
                Next();
                Pass();
            }
        }

        return _json.Read() ? throw Unusual() : new Answer(code, message, result);
    }

    private ReplyResult ReadResult()
    {
        Next();
        // No more room than short entries could fill.
        var entries = new List<ResultEntry>(Math.Min(_text.Length / ShortEntry, MostForeseen));
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            return new ReplyResult(entries, Pass());
        }

        var hasValues = false;
        for (Next(); _json.TokenType != JsonTokenType.EndArray; Next())
        {
            hasValues = true;
            if (_json.TokenType != JsonTokenType.StartObject)
            {
                Pass();
            }
            else if (ReadEntry() is { Speaks: true } entry)
            {
                entries.Add(entry);
            }
        }

        return new ReplyResult(entries, hasValues);
    }

    private ResultEntry ReadEntry()
    {
        Array.Clear(_key);
        var (code, message, receipt) = ((string?)null, (string?)null, (string?)null);
        var (first, seen) = (_named, 0);
        while (NextName(first))
        {
            if (_json.ValueTextEquals("error_code"u8))
            {
                code = ReadCode();
                continue;
            }

            if (_json.ValueTextEquals("message"u8))
            {
                message = ReadMessage();
                continue;
            }

            var part = PartOf(_json.ValueSpan);
            Next();
            if (part < 0)
            {
                Pass();
                continue;
            }

            // Names that differ by their case alone: which of them counts is for the tree to say.
            Demand((seen & 1 << part) == 0);
            seen |= 1 << part;
            if (part == _key.Length)
            {
                receipt = ReadText();
            }
            else
            {
                DemandPlainNumber();
                _key[part] = KeyText.Of(ref _json, _text);
                Pass();
            }
        }

        return new ResultEntry(KeyText.Join(_key), code, message, receipt);
    }

    /// <returns>Which field of the key it is; one more than the last of them for the receipt; negative for any other.</returns>
    private readonly int PartOf(ReadOnlySpan<byte> name)
    {
        Demand(Ascii.IsValid(name));
        for (var i = 0; i < _key.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(name, _fields.KeyNames[i]))
            {
                return i;
            }
        }

        return _fields.ReceiptName is { } receipt && Ascii.EqualsIgnoreCase(name, receipt) ? _key.Length : -1;
    }

    private string? ReadCode()
    {
        Next();
        if (_json.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
        {
            Pass();
            return null;
        }

        DemandPlainNumber();
        if (!_code.Is(_json.TokenType, _json.ValueSpan))
        {
            _code = new Repeated(_json.TokenType, _json.ValueSpan, ReplyCode.Normalise(_json.TokenType == JsonTokenType.String ? _json.GetString() : PayloadFields.Text(ref _json)));
        }

        return _code.Text;
    }

    private string? ReadMessage()
    {
        Next();
        if (_json.TokenType != JsonTokenType.String)
        {
            Pass();
            return null;
        }

        if (!_message.Is(_json.TokenType, _json.ValueSpan))
        {
            _message = new Repeated(_json.TokenType, _json.ValueSpan, _json.GetString());
        }

        return _message.Text;
    }

    private string? ReadText()
    {
        DemandPlainNumber();
        var text = _json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? null : PayloadFields.Text(ref _json);
        Pass();
        return text;
    }

    /// <summary>Passes over a value with all that is in it.</summary>
    /// <returns>Whether it is a list or an object in which something stands.</returns>
    private bool Pass()
    {
        var hasValues = false;
        switch (_json.TokenType)
        {
            case JsonTokenType.StartArray:
                for (Next(); _json.TokenType != JsonTokenType.EndArray; Next())
                {
                    hasValues = true;
                    Pass();
                }

                break;
            case JsonTokenType.StartObject:
                var first = _named;
                while (NextName(first))
                {
                    hasValues = true;
                    Next();
                    Pass();
                }

                break;
            case JsonTokenType.Number:
                DemandReadableNumber();
                break;
        }

        return hasValues;
    }

    /// <summary>Goes to the next name in an object.</summary>
    /// <param name="first">Where the names of this object begin.</param>
    /// <returns>False at its end.</returns>
    private bool NextName(int first)
    {
        Next();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            _named = first;
            return false;
        }

        // The same name may be written in two ways where it is escaped.
        Demand(!_json.ValueIsEscaped && _named < _names.Length);
        var name = _json.ValueSpan;
        foreach (var earlier in _names[first.._named])
        {
            Demand((int)earlier != name.Length || !_text.Span.Slice((int)(earlier >> 32), name.Length).SequenceEqual(name));
        }

        _names[_named++] = (_json.TokenStartIndex + 1) << 32 | (long)name.Length;
        return true;
    }

    private void Next() => Demand(_json.Read());

    // Of a number that is looked at both readers must make the same text.
    private readonly void DemandPlainNumber() =>
        Demand(_json.TokenType != JsonTokenType.Number || (_json.ValueSpan.Length <= 18 && _json.ValueSpan.IndexOfAny("+.eE"u8) < 0));

    // Very long ones, and those with an exponent, may be more than the tree takes.
    private readonly void DemandReadableNumber() => Demand(_json.ValueSpan.Length <= 18 && _json.ValueSpan.IndexOfAny((byte)'e', (byte)'E') < 0);

    private static void Demand(bool isUsual)
    {
        if (!isUsual)
        {
            throw Unusual();
        }
    }

    private static JsonException Unusual() => new("unusual");

    /// <summary>A value as it stood last, and what it says: nearly always the same for a whole list.</summary>
    private readonly ref struct Repeated(JsonTokenType type, ReadOnlySpan<byte> raw, string? text)
    {
        private readonly ReadOnlySpan<byte> _raw = raw;

        public string? Text => text;

        public bool Is(JsonTokenType other, ReadOnlySpan<byte> bytes) => type == other && _raw.SequenceEqual(bytes);
    }
}
