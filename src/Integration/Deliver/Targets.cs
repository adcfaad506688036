using Integration.Deliver.Dvcqg;

namespace Integration.Deliver;

/// <summary>Every kind of target there is.</summary>
internal static class Targets
{
    public static IReadOnlyList<TargetKind> All { get; } =
    [
        new("dvcqg", typeof(DvcqgOptions), (options, context) => DvcqgTarget.Create((DvcqgOptions)options, context)),
    ];
}
