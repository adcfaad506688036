using Integration.Ledger;
using Integration.Pipelines;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Commands;

/// <summary>
/// The answers of <c>--json</c>, field by field; listed in docs/json-answers.md. A field is always there, null when it has no value. Scripts
/// of provinces read them, so a name once given stays.
/// </summary>
internal static class Answers
{
    public static object Of(Rejection r) => new { r.Rule, r.TargetField, r.SourceField, value = r.MaskedValue, r.Detail, what = Rules.What(r), advice = Rules.Advice(r) };

    public static object Of(SliceCounts c) => new { c.Extracted, c.Unchanged, c.Added, c.Changed, c.Withdrawn, c.Rejected };

    public static object Of(FailureGroup g) => new { g.Pipeline, g.State, g.Count, g.ExampleKey, g.Newest, rejection = Of(g.Example) };

    public static object Of(FailureRow r) => new { r.Pipeline, r.Key, r.Version, r.State, r.At, rejection = Of(r.Rejection) };

    public static object Of(VersionHistory v) => new
    {
        v.Version,
        v.State,
        kind = v.Kind == EntryKind.Withdraw ? "withdraw" : "put",
        v.Newest,
        v.Extracted,
        v.NotBefore,
        v.Acknowledged,
        v.Receipt,
        waitsFor = v.WaitsForKey is null ? null : new { pipeline = v.WaitsForPipeline, key = v.WaitsForKey },
        v.NeedsPerson,
        sha256 = v.Hash.ToString(),
        rejections = v.Rejections.Select(Of),
        attempts = v.Attempts.Select(a => new
        {
            a.Attempt, a.Kind, a.Started, milliseconds = (long)a.Took.TotalMilliseconds, a.Worker, a.Records, httpStatus = a.Status, a.Code, a.Message,
            requestSha256 = a.RequestHash.ToString(), responseSha256 = a.ResponseHash.ToString(),
        }),
    };

    public static object Of(Explanation e) => new
    {
        e.Pipeline,
        e.Key,
        delivered = e.IsDelivered,
        gates = e.Gates.Select(g => new { g.Name, g.Result, g.What, g.Advice }),
        versions = e.Versions.Select(Of),
    };

    /// <param name="row">Null when the pipeline never ran.</param>
    /// <param name="held">Why its source is read no further; null: it may be read.</param>
    public static object Of(PipelineDefinition pipeline, PipelineStatus? row, Text? held, DateTimeOffset now) => new
    {
        pipeline = pipeline.Name,
        states = Enum.GetValues<RecordState>().ToDictionary(s => s, s => row?.States.GetValueOrDefault(s) ?? 0),
        needsPerson = row?.WaitingForPerson ?? 0,
        oldestReady = row?.OldestReady,
        paused = row?.Paused is { } paused ? new { paused.By, paused.Reason, at = row.PausedAt } : null,
        rests = row?.ParkedUntil is { } until ? new { until, reason = row.ParkedReason } : null,
        notRead = held,
        lastRun = row?.LastRun is { } run ? new { run.Run, run.Kind, run.Worker, run.Started, run.Ended, run.Outcome, counts = Of(run.Counts), run.Detail } : null,
        nextRun = Schedule.Next(pipeline.Schedule, now),
        mappingVersion = row?.MappingVersion,
    };

    public static object Of(DryRunResult r) => new
    {
        r.Pipeline,
        counts = Of(r.Counts),
        records = r.Records.Select(x => new
        {
            x.Key, x.Kind, changes = x.Changes.Select(c => new { c.Field, c.Before, c.Now }), rejections = x.Rejections.Select(Of),
        }),
        r.Notes,
    };
}
