using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>One claim while it is worked on: which of its versions are still open, and whether its lease still holds.</summary>
internal sealed class ClaimWork(Claim claim, ILedger ledger, DeliverySettings settings, TimeProvider clock)
{
    private readonly HashSet<long> _open = [.. claim.Versions.Select(v => v.Version)];
    private long _leasedAt = clock.GetTimestamp();

    public Claim Claim => claim;

    /// <summary>Answers that came after the lease had ended.</summary>
    public int Late { get; private set; }

    /// <summary>To be asked before every call: prolongs the lease in good time.</summary>
    /// <returns>False when the lease was lost; nothing more may be sent.</returns>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(_leasedAt) < settings.Lease / 3)
        {
            return true;
        }

        if (!await ledger.RenewAsync(claim, settings.Lease, cancellationToken))
        {
            Late += _open.Count;
            return false;
        }

        _leasedAt = clock.GetTimestamp();
        return true;
    }

    /// <summary>
    /// Makes one call and keeps the lease alive until it answers: a receiver may be slower than the lease is long, and a claim that ran out
    /// under a call would be asked about, and repeated, while the call is still on its way.
    /// </summary>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var answer = call();
        while (!answer.IsCompleted)
        {
            using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (await Task.WhenAny(answer, Task.Delay(settings.Lease / 3, clock, answered.Token)) != answer)
            {
                await ProlongAsync(cancellationToken);
            }

            await answered.CancelAsync();
        }

        return await answer;
    }

    private async Task ProlongAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await ledger.RenewAsync(claim, settings.Lease, cancellationToken))
            {
                _leasedAt = clock.GetTimestamp();
            }
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

    public async Task SettleAsync(Attempt attempt, IEnumerable<Settlement> settlements, CancellationToken cancellationToken)
    {
        Settlement[] all = [.. settlements];
        Failpoint.Reach("P11 answer read, receipt not stored");
        var counts = await ledger.SettleAsync(claim, attempt, all, cancellationToken);
        Late += counts.Late;
        _open.ExceptWith(all.Select(s => s.Version));
    }

    /// <summary>Gives back those of the versions that are still open; they were certainly not sent.</summary>
    public async Task ReturnAsync(IEnumerable<ClaimedVersion> versions, CancellationToken cancellationToken)
    {
        long[] open = [.. versions.Select(v => v.Version).Where(_open.Contains)];
        if (open.Length > 0)
        {
            await ledger.ReturnAsync(claim, open, cancellationToken);
            _open.ExceptWith(open);
        }
    }
}
