namespace Integration.Pipelines;

/// <summary>
/// How long ago a lease was asked for, counted from before the ledger was asked: the ledger's own count began later, so the lease never ends
/// sooner than this says.
/// </summary>
internal sealed class LeaseAge(TimeProvider clock)
{
    private readonly long _timestamp = clock.GetTimestamp();
    private readonly DateTimeOffset _time = clock.GetUtcNow();

    /// <summary>
    /// The longer of what two clocks say. Both count on while the process is stopped; the first may stand still while the machine sleeps, the
    /// second may be set back. A clock set forward only costs a renewal.
    /// </summary>
    public TimeSpan Elapsed
    {
        get
        {
            var (counted, shown) = (clock.GetElapsedTime(_timestamp), clock.GetUtcNow() - _time);
            return counted > shown ? counted : shown;
        }
    }
}
