namespace Integration.Ledger.Sql;

/// <summary>A store: it opens transactions and turns its own errors into <see cref="LedgerUnavailableException"/>.</summary>
internal abstract class Database : IAsyncDisposable
{
    /// <summary>Folder of the schema's steps (<c>sqlite</c>, <c>postgres</c>).</summary>
    public abstract string Schema { get; }

    /// <summary>As <see cref="WriteAsync{T}"/>, before there is a schema: without a clock, and alone across all programs.</summary>
    public abstract Task<T> SetUpAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>One writing transaction: all of it or nothing. May run the work again when the store asks for that.</summary>
    public abstract Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Reads in one transaction.</summary>
    public abstract Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Reads by a single statement, or by some that need not agree on one moment: without a transaction around them, and without a clock.</summary>
    public virtual Task<T> ReadApartAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => ReadAsync(work, cancellationToken);

    /// <summary>A connection of its own, without a transaction, that may hold a temporary table <c>seen</c> with a unique <c>key_hash</c>.</summary>
    public abstract Task<HeldSession> HoldAsync(CancellationToken cancellationToken);

    /// <summary>Runs the work on a held connection with the same error texts as everywhere.</summary>
    public abstract Task<T> GuardAsync<T>(Func<Task<T>> work);

    /// <summary>Bytes left where the store grows; null when that cannot be known from here.</summary>
    public virtual long? FreeDisk => null;

    public abstract ValueTask DisposeAsync();
}

/// <param name="Use">A session on the held connection for one call; what only writes may go with its next statement, so its last is one that is waited for.</param>
/// <param name="Close">Forgets the connection and what it held.</param>
internal sealed record HeldSession(Func<CancellationToken, Session> Use, Func<ValueTask> Close);
