using Integration.Deliver;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>One claim while it is worked on: which of its versions are still open, and whether its lease still holds.</summary>
/// <param name="age">Begun before the claim was asked for.</param>
/// <param name="stop">No call is begun after it.</param>
/// <param name="abort">Ends the patience with a ledger that is away.</param>
internal sealed class ClaimWork(
    Claim claim, LeaseAge age, ILedger ledger, WorkerIdentity worker, DeliverySettings settings, TimeProvider clock, ILogger log,
    CancellationToken stop, CancellationToken abort)
{
    private readonly HashSet<long> _open = VersionsOf(claim);
    private volatile LeaseAge _age = age;
    private volatile bool _lost;
    private int _late;
    private int _lateAccepted;
    private volatile bool _withheld;

    public Claim Claim => claim;

    public CancellationToken Stop => stop;

    /// <summary>
    /// Whether a call may go out now. In the first half of the lease only: whoever takes over asks the receiver when the lease is over, and by
    /// then the receiver must have dealt with what was sent last. Asked for by the target with no wait left between the answer and the wire.
    /// </summary>
    public bool StillHeld()
    {
        var holds = !_lost && _age.Elapsed < settings.Lease / 2;
        _withheld |= !holds;
        return holds;
    }

    /// <summary>The last call made was not sent, because its lease was too old at the last moment.</summary>
    public bool IsWithheld => _withheld;

    /// <summary>To be asked before every call: prolongs the lease in good time.</summary>
    /// <returns>False when the lease was lost; nothing more may be sent.</returns>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        if (_age.Elapsed < settings.Lease / 3)
        {
            return true;
        }

        if (await RenewAsync(cancellationToken))
        {
            return true;
        }

        // Returned only to say that this worker lives: nothing of a lost lease changes.
        log.LeaseOver(claim.Pipeline, _open.Count);
        await ledger.ReturnAsync(claim, _open, cancellationToken);
        return false;
    }

    /// <summary>
    /// Makes one call and keeps the lease alive until it answers: a receiver may be slower than the lease is long, and a claim that ran out
    /// under a call would be asked about, and repeated, while the call is still on its way.
    /// </summary>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        _withheld = false;
        var answer = call();
        await WhileHeldAsync(answer, cancellationToken);
        return await answer;
    }

    /// <summary>Keeps the lease alive until something has happened; throws what that throws.</summary>
    public async Task WhileHeldAsync(Task happening, CancellationToken cancellationToken)
    {
        var wait = settings.Lease / 3 - _age.Elapsed;
        while (!happening.IsCompleted)
        {
            using var happened = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (await Task.WhenAny(happening, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, clock, happened.Token)) != happening)
            {
                await ProlongAsync(cancellationToken);
                wait = settings.Lease / 3;
            }

            await happened.CancelAsync();
        }

        await happening;
    }

    /// <summary>Stores what a call brought. An answer is too dear to be lost with a connection: it is tried for as long as a lease lasts.</summary>
    /// <returns>False when none of the versions was this worker's any more: nothing of what follows from the answer is its business.</returns>
    public async Task<bool> SettleAsync(Attempt attempt, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        Failpoint.Reach("P11 answer read, receipt not stored");
        var counts = await PatientlyAsync(
            isRepeat => ledger.SettleAsync(claim, attempt with { IsRepeat = isRepeat }, settlements, cancellationToken),
            (wait, what) => log.AnswerKept(claim.Pipeline, settlements.Count, wait.TotalSeconds, what));
        _late += counts.Late;
        var accepted = 0;
        for (var i = 0; i < settlements.Count; i++)
        {
            _open.Remove(settlements[i].Version);
            accepted += settlements[i].Next == Next.Acknowledge ? 1 : 0;
        }

        _lateAccepted += Math.Min(counts.Late, accepted);
        return counts.Settled > 0 || settlements.Count == 0;
    }

    /// <summary>A call that was made.</summary>
    /// <param name="started">Before its first byte.</param>
    public Attempt Called(AttemptKind kind, DateTimeOffset started, int records, Exchange exchange, string code, string message) =>
        new(kind, started, clock.GetUtcNow() - started, worker.Name, records, exchange.RequestHash, exchange.ResponseHash, exchange.Status, code, message);

    /// <summary>A decision for which nobody was called.</summary>
    public Attempt NoCall(int records) => Called(AttemptKind.LookUp, clock.GetUtcNow(), records, default, "", "");

    /// <summary>Answers that came after the lease had ended, and those of them by which the receiver took a record after all.</summary>
    public void TellLate()
    {
        if (_late > 0)
        {
            log.LateAnswers(claim.Pipeline, _late);
        }

        if (_lateAccepted > 0)
        {
            log.LateAccepted(claim.Pipeline, _lateAccepted);
        }
    }

    /// <summary>
    /// Gives back those of the versions that are still open; they were certainly not sent. Tried for as long as a lease lasts: once that has
    /// ended they count as sent perhaps.
    /// </summary>
    public async Task ReturnAsync(IEnumerable<ClaimedVersion> versions, CancellationToken cancellationToken)
    {
        long[] open = [.. versions.Select(v => v.Version).Where(_open.Contains)];
        if (open.Length > 0)
        {
            await PatientlyAsync(
                async _ =>
                {
                    await ledger.ReturnAsync(claim, open, cancellationToken);
                    return open.Length;
                },
                (wait, what) => log.LedgerAway(claim.Pipeline, wait.TotalSeconds, what));
            _open.ExceptWith(open);
        }
    }

    private static HashSet<long> VersionsOf(Claim claim)
    {
        var versions = new HashSet<long>(claim.Versions.Count);
        foreach (var version in claim.Versions)
        {
            versions.Add(version.Version);
        }

        return versions;
    }

    /// <param name="store">Told whether it was tried before.</param>
    /// <param name="told">Told about every failure that is not the last.</param>
    private async Task<T> PatientlyAsync<T>(Func<bool, Task<T>> store, Action<TimeSpan, string> told)
    {
        var since = clock.GetTimestamp();
        for (var failures = 0; ;)
        {
            try
            {
                return await store(failures > 0);
            }
            catch (LedgerUnavailableException e) when (clock.GetElapsedTime(since) < settings.Lease && !abort.IsCancellationRequested)
            {
                var wait = settings.Backoff.After(Math.Min(++failures, 4));
                told(wait, worker.Say(e.What));
                if (!await WaitAsync(wait))
                {
                    throw;
                }
            }
        }
    }

    private async Task ProlongAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RenewAsync(cancellationToken);
        }
        catch (LedgerUnavailableException)
        {
            // The call cannot be taken back; if the lease ends meanwhile, its records are asked for.
        }
        catch (OperationCanceledException)
        {
            // The call itself tells whether it was sent.
        }
    }

    private async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var asked = new LeaseAge(clock);
        if (!await ledger.RenewAsync(claim, settings.Lease, cancellationToken))
        {
            _lost = true;
            return false;
        }

        _age = asked;
        return true;
    }

    /// <returns>False when the wait was ended by the abort.</returns>
    private async Task<bool> WaitAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, clock, abort);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
