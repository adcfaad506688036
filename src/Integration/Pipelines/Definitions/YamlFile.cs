using System.Text;
using Integration.Map;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using Mark = Integration.Records.Mark;

namespace Integration.Pipelines.Definitions;

/// <summary>
/// Reads a definition file into nodes that know their line. Only the plain part of YAML: one document of words, lists and values. Anchors,
/// tags, several documents and sizes no person writes are faults, so that the file means what it shows.
/// </summary>
internal sealed class YamlFile
{
    public const int LargestBytes = 256 * 1024;
    private const int Deepest = 24;
    private const int MostNodes = 20_000;

    private readonly string _name;
    private readonly FaultList _faults;
    private readonly Parser _parser;
    private int _nodes;

    private YamlFile(string name, string text, FaultList faults)
    {
        _name = name;
        _faults = faults;
        _parser = new Parser(new Scanner(new StringReader(text)));
    }

    /// <summary>The file's words; null when it cannot be understood at all, with the reason among the faults.</summary>
    /// <param name="name">How messages name the file.</param>
    public static YamlMap? Read(string name, ReadOnlySpan<byte> bytes, FaultList faults)
    {
        var top = new Mark(name, 1, 1);
        if (Decode(top, bytes, faults) is not { } text || HasTabs(name, text, faults))
        {
            return null;
        }

        var file = new YamlFile(name, text, faults);
        try
        {
            return file.ReadDocument(top);
        }
        catch (YamlException e)
        {
            faults.Add(Place(name, e.Start), $"không phải YAML hợp lệ: {Shown.Outside(e.Message)}", $"not valid YAML: {Shown.Outside(e.Message)}");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The scanner answers some broken texts with exceptions of any kind.
            faults.Add(Place(name, file._parser.Current?.End ?? default), "không phải YAML hợp lệ từ đây trở đi: thiếu dấu đóng hoặc thụt dòng sai",
                "not valid YAML from here on: something is not closed, or indented wrongly");
        }

        return null;
    }

    private static string? Decode(Mark top, ReadOnlySpan<byte> bytes, FaultList faults)
    {
        if (bytes.Length > LargestBytes)
        {
            faults.Add(top, $"tệp lớn quá {LargestBytes / 1024} KB", $"the file is larger than {LargestBytes / 1024} KB");
            return null;
        }

        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            faults.Add(top, "tệp không phải UTF-8; hãy lưu lại bằng UTF-8", "the file is not UTF-8; save it as UTF-8");
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            faults.Add(top, "tệp trống", "the file is empty");
            return null;
        }

        if (text[^1] is not ('\n' or '\r'))
        {
            faults.Add(new Mark(top.File, LineOf(text, text.Length)),
                "tệp không kết thúc bằng dấu xuống dòng nên có thể đã bị cắt; hãy kiểm tra phần cuối rồi thêm một dòng mới",
                "the file does not end with a line break, so it may have been cut; check its end and add a new line");
        }

        return text;
    }

    private static bool HasTabs(string name, string text, FaultList faults)
    {
        var line = 0;
        var found = false;
        foreach (var row in text.AsSpan().EnumerateLines())
        {
            line++;
            var indent = row[..^row.TrimStart(" \t").Length];
            if (indent.Contains('\t') && indent.Length < row.Length)
            {
                faults.Add(new Mark(name, line, indent.IndexOf('\t') + 1), "thụt dòng bằng phím Tab; YAML chỉ nhận dấu cách", "indented with a tab; YAML takes spaces only");
                found = true;
            }
        }

        return found;
    }

    private YamlMap? ReadDocument(Mark top)
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            _faults.Add(top, "tệp không có nội dung nào", "the file holds nothing");
            return null;
        }

        var root = ReadNode(1);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            _faults.Add(Place(_name, second.Start), "tệp có hơn một tài liệu YAML ('---'); chỉ được một", "the file holds more than one YAML document ('---'); only one is allowed");
        }

        if (root is YamlMap map)
        {
            return map;
        }

        _faults.Add(root.At, $"cần một nhóm khóa ở đầu tệp, nhưng có {root.Kind.Vi}", $"expected words at the top of the file, found {root.Kind.En}");
        return null;
    }

    private YamlNode ReadNode(int depth)
    {
        var at = Place(_name, _parser.Current!.Start);
        if (depth > Deepest || ++_nodes > MostNodes)
        {
            throw new YamlException(_parser.Current.Start, _parser.Current.End, "too deep or too many values");
        }

        if (_parser.TryConsume<AnchorAlias>(out _))
        {
            _faults.Add(at, "không dùng bí danh YAML ('*'); hãy viết đủ giá trị", "YAML aliases ('*') are not used here; write the value out");
            return new YamlText(at, "", Quoted: false);
        }

        if (_parser.Accept<NodeEvent>(out var node) && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty))
        {
            _faults.Add(at, "không dùng neo ('&') hay thẻ ('!') YAML", "YAML anchors ('&') and tags ('!') are not used here");
        }

        if (_parser.TryConsume<SequenceStart>(out _))
        {
            return ReadList(at, depth);
        }

        if (_parser.TryConsume<MappingStart>(out _))
        {
            return ReadMap(at, depth);
        }

        var scalar = _parser.Consume<Scalar>();
        if (CleanText.Of(scalar.Value) is null)
        {
            _faults.Add(at, "giá trị chứa ký tự không gửi đi được", "the value holds a character that cannot be sent");
        }

        return new YamlText(at, scalar.Value, scalar.Style != ScalarStyle.Plain);
    }

    private YamlList ReadList(Mark at, int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1));
        }

        return new YamlList(at, items);
    }

    private YamlMap ReadMap(Mark at, int depth)
    {
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, Mark>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var word = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (word is not YamlText { Value.Length: > 0 } text)
            {
                _faults.Add(word.At, $"cần tên khóa, nhưng có {word.Kind.Vi}", $"expected a word, found {word.Kind.En}");
            }
            else if (!seen.TryAdd(text.Value, text.At))
            {
                var first = seen[text.Value].Line;
                _faults.Add(text.At, $"khóa '{Shown.Word(text.Value)}' đứng hai lần (lần đầu ở dòng {first})", $"'{Shown.Word(text.Value)}' stands twice (first on line {first})");
            }
            else
            {
                entries.Add(new YamlEntry(text.Value, text.At, value));
            }
        }

        return new YamlMap(at, entries);
    }

    private static Mark Place(string name, YamlDotNet.Core.Mark mark) => new(name, (int)mark.Line, (int)mark.Column);

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;
}
