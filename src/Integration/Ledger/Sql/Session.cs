using System.Data.Common;

namespace Integration.Ledger.Sql;

/// <summary>
/// One transaction (or one held connection) of a store. Statements are written once, in the SQL both stores understand; what differs is here:
/// how many rows are handed to one statement, how rows are locked, and whose clock counts.
/// </summary>
internal abstract class Session(CancellationToken cancellationToken)
{
    public CancellationToken Cancellation { get; } = cancellationToken;

    /// <summary>
    /// The moment of this transaction, in microseconds since 1970-01-01 UTC, by the clock the leases are measured with. Known once anything was waited for
    /// (<see cref="FlushAsync"/> at the latest).
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was waited for yet, or the session has no transaction.</exception>
    public long Now
    {
        get => field != 0 ? field : throw new InvalidOperationException("The clock is read with the first statement that is waited for.");
        protected set;
    }

    /// <summary>What this transaction moves between states; to be noted by everything that does.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Packs that this transaction stores.</summary>
    public List<RecentPack> Packs { get; } = [];

    /// <summary>The store sorts keys by their characters' numbers.</summary>
    public virtual bool SortsByCharacter => true;

    /// <returns>The clause on a store with many writers; nothing on a store with one.</returns>
    public abstract string Lock(string clause);

    /// <summary>
    /// Joins to each row of what stands before it one row of a table, found by an index: a planner that believes the table to be small would read all of it.
    /// </summary>
    /// <param name="condition">With an index; its column of the table before which the one row is the last is <paramref name="last"/>.</param>
    /// <returns>The join, without the word WHERE behind it.</returns>
    public abstract string One(string table, string name, string condition, string? last = null);

    /// <returns>For each of the tables, whose rows are given their ids here, the next ids, rising.</returns>
    public abstract Task<long[][]> AllocateAsync(params (string Table, int Count)[] wanted);

    /// <summary>Asks for the next id of a table that else gives its rows their ids itself.</summary>
    /// <returns>Tells it once the next statement was waited for.</returns>
    public abstract Task<Func<long>> AskIdAsync(string table, string column);

    /// <summary>Inserts the rows, at the latest with the next statement; <paramref name="same"/> has the same value in all of them.</summary>
    public abstract Task InsertAsync(string table, Rows rows, params (string Name, object? Value)[] same);

    /// <summary>Updates the rows whose id is the first column, at the latest with the next statement. In <paramref name="set"/> the row's values are <c>r.name</c>.</summary>
    public abstract Task UpdateAsync(string table, string set, Rows rows, params (string Name, object? Value)[] parameters);

    /// <summary>Runs a statement that begins after <c>WITH r AS (…)</c>.</summary>
    public abstract Task<int> ExecuteAsync(Rows rows, string body, params (string Name, object? Value)[] parameters);

    /// <summary>Runs a query that begins after <c>WITH r AS (…)</c>. Its ordering holds within one row of r only.</summary>
    public abstract Task QueryAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters);

    /// <summary>Runs a query whose rows are read at the latest with the next statement that is waited for.</summary>
    public virtual Task AskAsync(string sql, Action<DbDataReader> read, params (string Name, object? Value)[] parameters) => QueryAsync(
        sql,
        reader =>
        {
            read(reader);
            return true;
        },
        parameters);

    /// <summary>As the other, for a query that begins after <c>WITH r AS (…)</c>.</summary>
    public virtual Task AskAsync(Rows rows, string body, Action<DbDataReader> read, params (string Name, object? Value)[] parameters) => QueryAsync(rows, body, read, parameters);

    /// <summary>Waits for what was only written or asked until now.</summary>
    public virtual Task FlushAsync() => Task.CompletedTask;

    /// <summary>Runs a statement of which only matters that it succeeds, at the latest with the next one.</summary>
    public virtual Task WriteAsync(string sql, params (string Name, object? Value)[] parameters) => ExecuteAsync(sql, parameters);

    public abstract Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters);

    public async Task<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        await using var reader = await ReadAsync(sql, parameters);
        var rows = new List<T>();
        while (await reader.ReadAsync(Cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        var rows = await QueryAsync(sql, read, parameters);
        return rows.Count == 0 ? default : rows[0];
    }

    /// <returns>The number in the only row; null when there is no row or no number.</returns>
    public Task<long?> NumberAsync(string sql, params (string Name, object? Value)[] parameters) =>
        FirstAsync(sql, static r => r.IsDBNull(0) ? (long?)null : Convert.ToInt64(r.GetValue(0), System.Globalization.CultureInfo.InvariantCulture), parameters);

    protected abstract Task<DbDataReader> ReadAsync(string sql, (string Name, object? Value)[] parameters);
}
