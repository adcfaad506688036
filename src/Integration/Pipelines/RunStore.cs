using System.Diagnostics;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>Stores what one run reads, slice after slice: keeps the run's lease alive, counts, and waits while the ledger takes no more.</summary>
/// <param name="lease">Long enough for a slow page, short enough that another worker takes over soon after a crash.</param>
/// <param name="leasedAt">Timestamp of <paramref name="clock"/> at which the ticket was given.</param>
internal sealed class RunStore(
    Pipeline pipeline, ILedger ledger, WorkerIdentity worker, Ticket ticket, long run, TimeSpan lease, long leasedAt, LimitSettings limits, TimeProvider clock, ILogger log)
{
    // What the ledger takes in by then is little against the room that it keeps.
    private static readonly TimeSpan TrustedFor = TimeSpan.FromMilliseconds(250);

    private long _leasedAt = leasedAt;
    private long _lookedAt;
    private long _trustedTo;

    public SliceCounts Counts { get; private set; }

    /// <summary>Why nothing more is taken at present; null: there is room.</summary>
    public Text? NoRoom { get; private set; }

    public Slice NewSlice() => new() { Batch = pipeline.Target.Traits.LargestBatch };

    /// <exception cref="LeaseLostException">Another process goes on with the pipeline.</exception>
    public async Task CommitAsync(Slice slice, CancellationToken cancellationToken)
    {
        await HoldAsync(cancellationToken);
        var counts = await ledger.CommitSliceAsync(ticket, run, slice, cancellationToken);
        Debug.Assert(counts.Extracted == slice.Entries.Count + slice.PassedOver, "every row is counted once");
        Counts += counts;
        if (counts.Extracted > counts.Unchanged)
        {
            pipeline.Work.Set();
        }
    }

    /// <summary>Looks at the ledger once in a while, and at once when this run has added a good part of what there was room for.</summary>
    /// <returns>False when there is no room.</returns>
    public async Task<bool> HasRoomAsync(CancellationToken cancellationToken)
    {
        if (Counts.Extracted < _trustedTo && clock.GetElapsedTime(_lookedAt) < TrustedFor)
        {
            return true;
        }

        var room = await ledger.ReadRoomAsync(pipeline.Name, cancellationToken);
        (_lookedAt, _trustedTo) = (clock.GetTimestamp(), Counts.Extracted + ((limits.Backlog - room.Backlog) / 4));
        NoRoom = Backpressure.Of(room, limits);
        return NoRoom is null;
    }

    /// <param name="waits">False: there is room, or there is not.</param>
    /// <returns>False when there is no room.</returns>
    public async Task<bool> WaitForRoomAsync(bool waits, CancellationToken cancellationToken)
    {
        var isWaiting = false;
        while ((NoRoom = Backpressure.Of(await ledger.ReadRoomAsync(pipeline.Name, cancellationToken), limits, isWaiting)) is { } reason)
        {
            if (!waits)
            {
                return false;
            }

            if (!isWaiting)
            {
                log.ExtractionWaits(pipeline.Name, worker.Say(reason));
                isWaiting = true;
            }

            await HoldAsync(cancellationToken);
            await Task.Delay(limits.LookEvery < lease / 4 ? limits.LookEvery : lease / 4, clock, cancellationToken);
        }

        if (isWaiting)
        {
            log.ExtractionGoesOn(pipeline.Name);
        }

        return true;
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(_leasedAt) > lease / 4)
        {
            if (!await ledger.RenewAsync(ticket, lease, cancellationToken))
            {
                throw new LeaseLostException(ticket.Job);
            }

            _leasedAt = clock.GetTimestamp();
        }
    }
}
