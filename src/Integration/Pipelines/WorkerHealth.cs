namespace Integration.Pipelines;

/// <summary>Whether the worker does its work; what <c>/health/live</c> and <c>/health/ready</c> tell.</summary>
internal sealed class WorkerHealth(TimeProvider clock)
{
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(30);

    private long _lastLedgerAnswer;
    private volatile bool _open;
    private volatile bool _failed;

    /// <summary>The ledger answered just now.</summary>
    public void LedgerAnswered()
    {
        Volatile.Write(ref _lastLedgerAnswer, clock.GetTimestamp());
        _open = true;
    }

    /// <summary>A loop ended that never should; the process is about to stop.</summary>
    public void Fail() => _failed = true;

    public bool IsLive => !_failed;

    public bool IsReady => IsLive && _open && clock.GetElapsedTime(Volatile.Read(ref _lastLedgerAnswer)) < Stale;
}
