using Integration.Deliver;
using Integration.Extract;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>Reads the <c>source:</c> and <c>target:</c> parts: one kind each, with its options.</summary>
internal sealed class EndpointReader(Catalogue catalogue, FaultList faults)
{
    private const string Children = "children";
    private readonly OptionsBinder _binder = new(faults);

    /// <summary>The kind and its options; options are null when they were wrong, both when not even the kind is known.</summary>
    public (SourceKind? Kind, SourceOptions? Options) Source(YamlNode node)
    {
        var names = catalogue.Sources.Select(s => s.Name).ToList();
        if (Section.Open(node, "source", [.. names, Children], faults) is null || OneOf((YamlMap)node, "source", names) is not { } entry)
        {
            return default;
        }

        var kind = catalogue.Sources.Single(s => s.Name == entry.Word);
        var options = (SourceOptions?)_binder.Bind(WithChildren((YamlMap)node, entry), kind.Options, entry.Word);
        Connection(options?.Connection, entry.Value);
        return (kind, options);
    }

    public (TargetKind? Kind, TargetOptions? Options) Target(YamlNode node)
    {
        var names = catalogue.Targets.Select(t => t.Name).ToList();
        if (Section.Open(node, "target", names, faults) is null || OneOf((YamlMap)node, "target", names) is not { } entry)
        {
            return default;
        }

        var kind = catalogue.Targets.Single(t => t.Name == entry.Word);
        var options = (TargetOptions?)_binder.Bind(entry.Value, kind.Options, entry.Word);
        Connection(options?.Connection, entry.Value);
        return (kind, options);
    }

    /// <summary>Names of the child row sets as they are written, for when the options as a whole were wrong.</summary>
    public static IReadOnlyCollection<string> ChildNames(YamlNode? source) =>
        (source as YamlMap)?.Find(Children)?.Value is YamlMap children ? [.. children.Entries.Select(e => e.Word)] : [];

    /// <summary>Where a value stands in a part of the file; the part itself when it cannot be told.</summary>
    public static Mark PlaceOf(YamlNode node, string value) => Find(node, value)?.At ?? node.At;

    private static YamlText? Find(YamlNode node, string value) => node switch
    {
        YamlText text => text.Value == value ? text : null,
        YamlList list => list.Items.Select(i => Find(i, value)).FirstOrDefault(f => f is not null),
        YamlMap map => map.Entries.Select(e => Find(e.Value, value)).FirstOrDefault(f => f is not null),
        _ => null,
    };

    private YamlEntry? OneOf(YamlMap map, string part, List<string> kinds)
    {
        var named = map.Entries.Where(e => kinds.Contains(e.Word)).ToList();
        if (named.Count == 1)
        {
            return named[0];
        }

        // A misspelt kind has its own message already.
        if (named.Count > 1 || map.Entries.All(e => e.Word == Children))
        {
            var list = string.Join(", ", kinds);
            faults.Add(map.At, $"'{part}' cần đúng một loại trong: {list}", $"'{part}' needs exactly one of: {list}");
        }

        return null;
    }

    // Children are written beside the kind, and are options of it.
    private YamlNode WithChildren(YamlMap part, YamlEntry kind)
    {
        if (kind.Value is not YamlMap options)
        {
            return kind.Value;
        }

        if (options.Find(Children) is { } inside)
        {
            faults.Add(inside.At, $"'{Children}' viết ngang hàng với '{kind.Word}', không viết bên trong", $"'{Children}' is written beside '{kind.Word}', not inside it");
            return kind.Value;
        }

        return part.Find(Children) is { } beside ? options with { Entries = [.. options.Entries, beside] } : options;
    }

    private void Connection(string? name, YamlNode written)
    {
        if (string.IsNullOrEmpty(name) || catalogue.Connections is not { } known || known.Contains(name))
        {
            return;
        }

        var shown = Shown.Word(name);
        var (vi, en) = NearestWord.Of(name, known) is { } nearest
            ? ($"có phải '{nearest}'?", $"did you mean '{nearest}'?")
            : ($"cấu hình Connections có: {string.Join(", ", known)}", $"the Connections of the configuration are: {string.Join(", ", known)}");
        faults.Add(PlaceOf(written, name), $"không có kết nối '{shown}'; {vi}", $"there is no connection '{shown}'; {en}");
    }
}
