using Integration.Records;

namespace Integration.Ledger;

/// <summary>One pipeline as the ledger knows it.</summary>
/// <param name="States">Versions by state; superseded ones included.</param>
/// <param name="WaitingForPerson">Unknown versions that only a person can decide; part of the unknown ones.</param>
/// <param name="OldestReady">When the oldest record that should have been sent by now was extracted; null when none is due.</param>
internal sealed record PipelineStatus(
    string Pipeline, IReadOnlyDictionary<RecordState, long> States, long WaitingForPerson, DateTimeOffset? OldestReady,
    Decision? Paused, DateTimeOffset? PausedAt, DateTimeOffset? ParkedUntil, Text? ParkedReason, RunRow? LastRun, string? MappingVersion);

/// <param name="Backlog">Versions that are ready, leased, waiting or unknown.</param>
/// <param name="FreeDisk">Bytes left where the ledger grows; null when that cannot be known from here.</param>
internal readonly record struct LedgerRoom(long Backlog, long? FreeDisk);

internal sealed record RunRow(
    long Run, string Pipeline, RunKind Kind, string Worker, DateTimeOffset Started, DateTimeOffset? Ended, RunOutcome Outcome, SliceCounts Counts, Text? Detail);

/// <param name="NotBefore">When it is looked at next; null when it is due or settled.</param>
/// <param name="WaitsForKey">Key of the record it waits for; null when it waits for an older version of itself or does not wait.</param>
/// <param name="NeedsPerson">Unknown, and only a person can decide.</param>
internal sealed record VersionHistory(
    long Version, string Pipeline, string Key, ContentHash Hash, EntryKind Kind, RecordState State, bool Newest, bool Exists, DateTimeOffset Extracted,
    DateTimeOffset? NotBefore, DateTimeOffset? Acknowledged, string? Receipt, string? WaitsForPipeline, string? WaitsForKey, bool NeedsPerson,
    IReadOnlyList<Rejection> Rejections, IReadOnlyList<AttemptRow> Attempts);

/// <param name="Code">What it said about this very record.</param>
internal sealed record AttemptRow(
    long Attempt, AttemptKind Kind, DateTimeOffset Started, TimeSpan Took, string Worker, int Records,
    ContentHash RequestHash, ContentHash ResponseHash, int Status, string Code, string Message);

internal sealed record FailureGroup(string Pipeline, RecordState State, Rejection Example, long Count, string ExampleKey, DateTimeOffset Newest);

internal sealed record AcknowledgedRecord(long Version, string Key, ReadOnlyMemory<byte> Payload, string? Memo);

internal sealed record FailureRow(long Version, string Pipeline, string Key, RecordState State, Rejection Rejection, DateTimeOffset At);
