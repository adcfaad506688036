using System.Globalization;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>A group of words of a definition file, of which the valid ones are known. Anything else in it is a fault.</summary>
internal sealed class Section
{
    private readonly YamlMap _map;
    private readonly FaultList _faults;

    private Section(YamlMap map, FaultList faults)
    {
        _map = map;
        _faults = faults;
    }

    public Mark At => _map.At;

    /// <returns>Null, with a fault, when the node is no group of words.</returns>
    public static Section? Open(YamlNode node, string name, IReadOnlyCollection<string> words, FaultList faults)
    {
        if (node is not YamlMap map)
        {
            faults.Add(node.At, $"'{name}' phải là một nhóm khóa ({string.Join(", ", words)}), nhưng có {node.Kind.Vi}",
                $"'{name}' must hold words ({string.Join(", ", words)}), found {node.Kind.En}");
            return null;
        }

        foreach (var entry in map.Entries.Where(e => !words.Contains(e.Word)))
        {
            faults.Add(Unknown(entry, words, name));
        }

        return new Section(map, faults);
    }

    /// <summary>A word that nobody knows, with the one that was probably meant, or else all there are.</summary>
    public static Fault Unknown(YamlEntry entry, IReadOnlyCollection<string> words, string name)
    {
        var shown = Shown.Word(entry.Word);
        return new(entry.At, NearestWord.Of(entry.Word, words) is { } nearest
            ? new($"không hiểu '{shown}' trong {name}; có phải '{nearest}'?", $"'{shown}' is not known in {name}; did you mean '{nearest}'?")
            : new($"không hiểu '{shown}' trong {name}; chỉ có: {string.Join(", ", words)}", $"'{shown}' is not known in {name}; there are: {string.Join(", ", words)}"));
    }

    public bool Has(string word) => _map.Find(word) is not null;

    /// <summary>Where a word stands; the section when it is missing.</summary>
    public Mark PlaceOf(string word) => _map.Find(word)?.At ?? At;

    public YamlNode? Node(string word) => _map.Find(word)?.Value;

    /// <summary>The word's value as one non-empty text; null when missing or wrong.</summary>
    public string? Text(string word) => _map.Find(word) is { } entry ? AsText(entry.Value, word, _faults) : null;

    /// <summary>One text or several; empty when missing or wrong.</summary>
    public IReadOnlyList<string> Texts(string word) => _map.Find(word) is { } entry ? AsTexts(entry.Value, word, _faults) : [];

    /// <summary>Says that a word is missing that must be there.</summary>
    public YamlNode? Required(string word, string name)
    {
        if (_map.Find(word) is { } entry)
        {
            return entry.Value;
        }

        _faults.Add(At, $"thiếu '{word}' trong {name}", $"'{word}' is missing in {name}");
        return null;
    }

    public bool Flag(string word)
    {
        switch (Text(word))
        {
            case null or "false":
                return false;
            case "true":
                return true;
            default:
                _faults.Add(Node(word)!.At, $"'{word}' phải là true hoặc false", $"'{word}' must be true or false");
                return false;
        }
    }

    public double? Number(string word, double least, double most)
    {
        if (Text(word) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        FormattableString range = $"{least} – {most}";
        var shown = range.ToString(CultureInfo.InvariantCulture);
        _faults.Add(Node(word)!.At, $"'{word}' phải là một số trong khoảng {shown}", $"'{word}' must be a number in {shown}");
        return null;
    }

    public int? Whole(string word, int least, int most)
    {
        if (Number(word, least, most) is not { } number)
        {
            return null;
        }

        if (number == Math.Floor(number))
        {
            return (int)number;
        }

        _faults.Add(Node(word)!.At, $"'{word}' phải là số nguyên", $"'{word}' must be a whole number");
        return null;
    }

    public static string? AsText(YamlNode node, string name, FaultList faults)
    {
        if (node is YamlText { Value.Length: > 0 } text)
        {
            return text.Value;
        }

        faults.Add(node.At, $"'{name}' cần một giá trị, nhưng có {node.Kind.Vi}", $"'{name}' needs a value, found {node.Kind.En}");
        return null;
    }

    public static IReadOnlyList<string> AsTexts(YamlNode node, string name, FaultList faults)
    {
        if (node is not YamlList list)
        {
            return AsText(node, name, faults) is { } one ? [one] : [];
        }

        if (list.Items.Count == 0)
        {
            faults.Add(list.At, $"danh sách '{name}' trống", $"the list '{name}' is empty");
        }

        return [.. list.Items.Select(i => AsText(i, name, faults)).OfType<string>()];
    }
}
