using Integration.Extract;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <param name="Full">Read from the beginning instead of from the watermark; what has not changed is still not sent.</param>
/// <param name="AllowMassChange">A person has looked at what the mass-change guard stopped.</param>
/// <param name="WaitForRoom">While the ledger takes no more, wait until it does; otherwise the run is broken off.</param>
internal sealed record SyncRequest(RunKind Kind, bool Full = false, bool AllowMassChange = false, bool WaitForRoom = false);

/// <param name="Outcome">Null when the run did not take place: another worker holds its lease, or the pipeline is paused.</param>
/// <param name="Notes">What an operator should know, beside a failure's message.</param>
internal sealed record SyncResult(string Pipeline, RunOutcome? Outcome, SliceCounts Counts, Text? Detail, IReadOnlyList<Text> Notes);

/// <summary>
/// One pass of one pipeline from its source into the ledger: page by page, each page's records, rejections and watermark in one transaction.
/// Never sends anything; that is the lane's work.
/// </summary>
/// <param name="lease">See <see cref="RunStore"/>.</param>
internal sealed class SyncRun(Pipeline pipeline, ILedger ledger, WorkerIdentity worker, TimeSpan lease, TimeProvider clock, ILogger<SyncRun> log, LimitSettings? limits = null)
{
    // A bad file is set aside and the next one is taken; this bounds a folder full of them in one run.
    private const int MostFilesSetAside = 1000;

    // Read again after a crash, and far shorter than a lease.
    private static readonly TimeSpan HeldAtMost = TimeSpan.FromSeconds(1);

    private readonly List<Text> _notes = [];
    private readonly LimitSettings _limits = limits ?? new();

    public async Task<SyncResult> RunAsync(SyncRequest request, CancellationToken cancellationToken)
    {
        var control = await ledger.ReadControlAsync(pipeline.Name, cancellationToken);
        if (control.Paused is { } paused)
        {
            return new(pipeline.Name, null, default, new Text($"Luồng '{pipeline.Name}' đang tạm dừng bởi {paused.Who.Vi}: {paused.Why.Vi}", $"Pipeline '{pipeline.Name}' is paused by {paused.Who.En}: {paused.Why.En}"), []);
        }

        if (await ledger.TryLeaseAsync($"sync:{pipeline.Name}", worker.NewHolder(), lease, cancellationToken) is not { } ticket)
        {
            return Busy();
        }

        var leasedAt = clock.GetTimestamp();
        try
        {
            return await MapAgainAsync(control, ticket, cancellationToken) ? await RunAsync(ticket, leasedAt, request, cancellationToken) : Busy();
        }
        finally
        {
            await ledger.ReleaseAsync(ticket, CancellationToken.None);
        }
    }

    private SyncResult Busy() =>
        new(pipeline.Name, null, default, new Text($"Luồng '{pipeline.Name}' đang được tiến trình khác đồng bộ.", $"Another process is syncing '{pipeline.Name}' right now."), []);

    // Before the run that writes the new mapping version down: whoever takes up a corrected map or lookup also maps again what it had refused.
    private async Task<bool> MapAgainAsync(PipelineControl control, Ticket ticket, CancellationToken cancellationToken)
    {
        if (control.MappingVersion is not { } known || known == pipeline.Definition.Version.ToString())
        {
            return true;
        }

        if (await new Remapping(pipeline, ledger, worker, log).RunAsync(ticket, new FailureFilter(), cancellationToken) is not { } mapped)
        {
            return false;
        }

        if (mapped > 0)
        {
            _notes.Add(new Text($"Ánh xạ hoặc bảng mã đã thay đổi: {mapped} bản ghi từng bị từ chối nay đã đạt.", $"The map or a lookup changed: {mapped} records refused before now pass."));
        }

        return true;
    }

