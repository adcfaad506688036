using Integration.Deliver;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>What one look of a lane came to.</summary>
internal enum LaneLook
{
    /// <summary>Something was sent or asked; look again at once.</summary>
    Worked,

    /// <summary>Nothing is due.</summary>
    Idle,

    /// <summary>The lane rests: paused by a person, or the receiver is to be left alone.</summary>
    Resting,
}

/// <summary>
/// From the ledger to the receiver and back: claim (lease) → send → settle. Knows nothing that the ledger does not know, so it may be killed
/// at any point: what it held becomes unknown when its lease ends, and is asked for before anything is repeated.
/// </summary>
internal sealed class DeliveryLane(Pipeline pipeline, ILedger ledger, WorkerIdentity worker, DeliverySettings settings, TimeProvider clock, ILogger<DeliveryLane> log)
{
    // Look-ups go one by one; a smaller claim keeps their lease honest.
    private const int UnknownsAtOnce = 20;

    private readonly BatchDelivery _delivery = new(pipeline, ledger, worker, settings, clock, log);
    private long _closedTold;

    /// <summary>
    /// Starts the lane's loops, which work until they are told to stop. What is in flight then is finished, unless <paramref name="abort"/>
    /// comes first.
    /// </summary>
    public IReadOnlyList<Task> Start(CancellationToken stop, CancellationToken abort) =>
        [.. Enumerable.Range(0, settings.InFlight).Select(_ => Task.Run(() => LoopAsync(stop, abort), CancellationToken.None))];

    /// <summary>Works until nothing is due any more or the lane rests.</summary>
    public async Task<LaneLook> DrainAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await LookAsync(abort) is var look and not LaneLook.Worked)
            {
                return look;
            }
        }

        return LaneLook.Resting;
    }

    private async Task LoopAsync(CancellationToken stop, CancellationToken abort)
    {
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var look = await LookAsync(abort);
                failures = 0;
                if (look != LaneLook.Worked)
                {
                    await pipeline.Work.WaitAsync(settings.LookEvery, clock, stop);
                }
            }
            catch (LedgerUnavailableException e)
            {
                var wait = Backoff.After(++failures);
                log.LedgerAway(pipeline.Name, wait, worker.Say(e.What));
                await WaitAsync(wait, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested || abort.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>One claim of each kind at most: what is unknown is asked for first.</summary>
    private async Task<LaneLook> LookAsync(CancellationToken abort)
    {
        var control = await ledger.ReadControlAsync(pipeline.Name, abort);
        if (control.Paused is { } paused)
        {
            _delivery.Refusals.Paused(paused.IsOfTheProgram);
            return LaneLook.Resting;
        }

        if (await RestsAsync(control, abort))
        {
            return LaneLook.Resting;
        }

        var age = new LeaseAge(clock);
        if (await ClaimAsync(ClaimKind.Unknown, Math.Min(UnknownsAtOnce, Largest), abort) is { } unknown)
        {
            Failpoint.Reach("P06 leased");
            await _delivery.AskAsync(unknown, age, abort);
            return LaneLook.Worked;
        }

        age = new LeaseAge(clock);
        var most = _delivery.Refusals.Begin(Largest, out var isTrial);
        try
        {
            if (most > 0 && await ClaimAsync(ClaimKind.Ready, most, abort) is { } ready)
            {
                Failpoint.Reach("P06 leased");
                await _delivery.SendAsync(ready, age, abort);
                return LaneLook.Worked;
            }
        }
        finally
        {
            if (isTrial)
            {
                _delivery.Refusals.EndTrial();
            }
        }

        return LaneLook.Idle;
    }

    // Written down in the ledger, so that status, explain and the console tell until when. A rest that only came from closing hours ends when
    // these are changed; one that the receiver asked for does not.
    private async Task<bool> RestsAsync(PipelineControl control, CancellationToken abort)
    {
        var now = clock.GetUtcNow();
        if (pipeline.Target.ClosedAt(now) is { } closing)
        {
            if (control.ParkedUntil is not { } parked || parked < closing.Until)
            {
                await ledger.ParkAsync(pipeline.Name, closing.Until, closing.What, abort);
            }

            if (Interlocked.Exchange(ref _closedTold, closing.Until.UtcTicks) != closing.Until.UtcTicks)
            {
                log.ReceiverClosed(pipeline.Name, closing.Until);
            }

            return true;
        }

        if (control.ParkedUntil > now && control.ParkedReason is { } reason && Closing.IsReason(reason))
        {
            await ledger.ParkAsync(pipeline.Name, now, reason, abort);
            return false;
        }

        return control.ParkedUntil > now;
    }

    private int Largest => pipeline.Target.Traits.LargestBatch;

    private Task<Claim?> ClaimAsync(ClaimKind what, int most, CancellationToken cancellationToken) =>
        ledger.ClaimAsync(new ClaimRequest(pipeline.Name, what, worker.Name, most, settings.BatchBytes, settings.Lease), cancellationToken);

    private async Task WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        try
        {
            await Task.Delay(wait, clock, stop);
        }
        catch (OperationCanceledException)
        {
            // Stopping ends the wait; the loop sees it.
        }
    }
}
