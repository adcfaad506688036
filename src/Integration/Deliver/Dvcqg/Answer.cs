using Newtonsoft.Json.Linq;

namespace Integration.Deliver.Dvcqg;

/// <summary>What stands in <c>{error_code, message, result}</c>.</summary>
/// <param name="Code">In its normal form; null when there is none.</param>
/// <param name="Message">Null when there is none, or it is no text.</param>
/// <param name="Result">Null when there is none.</param>
internal sealed record Answer(string? Code, string? Message, ReplyResult? Result)
{
    public static Answer Of(JObject tree) => new(
        ReplyCode.Read(tree[EntryFields.Code]),
        (tree[EntryFields.Message] as JValue)?.Value as string,
        tree["result"] is { } result ? new ReplyResult(result) : null);
}

/// <summary><c>result</c> of an answer: as it came, or only what it says about records.</summary>
internal sealed class ReplyResult
{
    private readonly List<ResultEntry>? _entries;

    public ReplyResult(JToken tree)
    {
        (Tree, HasValues) = (tree, tree.HasValues);
    }

    /// <param name="entries">Those that speak.</param>
    public ReplyResult(List<ResultEntry> entries, bool hasValues)
    {
        (_entries, HasValues) = (entries, hasValues);
    }

    /// <summary>Null when it was read without a tree.</summary>
    public JToken? Tree { get; }

    /// <summary>A list or an object in which something stands.</summary>
    public bool HasValues { get; }

    /// <summary>What it says about records; nothing when it is no list.</summary>
    public IReadOnlyList<ResultEntry> Entries(EntryFields fields) =>
        _entries ?? [.. (Tree as JArray)?.OfType<JObject>().Select(e => ResultEntry.Of(e, fields)).Where(static e => e.Speaks) ?? []];
}
