using System.Globalization;

namespace Integration.Extract.Sql;

/// <summary>Finds out what a snapshot that is about to be taken may not show yet: whatever runs and may still write.</summary>
internal static class PostgresHorizon
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    // Transactions that may write: not ours, not those of other databases, not background clean-up. A prepared one has no process.
    private const string RunningTransactions = """
        SELECT DISTINCT l.virtualtransaction FROM pg_catalog.pg_locks l
        WHERE l.pid IS NULL OR (l.locktype = 'virtualxid' AND l.pid <> pg_catalog.pg_backend_pid() AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_stat_activity a, pg_catalog.pg_stat_activity own
            WHERE own.pid = pg_catalog.pg_backend_pid() AND a.pid = l.pid
              AND (a.datid <> own.datid OR a.usesysid IS NULL OR (a.usesysid = own.usesysid AND a.application_name = own.application_name))))
        """;

    /// <param name="highest">The watermark column whose highest value is the bound; null when it holds moments, and the clock is.</param>
    /// <param name="settle">How long the transactions of others may be waited for.</param>
    public static async Task<Horizon> LookAsync(PostgresSession session, string query, Column? highest, TimeSpan settle, TimeProvider clock, CancellationToken cancellationToken)
    {
        // The order is what the guarantee rests on: first the bound, then who was running, and only later the snapshot.
        var column = highest is null ? null : Statements.Quote(highest.Name);
        var bound = column is null
            ? null
            : await session.ScalarAsync($"SELECT q.{column} FROM (\n{query}\n) q WHERE q.{column} IS NOT NULL ORDER BY 1 DESC LIMIT 1", cancellationToken);
        var now = DateTime.ParseExact(
            (await session.ScalarAsync("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", cancellationToken))!,
            "yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        var standby = await session.ScalarAsync("SELECT pg_catalog.pg_is_in_recovery()", cancellationToken) == "t";
        var latest = await RunningAsync(session, cancellationToken);
        var running = latest;
        var started = clock.GetTimestamp();
        while (running.Length > 0 && clock.GetElapsedTime(started) < settle)
        {
            await Task.Delay(BetweenLooks, clock, cancellationToken);
            latest = await RunningAsync(session, cancellationToken);
            running = Horizon.StillRunning(running, latest);
        }

        return new Horizon(now, bound, running, latest, standby);
    }

    private static async Task<string[]> RunningAsync(PostgresSession session, CancellationToken cancellationToken) =>
        [.. (await session.ListAsync(RunningTransactions, cancellationToken)).Order(StringComparer.Ordinal)];
}
