using Integration.Ledger;

namespace Integration.Pipelines;

/// <summary>Everything the pipelines may say in a log. No keys, no payloads: those are in the ledger.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "{Pipeline}: run done; extracted {Extracted}, unchanged {Unchanged}, new {Added}, changed {Changed}, withdrawn {Withdrawn}, refused {Rejected}")]
    public static partial void RunDone(this ILogger log, string pipeline, long extracted, long unchanged, long added, long changed, long withdrawn, long rejected);

    [LoggerMessage(101, LogLevel.Error, "{Pipeline}: run {Outcome} after {Extracted} records. {Detail}")]
    public static partial void RunNotDone(this ILogger log, string pipeline, RunOutcome outcome, long extracted, string detail);

    [LoggerMessage(102, LogLevel.Warning, "{Pipeline}: {Note}")]
    public static partial void RunNote(this ILogger log, string pipeline, string note);

    [LoggerMessage(103, LogLevel.Information, "{Pipeline}: run skipped. {Reason}")]
    public static partial void RunSkipped(this ILogger log, string pipeline, string reason);

    [LoggerMessage(104, LogLevel.Information, "{Pipeline}: the run of {Due:u} was missed or did not come to its end; running it now")]
    public static partial void RunCaughtUp(this ILogger log, string pipeline, DateTimeOffset due);

    [LoggerMessage(110, LogLevel.Debug, "{Pipeline}: sent {Records} ({Kind}), answer {Code}, {Verdict}")]
    public static partial void Sent(this ILogger log, string pipeline, int records, Deliver.DeliveryKind kind, string code, Deliver.Verdict verdict);

    [LoggerMessage(111, LogLevel.Warning, "{Pipeline}: delivery rests until {Until:u}; the receiver gave no usable answer ({Code})")]
    public static partial void LaneParked(this ILogger log, string pipeline, DateTimeOffset until, string code);

    [LoggerMessage(112, LogLevel.Warning, "{Pipeline}: {Records} records may have been received without a usable answer ({Code}); they will be asked for before anything is repeated")]
    public static partial void OutcomeUnknown(this ILogger log, string pipeline, int records, string code);

    [LoggerMessage(113, LogLevel.Warning, "{Pipeline}: the receiver refused {Records} records with code {Code}; its words are in the ledger")]
    public static partial void Refused(this ILogger log, string pipeline, int records, string code);

    [LoggerMessage(114, LogLevel.Warning, "{Pipeline}: {Late} answers came after their lease had ended and changed nothing")]
    public static partial void LateAnswers(this ILogger log, string pipeline, int late);

    [LoggerMessage(115, LogLevel.Warning, "{Pipeline}: {Records} records need a person to decide whether the receiver has them")]
    public static partial void PersonNeeded(this ILogger log, string pipeline, int records);

    [LoggerMessage(116, LogLevel.Information, "{Pipeline}: the mapping changed; {Records} refused records were mapped again")]
    public static partial void MappedAgain(this ILogger log, string pipeline, int records);

    [LoggerMessage(120, LogLevel.Error, "{Pipeline}: the ledger cannot be used, waiting {Wait}. {Reason}")]
    public static partial void LedgerAway(this ILogger log, string pipeline, TimeSpan wait, string reason);

    [LoggerMessage(121, LogLevel.Information, "{Leases} leases had run out; their records are asked for. {Released} waiting records became ready")]
    public static partial void UpkeepDone(this ILogger log, int leases, int released);

    [LoggerMessage(122, LogLevel.Critical, "{Pipeline}: unexpected {Failure} at {Place}; the worker stops so that its supervisor starts it again")]
    public static partial void Unexpected(this ILogger log, string pipeline, string failure, string place);

    [LoggerMessage(130, LogLevel.Information, "Worker {Worker} is ready: {Pipelines} pipelines, ledger {Provider}, console {Url}")]
    public static partial void Ready(this ILogger log, string worker, int pipelines, string provider, string url);

    [LoggerMessage(131, LogLevel.Information, "Worker {Worker} drains: no new work is taken, what is in flight is finished")]
    public static partial void Draining(this ILogger log, string worker);

    [LoggerMessage(132, LogLevel.Error, "{Pipeline}: the schedule could not run it. {Reason}")]
    public static partial void ScheduleFailed(this ILogger log, string pipeline, string reason);
}