    private async Task<SyncResult> RunAsync(Ticket ticket, long leasedAt, SyncRequest request, CancellationToken cancellationToken)
    {
        var definition = pipeline.Definition;
        var run = await ledger.BeginRunAsync(
            new RunStart(definition.Name, request.Kind, worker.Name, definition.Version.ToString(), definition.WaitsFor?.Pipeline), cancellationToken);
        var store = new RunStore(pipeline, ledger, worker, ticket, run, lease, leasedAt, _limits, clock, log);
        var (outcome, detail) = (RunOutcome.Done, (Text?)null);
        try
        {
            detail = await ReadAllAsync(store, request, cancellationToken);
            outcome = detail is null ? RunOutcome.Done : detail == store.NoRoom ? RunOutcome.BrokenOff : RunOutcome.Stopped;
        }
        catch (SourceUnavailableException e)
        {
            (outcome, detail) = (RunOutcome.BrokenOff, e.What);
        }
        catch (SourceBrokenException e)
        {
            (outcome, detail) = (RunOutcome.Stopped, e.What);
        }
        catch (LeaseLostException)
        {
            (outcome, detail) = (RunOutcome.BrokenOff, new Text("Mất quyền giữ lượt chạy; tiến trình khác sẽ chạy tiếp.", "The run's lease was lost; another process goes on."));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            (outcome, detail) = (RunOutcome.BrokenOff, new Text("Chương trình được yêu cầu dừng; lượt sau đọc tiếp từ mốc đã lưu.", "The program was asked to stop; the next run goes on from the stored watermark."));
        }

        await ledger.EndRunAsync(run, new RunEnd(outcome, store.Counts, detail ?? _notes.FirstOrDefault()), CancellationToken.None);
        Report(outcome, store.Counts, detail);
        return new SyncResult(definition.Name, outcome, store.Counts, detail, _notes);
    }

    /// <returns>Why the run was stopped for a person; null when it was not.</returns>
    private async Task<Text?> ReadAllAsync(RunStore store, SyncRequest request, CancellationToken cancellationToken)
    {
        Text? refusedFile = null;
        for (var setAside = 0; ;)
        {
            if (!await store.WaitForRoomAsync(request.WaitForRoom, cancellationToken))
            {
                return store.NoRoom;
            }

            var watermark = request.Full ? null : await ledger.ReadWatermarkAsync(pipeline.Name, cancellationToken);
            try
            {
                await using var reading = await pipeline.Source.BeginAsync(
                    new ReadingRequest(watermark, (sha, token) => ledger.IsFileTakenAsync(pipeline.Name, sha, token)), cancellationToken);
                var stopped = await ReadAsync(reading, store, request, cancellationToken);
                _notes.AddRange(reading.Notes);
                if (store.NoRoom is not null)
                {
                    continue;
                }

                if (stopped is not null || reading.FinishedFile is null)
                {
                    return stopped ?? refusedFile;
                }
            }
            catch (SourceBrokenException e) when (e.IsSetAside && ++setAside < MostFilesSetAside)
            {
                refusedFile = e.What;
                _notes.Add(e.What);
            }
        }
    }

