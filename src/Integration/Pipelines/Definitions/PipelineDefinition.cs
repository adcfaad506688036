using Integration.Deliver;
using Integration.Extract;
using Integration.Map;
using Integration.Records;
using Integration.Validate;

namespace Integration.Pipelines.Definitions;

/// <summary>One folder of <c>mappings/</c>, read and found whole: nothing in it is looked up again while the worker runs.</summary>
internal sealed record PipelineDefinition
{
    /// <summary>Name of the folder.</summary>
    public required string Name { get; init; }

    /// <summary>Full path of the folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Hash over all that decides what is sent: pipeline.yaml, the files it names, the contract, the lookups it uses.</summary>
    public required ContentHash Version { get; init; }

    public required SourceKind SourceKind { get; init; }

    public required SourceOptions Source { get; init; }

    public required TargetKind TargetKind { get; init; }

    public required TargetOptions Target { get; init; }

    public required Timetable Schedule { get; init; }

    /// <summary>Target fields, by name or by path without indexes, that only some people may see.</summary>
    public required IReadOnlySet<string> Personal { get; init; }

    /// <summary>Column whose value makes the record's group; null: none. Always together with <see cref="Order"/>.</summary>
    public string? Group { get; init; }

    /// <summary>Column with the whole number that orders the records of a group.</summary>
    public string? Order { get; init; }

    public WaitsFor? WaitsFor { get; init; }

    public required Guard Guard { get; init; }

    public required MapDefinition Map { get; init; }

    public required Contract Contract { get; init; }

    /// <summary>The code tables the map uses, and no others.</summary>
    public required LookupSet Lookups { get; init; }

    /// <summary>Full paths of the sample files, in order of their names; at least one.</summary>
    public required IReadOnlyList<string> Samples { get; init; }
}

/// <summary>When a pipeline runs.</summary>
/// <param name="Cron">Five fields: minute, hour, day, month, day of the week.</param>
/// <param name="Zone">The zone the cron text is meant in; local times of the source and of the payload are meant in it too.</param>
internal sealed record Timetable(string Cron, TimeZoneInfo Zone);

/// <summary>Records wait until their parent in another pipeline is acknowledged.</summary>
/// <param name="Key">Columns that hold the parent's key, in the order of its own key columns.</param>
internal sealed record WaitsFor(string Pipeline, IReadOnlyList<string> Key);

/// <summary>
/// Stops a sweep that would withdraw or change more than both figures allow, because a source that lost half of its rows in a night has
/// usually lost its mind instead.
/// </summary>
/// <param name="Share">Part of the known records, 0 to 1.</param>
/// <param name="Count">Records that may always change, however few there are.</param>
internal sealed record Guard(double Share, int Count)
{
    public static readonly Guard Usual = new(0.05, 100);
}
