using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>The ledger on a relational store: each method is one transaction, and its work has a file of its own.</summary>
internal abstract class SqlLedger(Database database, ILogger logger) : ILedger
{
    private readonly ClaimDue _claims = new(logger);
    private readonly Upkeep _upkeep = new(logger);

    public Task OpenAsync(CancellationToken cancellationToken) => StepSchema.RunAsync(database, logger, cancellationToken);

    public Task<Ticket?> TryLeaseAsync(string job, string holder, TimeSpan length, CancellationToken cancellationToken) =>
        WriteAsync(s => Leases.TakeAsync(s, job, holder, length), cancellationToken);

    public Task<bool> RenewAsync(Ticket ticket, TimeSpan length, CancellationToken cancellationToken) =>
        WriteAsync(s => Leases.RenewAsync(s, ticket, length), cancellationToken);

    public Task ReleaseAsync(Ticket ticket, CancellationToken cancellationToken) => WriteAsync(s => Leases.ReleaseAsync(s, ticket), cancellationToken);

    public Task<long> BeginRunAsync(RunStart start, CancellationToken cancellationToken) =>
        WriteAsync(s => Runs.BeginAsync(s, start), cancellationToken);

    public Task<bool[]> ReadKnownRowsAsync(string pipeline, IReadOnlyList<SourceRow> rows, CancellationToken cancellationToken) =>
        database.ReadApartAsync(s => KnownRows.ReadAsync(s, pipeline, rows), cancellationToken);

    public async Task<SliceCounts> CommitSliceAsync(Ticket ticket, long run, Slice slice, CancellationToken cancellationToken)
    {
        var (counts, packs) = await WriteAtOnceAsync(async s => (await CommitSlice.RunAsync(s, ticket, run, slice), s.Packs), cancellationToken);
        _claims.Recent.Add(packs);
        return counts;
    }

    public Task EndRunAsync(long run, RunEnd end, CancellationToken cancellationToken) =>
        WriteAsync(s => Runs.EndAsync(s, run, end), cancellationToken);

    public Task<PipelineControl> ReadControlAsync(string pipeline, CancellationToken cancellationToken) =>
        database.ReadApartAsync(s => ReadRecords.ControlAsync(s, pipeline), cancellationToken);

    public Task<LaneState> ReadLaneAsync(string pipeline, CancellationToken cancellationToken) =>
        database.ReadApartAsync(s => ReadRecords.LaneAsync(s, pipeline), cancellationToken);

    public Task<LedgerRoom> ReadRoomAsync(string pipeline, CancellationToken cancellationToken) =>
        database.ReadApartAsync(async s => new LedgerRoom(await Tally.BacklogAsync(s, pipeline), database.FreeDisk), cancellationToken);

    public Task<string?> ReadWatermarkAsync(string pipeline, CancellationToken cancellationToken) =>
        database.ReadApartAsync(s => ReadRecords.WatermarkAsync(s, pipeline), cancellationToken);

    public Task<bool> IsFileTakenAsync(string pipeline, string sha256, CancellationToken cancellationToken) =>
        database.ReadApartAsync(s => ReadRecords.IsFileTakenAsync(s, pipeline, sha256), cancellationToken);

    public async Task<ISweep> BeginSweepAsync(string pipeline, CancellationToken cancellationToken) =>
        new Sweep(database, await database.HoldAsync(cancellationToken), pipeline);

    public Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        WriteAtOnceAsync(s => _claims.RunAsync(s, request), cancellationToken);

    public Task<bool> RenewAsync(Claim claim, TimeSpan length, CancellationToken cancellationToken) =>
        WriteAsync(s => SettleClaim.RenewAsync(s, claim, length), cancellationToken);

    public Task ReturnAsync(Claim claim, IReadOnlyCollection<long> versions, CancellationToken cancellationToken) =>
        WriteAsync(s => SettleClaim.ReturnAsync(s, claim, versions), cancellationToken);

    public Task<SettleCounts> SettleAsync(Claim claim, Attempt attempt, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken) =>
        WriteAtOnceAsync(s => SettleClaim.RunAsync(s, claim, attempt, settlements), cancellationToken);

