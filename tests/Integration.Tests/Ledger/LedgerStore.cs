using Integration.Ledger;

namespace Integration.Tests.Ledger;

/// <summary>An empty store of one kind, and what the tests do to it behind the ledger's back.</summary>
public abstract class LedgerStore : IAsyncDisposable
{
    /// <summary>A ledger on this store, as another process would open it.</summary>
    internal abstract ILedger Connect();

    /// <summary>Moves the clock that leases are measured with.</summary>
    public abstract Task AdvanceAsync(TimeSpan by);

    /// <summary>Runs SQL beside the ledger; for damage no program would do.</summary>
    public abstract Task<object?> SqlAsync(string sql);

    public abstract ValueTask DisposeAsync();
}
