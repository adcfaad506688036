using System.Buffers;
using Integration.Records;

namespace Integration.Ledger;

/// <param name="Token">Fencing token: greater than every token given out for this job before.</param>
internal sealed record Ticket(string Job, string Holder, long Token);

/// <param name="Kind">Why it runs: schedule, request, catch-up, replay.</param>
/// <param name="WaitsFor">Pipeline whose records the parents of this pipeline's records are; null: none.</param>
/// <param name="MappingVersion">Content hash of the pipeline's folder and of the lookups it uses.</param>
internal sealed record RunStart(string Pipeline, RunKind Kind, string Worker, string MappingVersion, string? WaitsFor);

internal enum RunKind : byte
{
    Schedule = 0,
    Request = 1,
    CatchUp = 2,
    Replay = 3,
}

internal enum RunOutcome : byte
{
    Running = 0,
    Done = 1,

    /// <summary>The source or the ledger could not be reached; the next run goes on from the last watermark.</summary>
    BrokenOff = 2,

    /// <summary>Stopped for a person: a wrong column, a mass change.</summary>
    Stopped = 3,
}

internal sealed record RunEnd(RunOutcome Outcome, SliceCounts Counts, Text? Detail);

/// <summary>What became of the entries of one slice; <see cref="Extracted"/> is the sum of the rest.</summary>
internal readonly record struct SliceCounts(long Extracted, long Unchanged, long Added, long Changed, long Withdrawn, long Rejected)
{
    public static SliceCounts operator +(SliceCounts a, SliceCounts b) => new(
        a.Extracted + b.Extracted, a.Unchanged + b.Unchanged, a.Added + b.Added, a.Changed + b.Changed, a.Withdrawn + b.Withdrawn, a.Rejected + b.Rejected);
}

/// <param name="What">Ready versions to send, or unknown ones to ask about.</param>
internal sealed record ClaimRequest(string Pipeline, ClaimKind What, string Worker, int Most, int MostBytes, TimeSpan Lease);

internal enum ClaimKind : byte
{
    Ready,
    Unknown,
}

/// <param name="Token">Fencing token of the lease.</param>
/// <param name="Exists">The receiver is believed to hold an older version of these records.</param>
internal sealed record Claim(string Pipeline, ClaimKind What, long Token, bool Exists, EntryKind Kind, IReadOnlyList<ClaimedVersion> Versions)
{
    private byte[][] _rooms = [];

    /// <summary>Arrays of the shared pool that payloads stand in.</summary>
    public byte[][] Rooms
    {
        init => _rooms = value;
    }

    /// <summary>
    /// Gives the room of the payloads back: only when nobody can be reading them any more. Where that is not certain it is left to the garbage collector.
    /// </summary>
    public void GiveRoomBack()
    {
        foreach (var room in Interlocked.Exchange(ref _rooms, []))
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }
}

/// <param name="Payload">The stored bytes; empty for a withdrawal.</param>
/// <param name="Attempts">Calls this version has been part of so far.</param>
/// <param name="LostAlone">How often in a row a worker that held nothing else than this version was never heard of again.</param>
internal sealed record ClaimedVersion(long Version, string Key, string? Group, ReadOnlyMemory<byte> Payload, int Attempts, string? Memo, int LostAlone = 0);

internal enum AttemptKind : byte
{
    Send = 0,
    LookUp = 1,
}

/// <summary>One call to the receiver, kept for ever (append-only).</summary>
internal sealed record Attempt(
    AttemptKind Kind, DateTimeOffset Started, TimeSpan Took, string Worker, int Records,
    ContentHash RequestHash, ContentHash ResponseHash, int Status, string Code, string Message)
{
    /// <summary>It was handed to the ledger before, and whether it was stored is not known.</summary>
    public bool IsRepeat { get; init; }
}

