namespace Integration.Pipelines.Definitions;

/// <summary>Every word of <c>pipeline.yaml</c> that is not an option of a source or a target. The editor's schema knows the same ones.</summary>
internal static class Words
{
    public static readonly string[] Pipeline = ["source", "target", "schedule", "personal", "blank", "group", "order", "waits-for", "guard", "map"];
    public static readonly string[] Schedule = ["cron", "zone"];
    public static readonly string[] WaitsFor = ["pipeline", "key"];
    public static readonly string[] Guard = ["share", "count"];
    public static readonly string[] Blank = ["empty", "omit"];
    public static readonly string[] Condition = ["column", "is", "not"];

    /// <summary>Words of a field that comes from columns.</summary>
    public static readonly string[] Column = ["from", "lookup", "as-of", "format", "parse", "max", "cut", "required", "when", "join"];

    /// <summary>All words a field may have, of whatever kind it is.</summary>
    public static readonly string[] Field = [.. Column, "value", "each", "map"];
}