    public Task<UpkeepCounts> UpkeepAsync(CancellationToken cancellationToken) => WriteAsync(_upkeep.RunAsync, cancellationToken);

    public Task PauseAsync(string pipeline, Decision decision, CancellationToken cancellationToken) =>
        WriteAsync(s => Decisions.PauseAsync(s, pipeline, Reasoned(decision)), cancellationToken);

    public Task ResumeAsync(string pipeline, Decision decision, CancellationToken cancellationToken) =>
        WriteAsync(s => Decisions.ResumeAsync(s, pipeline, Reasoned(decision)), cancellationToken);

    public Task ParkAsync(string pipeline, DateTimeOffset until, Text reason, CancellationToken cancellationToken) =>
        WriteAsync(s => Decisions.ParkAsync(s, pipeline, until, reason), cancellationToken);

    public Task<ReplayCounts> ReplayAsync(FailureFilter filter, Decision decision, CancellationToken cancellationToken) =>
        WriteAsync(s => Decisions.ReplayAsync(s, filter, Reasoned(decision)), cancellationToken);

    public Task<int> DismissAsync(FailureFilter filter, Decision decision, CancellationToken cancellationToken) =>
        WriteAsync(s => Decisions.DismissAsync(s, filter, Reasoned(decision)), cancellationToken);

    public Task<int> DoubtAsync(string pipeline, IReadOnlyCollection<long> versions, TimeSpan settle, Decision decision, CancellationToken cancellationToken) =>
        WriteAsync(s => Decisions.DoubtAsync(s, pipeline, versions, settle, Reasoned(decision)), cancellationToken);

    public IAsyncEnumerable<RawRecord> ReadRefusedRawAsync(FailureFilter filter, CancellationToken cancellationToken) =>
        ReadFailures.RawAsync(database, filter, cancellationToken);

    public Task<IReadOnlyList<PipelineStatus>> ReadStatusAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(ReadStatus.RunAsync, cancellationToken);

    public Task<IReadOnlyList<VersionHistory>> ReadHistoryAsync(string pipeline, string key, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ReadHistory.RunAsync(s, pipeline, key), cancellationToken);

    public Task<IReadOnlyList<FailureGroup>> ReadFailureGroupsAsync(FailureFilter filter, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ReadFailures.GroupsAsync(s, filter), cancellationToken);

    public Task<IReadOnlyList<FailureRow>> ReadFailuresAsync(FailureFilter filter, int skip, int take, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ReadFailures.RowsAsync(s, filter, skip, take), cancellationToken);

    public Task<IReadOnlyList<RunRow>> ReadRunsAsync(string? pipeline, int take, CancellationToken cancellationToken) =>
        database.ReadAsync(s => Runs.ReadAsync(s, pipeline, take), cancellationToken);

    public Task<byte[]?> ReadPayloadAsync(long version, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ReadRecords.PayloadAsync(s, version), cancellationToken);

    public Task<IReadOnlyList<AcknowledgedRecord>> ReadAcknowledgedAsync(string pipeline, long after, int take, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ReadRecords.AcknowledgedAsync(s, pipeline, after, take), cancellationToken);

    public Task<byte[]?> ReadAcknowledgedPayloadAsync(string pipeline, string key, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ReadRecords.AcknowledgedPayloadAsync(s, pipeline, key), cancellationToken);

    public Task<IReadOnlyDictionary<string, ContentHash>> ReadNewestHashesAsync(string pipeline, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        database.ReadAsync(s => ReadRecords.NewestHashesAsync(s, pipeline, keys), cancellationToken);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => WriteAtOnceAsync(
        async session =>
        {
            await session.FlushAsync();
            return await work(session);
        },
        cancellationToken);

    /// <summary>For work that does not ask for the moment of its transaction before it has waited for something else.</summary>
    private Task<T> WriteAtOnceAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var result = await work(session);
            await session.Tally.WriteAsync(session);
            return result;
        },
        cancellationToken);

    private Task<bool> WriteAsync(Func<Session, Task> work, CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            await work(session);
            return true;
        },
        cancellationToken);

    private static Decision Reasoned(Decision decision)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(decision.By);
        ArgumentException.ThrowIfNullOrWhiteSpace(decision.Reason);
        return decision;
    }
}