    /// <summary>
    /// While one page is being stored the next one is read and mapped; they are stored one after the other. A page of known rows alone is stored
    /// with those after it: there is only its watermark to keep.
    /// </summary>
    private async Task<Text?> ReadAsync(IReading reading, RunStore store, SyncRequest request, CancellationToken cancellationToken)
    {
        await using var sweep = reading.IsComplete ? await ledger.BeginSweepAsync(pipeline.Name, cancellationToken) : null;
        var guard = sweep is null || request.AllowMassChange
            ? null
            : new MassChangeGuard(pipeline.Definition.Guard, (await sweep.CountAsync(cancellationToken)).Held);
        RecordReader? records = null;
        var unkeyed = 0;
        var (slice, next) = (store.NewSlice(), store.NewSlice());
        var storing = Task.FromResult(new StoredPage(IsLast: false));
        var (lastStored, isHeld) = (clock.GetTimestamp(), false);
        try
        {
            while (await reading.ReadAsync(cancellationToken) is { } page)
            {
                records ??= Reader(page);
                if (!isHeld)
                {
                    next.Clear();
                }

                var keys = sweep is null ? null : new List<string>(page.Count + page.Faults.Count);
                var known = await ledger.ReadKnownRowsAsync(pipeline.Name, records.Identify(page), cancellationToken);
                records.Read(page, next, keys, known);
                unkeyed += page.Faults.Count;
                next.Watermark = page.Position ?? next.Watermark;
                Failpoint.Reach("P01 page read");
                if (await storing is { IsLast: true } last)
                {
                    return last.Why;
                }

                isHeld = sweep is null && next.Entries.Count == 0 && clock.GetElapsedTime(lastStored) < HeldAtMost;
                if (isHeld)
                {
                    continue;
                }

                (slice, next, lastStored) = (next, slice, clock.GetTimestamp());
                storing = Task.Run(() => StoreAsync(store, slice, sweep, keys, guard, cancellationToken), CancellationToken.None);
            }
        }
        catch (Exception e) when (e is SourceUnavailableException or SourceBrokenException or LedgerUnavailableException)
        {
            // What the page before came to counts more than one that was only read ahead.
            if (await storing is { IsLast: true } last)
            {
                return last.Why;
            }

            if (isHeld && e is not LedgerUnavailableException)
            {
                await StoreAsync(store, next, sweep: null, keys: null, guard, cancellationToken);
            }

            throw;
        }
        finally
        {
            // Whatever ended the reading: what was begun is stored, or fails, before anything else is done with the run.
            await ((Task)storing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (await storing is { IsLast: true } end)
        {
            return end.Why;
        }

        if (isHeld && await StoreAsync(store, next, sweep: null, keys: null, guard, cancellationToken) is { IsLast: true } held)
        {
            return held.Why;
        }

        if (sweep is not null && unkeyed > 0)
        {
            // A row that cannot be read may be the very record that seems to be missing.
            _notes.Add(new Text($"{unkeyed} dòng không đọc được nên lượt này không rút bản ghi nào.", $"{unkeyed} rows could not be read, so nothing is withdrawn in this run."));
        }
        else if (sweep is not null && await WithdrawMissingAsync(sweep, guard, store, cancellationToken) is { } stopped)
        {
            return stopped;
        }

        if (reading.FinishedFile is { } file)
        {
            slice.Clear();
            slice.Taken = file;
            await store.CommitAsync(slice, cancellationToken);
        }

        await reading.CommittedAsync(cancellationToken);
        return null;
    }

    private async Task<StoredPage> StoreAsync(RunStore store, Slice slice, ISweep? sweep, List<string>? keys, MassChangeGuard? guard, CancellationToken cancellationToken)
    {
        await store.CommitAsync(slice, cancellationToken);
        if (sweep is not null)
        {
            await sweep.SeeAsync(keys!, cancellationToken);
        }

        // The source must not be held open while there is no room: what was committed stays, and reading goes on from there.
        return guard is not null && !guard.Allows(store.Counts.Changed)
            ? new StoredPage(IsLast: true, guard.Message(pipeline.Name, store.Counts.Changed, withdrawn: false))
            : new StoredPage(IsLast: !await store.HasRoomAsync(cancellationToken));
    }

    private RecordReader Reader(RowPage page)
    {
        var faults = new List<Fault>();
        return RecordReader.For(pipeline.Definition, page, faults, _limits.RecordBytes) ?? throw new SourceBrokenException(new Text(
            string.Join("\n", faults.Select(f => $"{f.At}: {f.What.Vi}")),
            string.Join("\n", faults.Select(f => $"{f.At}: {f.What.En}"))));
    }

    private async Task<Text?> WithdrawMissingAsync(ISweep sweep, MassChangeGuard? guard, RunStore store, CancellationToken cancellationToken)
    {
        var missing = (await sweep.CountAsync(cancellationToken)).Missing;
        if (guard is not null && !guard.Allows(missing))
        {
            return guard.Message(pipeline.Name, missing, withdrawn: true);
        }

        var slice = store.NewSlice();
        await foreach (var keys in sweep.ReadMissingAsync(1000, cancellationToken))
        {
            slice.Clear();
            foreach (var key in keys)
            {
                slice.Add(new SliceEntry { Key = key, Kind = EntryKind.Withdraw, Hash = ContentHash.Of([]) });
            }

            await store.CommitAsync(slice, cancellationToken);
        }

        return null;
    }

    private void Report(RunOutcome outcome, SliceCounts c, Text? detail)
    {
        if (outcome == RunOutcome.Done)
        {
            log.RunDone(pipeline.Name, c.Extracted, c.Unchanged, c.Added, c.Changed, c.Withdrawn, c.Rejected);
        }
        else
        {
            log.RunNotDone(pipeline.Name, c.Extracted, worker.Say(detail!));
        }

        foreach (var note in _notes)
        {
            log.RunNote(pipeline.Name, worker.Say(note));
        }
    }

    /// <param name="IsLast">Nothing more is read: <paramref name="Why"/> tells, or there is no room.</param>
    private readonly record struct StoredPage(bool IsLast, Text? Why = null);
}
