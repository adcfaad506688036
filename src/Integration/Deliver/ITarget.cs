using Integration.Records;

namespace Integration.Deliver;

/// <summary>
/// A national system that records are delivered to. It sends once per call and never retries a call that changes anything: repeats are
/// decided by the ledger. Instances are shared by several lanes and must be safe for concurrent calls.
/// </summary>
internal interface ITarget : IAsyncDisposable
{
    TargetTraits Traits { get; }

    /// <summary>
    /// Sends one batch, all of it creates or all of it updates. Throws only <see cref="OperationCanceledException"/>: every other
    /// failure is an outcome. If it was cancelled after the first byte left, the outcome is unknown and it returns that instead of throwing.
    /// </summary>
    Task<DeliveryReply> SendAsync(DeliveryBatch batch, CancellationToken cancellationToken);

    /// <summary>Its announced closing hours: nothing may be sent or asked then. A call made nevertheless ends as not sent.</summary>
    /// <returns>Null when it is open.</returns>
    Closing? ClosedAt(DateTimeOffset now);

    /// <summary>Asks the receiver what it holds for one record. Safe to repeat.</summary>
    Task<LookUpReply> LookUpAsync(DeliveryItem item, CancellationToken cancellationToken);
}

/// <param name="LargestBatch">Records a call may carry.</param>
/// <param name="CanLookUp">The receiver can be asked about a record.</param>
/// <param name="RepeatIsSafe">A repeated call with the same bytes has no second effect, so an unknown outcome may be repeated.</param>
/// <param name="CanWithdraw">There is a call that takes a record back.</param>
internal sealed record TargetTraits(int LargestBatch, bool CanLookUp, bool RepeatIsSafe, bool CanWithdraw);

/// <param name="Key">The record's key in its pipeline.</param>
/// <param name="Payload">The stored bytes, sent as they are.</param>
/// <param name="Memo">What the target told the ledger to remember about this version after an earlier step; null at the first.</param>
internal readonly record struct DeliveryItem(long Version, string Key, ReadOnlyMemory<byte> Payload, string? Memo = null);

internal enum DeliveryKind : byte
{
    /// <summary>The receiver does not have the record yet.</summary>
    Create = 0,

    /// <summary>The receiver has an older version.</summary>
    Update = 1,

    /// <summary>The receiver has the record and must drop it.</summary>
    Withdraw = 2,
}

internal sealed record DeliveryBatch(DeliveryKind Kind, IReadOnlyList<DeliveryItem> Items)
{
    /// <summary>
    /// Asked right before the first byte of a call that changes something, and again right before its last: false means that the records are
    /// no longer the sender's to send. Nothing was begun then (<see cref="Verdict.NotSent"/>), or it is left without its end
    /// (<see cref="Verdict.Unknown"/>). Null: always true.
    /// </summary>
    public Func<bool>? StillHeld { get; init; }
}

/// <summary>What came of one call.</summary>
/// <param name="Verdict">For the call as a whole.</param>
/// <param name="Outcomes">One a record when the receiver answered record by record (always all of them, in the batch's order); else null.</param>
/// <param name="RetryAfter">How long the receiver asked to be left alone; null when it did not say.</param>
/// <param name="Exchange">What went over the wire, for the attempt log.</param>
internal sealed record DeliveryReply(Verdict Verdict, string Code, string Message, IReadOnlyList<RecordOutcome>? Outcomes, TimeSpan? RetryAfter, Exchange Exchange);

/// <summary>What the receiver said about one record.</summary>
/// <param name="Receipt">The receiver's own number for it, when it gave one.</param>
/// <param name="Memo">To be remembered with the version and handed back with the next step (<see cref="Verdict.NextStep"/>).</param>
internal readonly record struct RecordOutcome(long Version, Verdict Verdict, string Code, string Message, string? Receipt = null, string? Memo = null);

internal enum Verdict : byte
{
    /// <summary>Parsed, understood and known to mean success.</summary>
    Accepted,

    /// <summary>Refused for good: the same bytes will be refused again. For a call of several records: at least one of them is the cause.</summary>
    Refused,

    /// <summary>A create was refused because the receiver has the record already.</summary>
    AlreadyThere,

    /// <summary>An update was refused because the receiver does not have the record.</summary>
    NotThere,

    /// <summary>Not applied, and the receiver will take it later (429, 503 with Retry-After, maintenance).</summary>
    TryLater,

    /// <summary>No byte of the request left this machine, or the login failed: certainly not applied; the whole lane should pause.</summary>
    NotSent,

    /// <summary>It may have been applied. Empty, cut, unparsable, timed out, or an unknown HTTP status.</summary>
    Unknown,

    /// <summary>One of several steps is done; the memo must be stored before the next.</summary>
    NextStep,
}

/// <param name="RequestHash">SHA-256 of the request body as sent.</param>
/// <param name="ResponseHash">SHA-256 of the body as received; default when none came.</param>
/// <param name="Status">HTTP status; 0 when there was none.</param>
internal readonly record struct Exchange(ContentHash RequestHash, ContentHash ResponseHash, int Status);

/// <summary>What the receiver holds for one record.</summary>
internal sealed record LookUpReply(LookUpVerdict Verdict, string Code, string Message, Exchange Exchange, TimeSpan? RetryAfter = null, string? Receipt = null);

internal enum LookUpVerdict : byte
{
    /// <summary>It has the record, and everything it shows equals the payload.</summary>
    Same,

    /// <summary>What it shows equals the payload, but it does not show all of it: proof that a create arrived, no proof of an update.</summary>
    SameAsFarAsShown,

    /// <summary>It has the record with other content: this version was not applied.</summary>
    Different,

    /// <summary>It has the record but does not show enough to compare.</summary>
    PresentOnly,

    /// <summary>It does not have the record.</summary>
    Absent,

    /// <summary>It could not be asked, or the answer could not be understood.</summary>
    NoAnswer,
}
