namespace Integration.Ledger.Sql;

/// <summary>Small repairs that are due at any time.</summary>
internal sealed class Upkeep(ILogger logger)
{
    // Releases happen with what causes them; this only finds what two transactions missed in each other. A page a call is soon round.
    private const int WaitingPage = 1000;

    private long _next = long.MaxValue;

    public async Task<UpkeepCounts> RunAsync(Session session)
    {
        var expired = await ExpireAsync(session);
        return new UpkeepCounts(expired, await ReleaseAsync(session));
    }

    /// <summary>What was leased and never settled may have been sent: nobody knows.</summary>
    private async Task<int> ExpireAsync(Session session)
    {
        var claims = await session.QueryAsync(
            $"SELECT token, worker FROM claim WHERE until <= @now ORDER BY token LIMIT 1000 {session.Lock("FOR UPDATE SKIP LOCKED")}",
            static r => (Token: r.GetInt64(0), Worker: r.GetString(1)), ("now", session.Now));
        if (claims.Count == 0)
        {
            return 0;
        }

        var expired = 0;
        foreach (var (token, worker) in claims)
        {
            var lost = await session.ExecuteAsync(
                "UPDATE version SET state = 3, not_before = @now WHERE state = 1 AND lease_token = @token", ("token", token), ("now", session.Now));
            if (lost > 0)
            {
                logger.LeasesExpired(lost, worker);
            }

            expired += lost;
            await session.ExecuteAsync("DELETE FROM claim WHERE token = @token", ("token", token));
        }

        return expired;
    }

    private async Task<int> ReleaseAsync(Session session)
    {
        var page = await session.QueryAsync(
            "SELECT w.id FROM version w WHERE w.state = 2 AND w.id < @next ORDER BY w.id DESC LIMIT @page", static r => r.GetInt64(0),
            ("next", _next), ("page", WaitingPage));
        _next = page.Count < WaitingPage ? long.MaxValue : page[^1];
        page.Reverse();
        return await ReleaseWaiting.AmongAsync(session, [.. page]);
    }
}
