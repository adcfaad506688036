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
        if (control.Paused is not null || control.ParkedUntil > clock.GetUtcNow())
        {
            return LaneLook.Resting;
        }

        if (await ClaimAsync(ClaimKind.Unknown, Math.Min(UnknownsAtOnce, Largest), abort) is { } unknown)
        {
            Failpoint.Reach("P06 leased");
            await _delivery.AskAsync(unknown, abort);
            return LaneLook.Worked;
        }

        if (await ClaimAsync(ClaimKind.Ready, Largest, abort) is { } ready)
        {
            Failpoint.Reach("P06 leased");
            await _delivery.SendAsync(ready, abort);
            return LaneLook.Worked;
        }

        return LaneLook.Idle;
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
