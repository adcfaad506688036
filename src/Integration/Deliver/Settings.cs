using System.Globalization;
using System.Text.RegularExpressions;
using Integration.Records;

namespace Integration.Deliver;

/// <summary>The settings of a connection cannot be used. All that is wrong is told at once; no value of a secret is.</summary>
internal sealed class SettingsException(IReadOnlyList<Text> faults) : Exception(string.Join('\n', faults.Select(f => f.En)))
{
    public IReadOnlyList<Text> Faults { get; } = faults;
}

/// <summary>
/// Reads a connection's settings and keeps every mistake until <see cref="Finish"/>. Each read also makes the name known: what is left over
/// is a misspelling.
/// </summary>
internal sealed partial class Settings(IConfigurationSection section)
{
    private readonly SortedSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Text> _faults = [];
    private readonly List<Settings> _parts = [];

    public void Fault(Text what) => _faults.Add(what);

    public string? Text(string name)
    {
        _known.Add(name);
        var value = section[name]?.Trim();
        return string.IsNullOrEmpty(value) ? null : value;
    }

    public string Required(string name)
    {
        var value = Text(name);
        if (value is null)
        {
            Fault(new($"Thiếu {Place(name)}.", $"{Place(name)} is missing."));
        }

        return value ?? "";
    }

    /// <summary><c>500ms</c>, <c>30s</c>, <c>10m</c>, <c>2h</c> or <c>hh:mm:ss</c>; a bare number is refused, since nobody knows its unit.</summary>
    public TimeSpan Duration(string name, TimeSpan unlessSet, TimeSpan least, TimeSpan most)
    {
        if (Text(name) is not { } text)
        {
            return unlessSet;
        }

        if (ReadDuration(text) is not { } value)
        {
            Fault(new($"{Place(name)} phải là khoảng thời gian như 500ms, 30s, 10m, 2h hoặc 00:10:00.", $"{Place(name)} must be a duration such as 500ms, 30s, 10m, 2h or 00:10:00."));
            return unlessSet;
        }

        return Within(name, value, least, most, unlessSet);
    }

    public int Whole(string name, int unlessSet, int least, int most) => Parse(name, unlessSet, least, most, NumberStyles.AllowLeadingSign);

    public double Number(string name, double unlessSet, double least, double most) =>
        Parse(name, unlessSet, least, most, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint);

    public bool Flag(string name, bool unlessSet)
    {
        if (Text(name) is not { } text)
        {
            return unlessSet;
        }

        if (!bool.TryParse(text, out var value))
        {
            Fault(new($"{Place(name)} phải là true hoặc false.", $"{Place(name)} must be true or false."));
        }

        return value;
    }

    public T Choice<T>(string name, T unlessSet) where T : struct, Enum
    {
        if (Text(name) is not { } text)
        {
            return unlessSet;
        }

        if (char.IsAsciiLetter(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var value))
        {
            return value;
        }

        var names = string.Join(", ", Enum.GetNames<T>());
        Fault(new($"{Place(name)} phải là một trong: {names}.", $"{Place(name)} must be one of: {names}."));
        return unlessSet;
    }

    public IReadOnlyDictionary<string, string> Map(string name)
    {
        _known.Add(name);
        return section.GetSection(name).GetChildren().ToDictionary(c => c.Key, c => c.Value ?? "", StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A list; <paramref name="unlessSet"/> when none is written.</summary>
    public IReadOnlyList<string> List(string name, IReadOnlyList<string> unlessSet)
    {
        _known.Add(name);
        var values = section.GetSection(name).GetChildren().Select(c => c.Value?.Trim() ?? "").Where(v => v.Length > 0).ToArray();
        return values.Length > 0 ? values : unlessSet;
    }

    /// <summary>Settings of their own under one name.</summary>
    public Settings Part(string name)
    {
        _known.Add(name);
        var part = new Settings(section.GetSection(name));
        _parts.Add(part);
        return part;
    }

    /// <summary>A list of groups of settings, in their order.</summary>
    public IReadOnlyList<Settings> Parts(string name)
    {
        _known.Add(name);
        Settings[] parts = [.. section.GetSection(name).GetChildren().Select(c => new Settings(c))];
        _parts.AddRange(parts);
        return parts;
    }

    /// <exception cref="SettingsException">Something was wrong or left over.</exception>
    public void Finish()
    {
        var all = Collect().ToArray();
        if (all.Length > 0)
        {
            throw new SettingsException(all);
        }
    }

    public string Place(string name) => $"{section.Path}:{name}";

    private IEnumerable<Text> Collect()
    {
        var unknown = section.GetChildren().Select(c => c.Key).Where(k => !_known.Contains(k));
        var strangers = unknown.Select(k => new Text(
            $"{Place(k)} không phải là một thiết lập; các thiết lập: {string.Join(", ", _known)}.",
            $"{Place(k)} is not a setting; the settings are: {string.Join(", ", _known)}."));
        return _faults.Concat(strangers).Concat(_parts.SelectMany(p => p.Collect()));
    }

    private T Parse<T>(string name, T unlessSet, T least, T most, NumberStyles style) where T : struct, System.Numerics.INumber<T>
    {
        if (Text(name) is not { } text)
        {
            return unlessSet;
        }

        if (!T.TryParse(text, style, CultureInfo.InvariantCulture, out var value))
        {
            Fault(new($"{Place(name)} phải là số.", $"{Place(name)} must be a number."));
            return unlessSet;
        }

        return Within(name, value, least, most, unlessSet);
    }

    private T Within<T>(string name, T value, T least, T most, T unlessSet) where T : IComparable<T>
    {
        if (value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0)
        {
            return value;
        }

        Fault(new($"{Place(name)} phải từ {least} đến {most}.", $"{Place(name)} must be from {least} to {most}."));
        return unlessSet;
    }

    private static TimeSpan? ReadDuration(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var clock) ? clock : null;
        }

        var match = ShortDuration().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var amount = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(amount),
            "s" => TimeSpan.FromSeconds(amount),
            "m" => TimeSpan.FromMinutes(amount),
            _ => TimeSpan.FromHours(amount),
        };
    }

    [GeneratedRegex(@"^([0-9]{1,6})(ms|s|m|h)$", RegexOptions.CultureInvariant)]
    private static partial Regex ShortDuration();
}
