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
internal sealed class DeliveryLane
{
    // Look-ups go one by one; a smaller claim keeps their lease honest.
    private const int UnknownsAtOnce = 20;

    private readonly Pipeline _pipeline;
    private readonly ILedger _ledger;
    private readonly WorkerIdentity _worker;
    private readonly DeliverySettings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger<DeliveryLane> _log;
    private readonly Inquiry _inquiry;
    private readonly BatchDelivery _delivery;
    private long _closedTold;

    public DeliveryLane(Pipeline pipeline, ILedger ledger, WorkerIdentity worker, DeliverySettings settings, TimeProvider clock, ILogger<DeliveryLane> log)
    {
        (_pipeline, _ledger, _worker, _settings, _clock, _log) = (pipeline, ledger, worker, settings, clock, log);
        var rest = new LaneRest(pipeline, ledger, settings, clock, log);
        var turns = new CallTurns(pipeline.Name, ledger, settings, clock);
        _inquiry = new Inquiry(pipeline, settings, turns, rest, clock, log);
        _delivery = new BatchDelivery(pipeline, ledger, settings, _inquiry, turns, rest, clock, log);
    }

    /// <summary>
    /// Starts the lane's loops, which work until they are told to stop. What is in flight then is finished, unless <paramref name="abort"/>
    /// comes first.
    /// </summary>
    public IReadOnlyList<Task> Start(CancellationToken stop, CancellationToken abort) =>
        [.. Loops.Select(_ => Task.Run(() => LoopAsync(stop, abort), CancellationToken.None))];

    /// <summary>Delivers beside a run, from the first record that it stores until it ends.</summary>
    public async Task<T> WhileAsync<T>(Func<Task<T>> run, CancellationToken abort)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(abort);
        var delivery = BesideAsync(ended.Token, abort);
        try
        {
            return await run();
        }
        finally
        {
            await ended.CancelAsync();
            await delivery;
        }
    }

    /// <summary>Works, with all its loops, until nothing is due any more or the lane rests.</summary>
    /// <returns>What the loop that ended last saw: an earlier one may have met a rest that is over.</returns>
    public async Task<LaneLook> DrainAsync(CancellationToken stop, CancellationToken abort)
    {
        var last = LaneLook.Idle;
        await foreach (var loop in Task.WhenEach(Loops.Select(_ => Task.Run(() => DrainAloneAsync(stop, abort), CancellationToken.None)).ToList()))
        {
            last = await loop;
        }

        return last;
    }

    // One more than there may be calls (see CallTurns), unless what it has in hand when the worker is killed would need a person.
    private IEnumerable<int> Loops => Enumerable.Range(0, _settings.InFlight + (_pipeline.Target.Traits is { CanLookUp: true } or { RepeatIsSafe: true } ? 1 : 0));

    private async Task BesideAsync(CancellationToken ended, CancellationToken abort)
    {
        try
        {
            await _pipeline.Work.WaitAsync(Timeout.InfiniteTimeSpan, _clock, ended);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await Task.WhenAll(Start(ended, abort));
    }

    private async Task<LaneLook> DrainAloneAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await LookAsync(stop, abort) is var look and not LaneLook.Worked)
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
                var look = await LookAsync(stop, abort);
                failures = 0;
                if (look != LaneLook.Worked)
                {
                    await _pipeline.Work.WaitAsync(_settings.LookEvery, _clock, stop);
                }
            }
            catch (LedgerUnavailableException e)
            {
                var wait = _settings.Backoff.After(++failures);
                _log.LedgerAway(_pipeline.Name, wait.TotalSeconds, _worker.Say(e.What));
                await WaitAsync(wait, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested || abort.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>One claim of each kind at most: what is unknown is asked for first.</summary>
    private async Task<LaneLook> LookAsync(CancellationToken stop, CancellationToken abort)
    {
        var (control, hasUnknown, hasReady) = await _ledger.ReadLaneAsync(_pipeline.Name, abort);
        if (control.Paused is { } paused)
        {
            _delivery.Refusals.Paused(paused.IsOfTheProgram);
            return LaneLook.Resting;
        }

        if (await RestsAsync(control, abort))
        {
            return LaneLook.Resting;
        }

        var age = new LeaseAge(_clock);
        if (hasUnknown && await ClaimAsync(ClaimKind.Unknown, Math.Min(UnknownsAtOnce, Largest), abort) is { } unknown)
        {
            Failpoint.Reach("P06 leased");
            await _inquiry.AskAsync(Work(unknown, age, stop, abort), abort);
            return LaneLook.Worked;
        }

        if (!hasReady)
        {
            return LaneLook.Idle;
        }

        age = new LeaseAge(_clock);
        var most = _delivery.Refusals.Begin(Largest, out var isTrial);
        try
        {
            if (most > 0 && await ClaimAsync(ClaimKind.Ready, most, abort) is { } ready)
            {
                Failpoint.Reach("P06 leased");
                await _delivery.SendAsync(Work(ready, age, stop, abort), abort);
                if (!abort.IsCancellationRequested)
                {
                    // Every call has come back; after an abort one may still be under way.
                    ready.GiveRoomBack();
                }

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
        var now = _clock.GetUtcNow();
        if (_pipeline.Target.ClosedAt(now) is { } closing)
        {
            if (control.ParkedUntil is not { } parked || parked < closing.Until)
            {
                await _ledger.ParkAsync(_pipeline.Name, closing.Until, closing.What, abort);
            }

            if (Interlocked.Exchange(ref _closedTold, closing.Until.UtcTicks) != closing.Until.UtcTicks)
            {
                _log.ReceiverClosed(_pipeline.Name, closing.Until);
            }

            return true;
        }

        if (control.ParkedUntil > now && control.ParkedReason is { } reason && Closing.IsReason(reason))
        {
            await _ledger.ParkAsync(_pipeline.Name, now, reason, abort);
            return false;
        }

        return control.ParkedUntil > now;
    }

    private int Largest => _pipeline.Target.Traits.LargestBatch;

    private async Task<Claim?> ClaimAsync(ClaimKind what, int most, CancellationToken cancellationToken)
    {
        var claim = await _ledger.ClaimAsync(new ClaimRequest(_pipeline.Name, what, _worker.Name, most, _settings.BatchBytes, _settings.Lease), cancellationToken);
        if (claim is not null)
        {
            // A signal wakes one loop; where it found something there may be more.
            _pipeline.Work.Set();
        }

        return claim;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        try
        {
            await Task.Delay(wait, _clock, stop);
        }
        catch (OperationCanceledException)
        {
            // Stopping ends the wait; the loop sees it.
        }
    }

    private ClaimWork Work(Claim claim, LeaseAge age, CancellationToken stop, CancellationToken abort) => new(claim, age, _ledger, _worker, _settings, _clock, _log, stop, abort);
}