/// <summary>What an attempt means for one version.</summary>
/// <param name="NotBefore">For <see cref="Next.Retry"/>, <see cref="Next.Unknown"/>: when it is looked at again.</param>
/// <param name="Rejection">For <see cref="Next.Refuse"/> and <see cref="Next.AskPerson"/>.</param>
internal readonly record struct Settlement(
    long Version, Next Next, string Code, string Message, DateTimeOffset NotBefore = default, Rejection? Rejection = null, string? Receipt = null, string? Memo = null);

internal enum Next : byte
{
    /// <summary>Acknowledged, with a receipt.</summary>
    Acknowledge,

    /// <summary>Quarantined with a reason.</summary>
    Refuse,

    /// <summary>Certainly not applied: ready again, not before its time (superseded if a newer version waits).</summary>
    Retry,

    /// <summary>As <see cref="Retry"/>, and the receiver holds an older version: send as an update.</summary>
    RetryAsUpdate,

    /// <summary>As <see cref="Retry"/>, and the receiver does not hold the record: send as a create.</summary>
    RetryAsCreate,

    /// <summary>May have been applied: stays unknown, asked about not before its time.</summary>
    Unknown,

    /// <summary>Unknown, and only a person can decide.</summary>
    AskPerson,
}

/// <param name="Late">Versions that were no longer leased under the claim's token; nothing of them was changed.</param>
internal readonly record struct SettleCounts(int Settled, int Late, int Released);

internal readonly record struct UpkeepCounts(int LeasesExpired, int Released);

internal readonly record struct SweepCounts(long Held, long Missing);

internal readonly record struct ReplayCounts(int Ready, int NeedMapping);

/// <param name="By">Who decided.</param>
/// <param name="Reason">Why; never empty.</param>
internal sealed record Decision(string By, string Reason)
{
    private const string TheProgram = "chương trình / the program";
    private const string Between = " / ";
    private const string Seen = "Người quyết định / decided by ";

    /// <summary>Who decided; the same in both languages when it was a person.</summary>
    public Text Who => IsOfTheProgram ? InBoth(By) : new(By, By);

    /// <summary>Why; a person's words stand for both languages.</summary>
    public Text Why => IsOfTheProgram ? InBoth(Reason) : new(Reason, Reason);

    public bool IsOfTheProgram => By == TheProgram;

    /// <summary>The program decided by itself, for a reason it can tell in both languages.</summary>
    public static Decision OfTheProgram(Text why) => new(TheProgram, $"{Single(why.Vi)}{Between}{Single(why.En)}");

    /// <summary>What stands for a receipt where a person saw the record at the receiver.</summary>
    public static string AsReceipt(Decision decision) => $"{Seen}{decision.By}: {decision.Reason}";

    public static bool IsReceipt(string? receipt) => receipt?.StartsWith(Seen, StringComparison.Ordinal) == true;

    private static string Single(string text) => text.Replace(Between, ", ", StringComparison.Ordinal);

    private static Text InBoth(string text) => text.Split(Between) is [var vi, var en] ? new(vi, en) : new(text, text);
}

/// <summary>Which failures: all given parts must match.</summary>
internal sealed record FailureFilter(string? Pipeline = null, string? Key = null, string? Rule = null, string? TargetField = null);

internal sealed record RawRecord(long Version, string Key, byte[] Raw);

/// <param name="Paused">Who stopped it and why; null when nobody did.</param>
/// <param name="ParkedUntil">The receiver is to be left alone until then.</param>
internal sealed record PipelineControl(Decision? Paused, DateTimeOffset? ParkedUntil, Text? ParkedReason, string? MappingVersion);

/// <param name="HasUnknown">Something may be asked about, now or later: while it is false a claim of <see cref="ClaimKind.Unknown"/> finds nothing.</param>
/// <param name="HasReady">Something may be sent, now or later: while it is false a claim of <see cref="ClaimKind.Ready"/> finds nothing.</param>
internal sealed record LaneState(PipelineControl Control, bool HasUnknown, bool HasReady);
