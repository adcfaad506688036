using Integration.Ledger;

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

    public async Task SettleAsync(Attempt attempt, IEnumerable<Settlement> settlements, CancellationToken cancellationToken)
    {
        Settlement[] all = [.. settlements];
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
