using Integration.Records;

namespace Integration.Ledger;

/// <summary>
/// The only durable state of the worker. Every method is one transaction; a call that throws changed nothing.
/// Calls throw <see cref="LedgerUnavailableException"/> when the store cannot be reached or is busy for too long (worth trying again), and
/// <see cref="LedgerTooNewException"/> when a newer program has stepped the schema up since it was opened.
/// </summary>
internal interface ILedger : IAsyncDisposable
{
    /// <summary>Creates the schema or steps it up to this program's version. Safe to repeat, safe to kill.</summary>
    /// <exception cref="LedgerTooNewException">A newer program wrote this ledger.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    // ---- runs ----

    /// <summary>Takes the lease of a named job, so that it runs once across all processes.</summary>
    /// <returns>A ticket with a fencing token greater than every earlier one; null while another holder's lease lasts.</returns>
    Task<Ticket?> TryLeaseAsync(string job, string holder, TimeSpan length, CancellationToken cancellationToken);

    /// <returns>False when the lease was lost; the caller must stop.</returns>
    Task<bool> RenewAsync(Ticket ticket, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>Gives the lease back; nothing happens if it was lost.</summary>
    Task ReleaseAsync(Ticket ticket, CancellationToken cancellationToken);

    /// <summary>Writes that a run began. The pipeline is registered if it is new.</summary>
    Task<long> BeginRunAsync(RunStart start, CancellationToken cancellationToken);

    /// <summary>Which of the rows the ledger knows already: the newest version of their key was made from a row of the same hash.</summary>
    /// <returns>One for each of the rows.</returns>
    Task<bool[]> ReadKnownRowsAsync(string pipeline, IReadOnlyList<SourceRow> rows, CancellationToken cancellationToken);

    /// <summary>Adds a reading to the ledger: new and changed versions, rejections, the watermark and the file, together.</summary>
    /// <remarks>
    /// Per entry, against the newest version of its key: equal hash and kind → unchanged, nothing is written but the hash of its row. Otherwise
    /// the new version becomes the newest; an older one that is ready, waiting or quarantined is superseded; one that is leased or unknown keeps
    /// its state and the new version waits for its outcome. Content that returns to what is acknowledged or in flight sends nothing: the version in between is
    /// superseded. A put waits while its parent has no acknowledged version. A withdrawal of a key that never left supersedes what was ready.
    /// </remarks>
    /// <exception cref="LeaseLostException">The ticket's lease is no longer held; nothing was written.</exception>
    Task<SliceCounts> CommitSliceAsync(Ticket ticket, long run, Slice slice, CancellationToken cancellationToken);

    /// <summary>Notes how the run ended.</summary>
    Task EndRunAsync(long run, RunEnd end, CancellationToken cancellationToken);

    /// <summary>Whether a pipeline may work now; cheap, since lanes ask before every call. A pipeline that never ran is free to.</summary>
    Task<PipelineControl> ReadControlAsync(string pipeline, CancellationToken cancellationToken);

    /// <summary>The same, and whether there is anything to claim; cheap, since lanes ask at every look.</summary>
    Task<LaneState> ReadLaneAsync(string pipeline, CancellationToken cancellationToken);

    /// <summary>How much of the pipeline is on its way, and how much more the store can take; cheap, since runs ask several times a second.</summary>
    Task<LedgerRoom> ReadRoomAsync(string pipeline, CancellationToken cancellationToken);

    Task<string?> ReadWatermarkAsync(string pipeline, CancellationToken cancellationToken);

    Task<bool> IsFileTakenAsync(string pipeline, string sha256, CancellationToken cancellationToken);

    /// <summary>Collects the keys of a complete reading; held outside the ledger's durable state and forgotten when disposed.</summary>
    Task<ISweep> BeginSweepAsync(string pipeline, CancellationToken cancellationToken);

    // ---- delivery ----

    /// <summary>
    /// Leases up to <see cref="ClaimRequest.Most"/> versions of one pipeline that are due, all of one delivery kind, at most
    /// <see cref="ClaimRequest.MostBytes"/> (but at least one). Versions of one group come in order, and only while no earlier one of the group
    /// is open elsewhere. Versions whose last lease ended without a word come apart from the others and in smaller claims, until the one that
    /// kills workers is alone. A payload that is read back and does not match its hash is quarantined (<see cref="Rules.PayloadDamaged"/>), not handed out.
    /// </summary>
    /// <returns>Null when nothing is due.</returns>
    Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <returns>False when the claim's lease was lost.</returns>
    Task<bool> RenewAsync(Claim claim, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>
    /// Gives back versions that were certainly not sent: ready again at once (unknown again, if they were claimed as unknown). Of a lost lease
    /// nothing changes, but that its worker is known to be alive.
    /// </summary>
    Task ReturnAsync(Claim claim, IReadOnlyCollection<long> versions, CancellationToken cancellationToken);

    /// <summary>
    /// Stores one attempt and what it settled, together. Only versions still leased under the claim's token change; the others are counted as late.
    /// Children that waited for an acknowledged record, and newer versions that waited for a settled one, become ready in the same transaction.
    /// </summary>
    Task<SettleCounts> SettleAsync(Claim claim, Attempt attempt, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken);

    /// <summary>
    /// Small repairs that are due at any time: leases that ran out become unknown, waiting records whose reason has gone become ready.
    /// </summary>
    Task<UpkeepCounts> UpkeepAsync(CancellationToken cancellationToken);

    // ---- what operators do ----

    /// <summary>Stops a pipeline until it is resumed; audited.</summary>
    Task PauseAsync(string pipeline, Decision decision, CancellationToken cancellationToken);

    Task ResumeAsync(string pipeline, Decision decision, CancellationToken cancellationToken);

    /// <summary>The lane rests until then, because the receiver asked for it or cannot be reached. Not a decision of a person.</summary>
    Task ParkAsync(string pipeline, DateTimeOffset until, Text reason, CancellationToken cancellationToken);

    /// <summary>
    /// Sends refused or undecided records again: a version refused by the receiver or parked for a person becomes ready with the same bytes.
    /// One refused before it had a payload is left alone and counted, since it must be mapped again (<see cref="ReadRefusedRawAsync"/>).
    /// </summary>
    Task<ReplayCounts> ReplayAsync(FailureFilter filter, Decision decision, CancellationToken cancellationToken);

    /// <summary>A person decided that these stay unsent (refused), or that the receiver has them (unknown). Audited.</summary>
    Task<int> DismissAsync(FailureFilter filter, Decision decision, CancellationToken cancellationToken);

    /// <summary>
    /// A comparison with the receiver found that it does not hold what it once acknowledged: these are of unknown outcome again, so the receiver
    /// is asked once more before anything is sent. What is not acknowledged and newest any more is left alone. Audited.
    /// </summary>
    /// <param name="settle">Before it is asked: what it acknowledged a moment ago must be visible by then.</param>
    Task<int> DoubtAsync(string pipeline, IReadOnlyCollection<long> versions, TimeSpan settle, Decision decision, CancellationToken cancellationToken);

    /// <summary>The stored raw rows (JSON) of records refused before they had a payload, oldest first, for mapping them again.</summary>
    IAsyncEnumerable<RawRecord> ReadRefusedRawAsync(FailureFilter filter, CancellationToken cancellationToken);

    // ---- what operators read ----

    Task<IReadOnlyList<PipelineStatus>> ReadStatusAsync(CancellationToken cancellationToken);

    /// <summary>Everything known about one key, newest version first; empty when it was never extracted.</summary>
    Task<IReadOnlyList<VersionHistory>> ReadHistoryAsync(string pipeline, string key, CancellationToken cancellationToken);

    /// <summary>Failures grouped by what one correction would put right (pipeline, rule, field, missing code), largest first.</summary>
    Task<IReadOnlyList<FailureGroup>> ReadFailureGroupsAsync(FailureFilter filter, CancellationToken cancellationToken);

    /// <summary>Single failures, newest first.</summary>
    Task<IReadOnlyList<FailureRow>> ReadFailuresAsync(FailureFilter filter, int skip, int take, CancellationToken cancellationToken);

    Task<IReadOnlyList<RunRow>> ReadRunsAsync(string? pipeline, int take, CancellationToken cancellationToken);

    /// <summary>The payload (or raw row) of a version; null once it was purged.</summary>
    Task<byte[]?> ReadPayloadAsync(long version, CancellationToken cancellationToken);

    /// <summary>Newest versions that the receiver acknowledged and that were not withdrawn, with their payloads, by rising version.</summary>
    /// <param name="after">Version to go on after; 0: from the first.</param>
    Task<IReadOnlyList<AcknowledgedRecord>> ReadAcknowledgedAsync(string pipeline, long after, int take, CancellationToken cancellationToken);

    /// <summary>The payload last acknowledged for a key, for showing what a new version changes; null when there is none.</summary>
    Task<byte[]?> ReadAcknowledgedPayloadAsync(string pipeline, string key, CancellationToken cancellationToken);

    /// <summary>Newest hashes of the given keys, for dry runs; keys without a version are left out.</summary>
    Task<IReadOnlyDictionary<string, ContentHash>> ReadNewestHashesAsync(string pipeline, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);
}

/// <summary>The keys one complete reading has shown.</summary>
internal interface ISweep : IAsyncDisposable
{
    Task SeeAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>How many records the ledger holds as existing, and how many of them the reading did not show.</summary>
    Task<SweepCounts> CountAsync(CancellationToken cancellationToken);

    /// <summary>The keys it did not show, in pages.</summary>
    IAsyncEnumerable<IReadOnlyList<string>> ReadMissingAsync(int pageSize, CancellationToken cancellationToken);
}

/// <summary>The ledger's store cannot be used right now; nothing was changed.</summary>
internal sealed class LedgerUnavailableException(Text what, Exception inner) : Exception(what.En, inner)
{
    public Text What { get; } = what;
}

/// <summary>The ledger was written by a newer program; this one must not touch it.</summary>
internal sealed class LedgerTooNewException(int found, int known)
    : Exception($"The ledger's schema is version {found}; this program knows versions up to {known}.")
{
    public Text What { get; } = new(
        $"Sổ đồng bộ có lược đồ phiên bản {found}, mới hơn phiên bản {known} mà chương trình này biết. Sổ được giữ nguyên, không ghi gì. Hãy chạy chương trình bản mới hơn, hoặc khôi phục bản sao lưu sổ trước khi nâng cấp.",
        $"The ledger's schema is version {found}, newer than version {known} that this program knows. The ledger was left as it is. Run the newer program, or restore the backup taken before the upgrade.");
}

/// <summary>Another holder has the lease: whatever this one still wanted to write must not be written.</summary>
internal sealed class LeaseLostException(string job) : Exception($"The lease of '{job}' was lost.");
