using Integration.Deliver;
using Integration.Extract;
using Integration.Map;
using Integration.Records;
using Integration.Validate;

namespace Integration.Pipelines.Definitions;

internal sealed record PipelineDefinition(
    string Name, string Folder, ContentHash Version, SourceKind SourceKind, SourceOptions SourceOptions, TargetKind TargetKind, TargetOptions TargetOptions,
    ScheduleDefinition Schedule, IReadOnlySet<string> Personal, string? Group, string? Order, WaitsForDefinition? WaitsFor, GuardDefinition Guard,
    MapDefinition Map, Contract Contract, LookupSet Lookups, IReadOnlyList<string> Samples);

internal sealed record ScheduleDefinition(string Cron, TimeZoneInfo Zone);

internal sealed record WaitsForDefinition(string Pipeline, IReadOnlyList<string> Key);

internal sealed record GuardDefinition(double Share, int Count);
