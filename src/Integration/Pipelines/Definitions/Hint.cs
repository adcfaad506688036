using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>The end of a message about an unknown name: what was probably meant, or nothing.</summary>
internal static class Hint
{
    public static (string Vi, string En) Of(string word, IEnumerable<string> candidates) =>
        NearestWord.Of(word, candidates) is { } nearest ? ($"; có phải '{nearest}'?", $"; did you mean '{nearest}'?") : ("", "");
}
