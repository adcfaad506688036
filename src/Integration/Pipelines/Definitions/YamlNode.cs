using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>A piece of a definition file that knows where it stands.</summary>
internal abstract record YamlNode(Mark At)
{
    /// <summary>What it is, for messages.</summary>
    public abstract Text Kind { get; }
}

/// <param name="Quoted">Written in quotes or as a block, so that it is text even if it looks like something else.</param>
internal sealed record YamlText(Mark At, string Value, bool Quoted) : YamlNode(At)
{
    /// <summary>Nothing was written after the colon.</summary>
    public bool IsBlank => !Quoted && Value.Length == 0;

    public override Text Kind => IsBlank ? new("để trống", "nothing") : new("một giá trị", "a value");
}

internal sealed record YamlList(Mark At, IReadOnlyList<YamlNode> Items) : YamlNode(At)
{
    public override Text Kind => new("một danh sách", "a list");
}

/// <summary>Words in the order they were written; each stands once.</summary>
internal sealed record YamlMap(Mark At, IReadOnlyList<YamlEntry> Entries) : YamlNode(At)
{
    public override Text Kind => new("một nhóm khóa", "a group of words");

    public YamlEntry? Find(string word) => Entries.FirstOrDefault(e => e.Word == word);
}

/// <param name="At">Where the word stands.</param>
internal sealed record YamlEntry(string Word, Mark At, YamlNode Value);
