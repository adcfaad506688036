using Integration.Deliver;
using Integration.Extract;
using Integration.Map;

namespace Integration.Pipelines.Definitions;

/// <summary>What a definition may name: kinds of sources and targets, code tables, connections.</summary>
/// <param name="Connections">Null when the configuration is not at hand and names cannot be checked.</param>
internal sealed record Catalogue(
    IReadOnlyList<SourceKind> Sources, IReadOnlyList<TargetKind> Targets, LookupSet Lookups, IReadOnlyCollection<string>? Connections);
