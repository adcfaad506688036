using Integration.Records;

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
        var released = await ReleaseAsync(session);
        await Tally.FoldAsync(session);
        return new UpkeepCounts(expired, released);
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

        await Unpack.WholeAsync(session, await Pack.LockLeasedAsync(session, [.. claims.Select(static c => c.Token)]));
        var expired = 0;
        foreach (var (token, worker) in claims)
        {
            var lost = await session.QueryAsync(
                $"SELECT id, pipeline_id FROM version WHERE state = 1 AND lease_token = @token ORDER BY id {session.Lock("FOR UPDATE")}",
                static r => (Id: r.GetInt64(0), Pipeline: r.GetInt64(1)), ("token", token));
            if (lost.Count > 0)
            {
                await session.ExecuteAsync(
                    "UPDATE version SET state = 3, not_before = @now, lost_among = @among, lost_alone = lost_alone + @alone WHERE state = 1 AND lease_token = @token",
                    ("token", token), ("now", session.Now), ("among", lost.Count), ("alone", lost.Count == 1 ? 1 : 0));
                session.Tally.Move(lost[0].Pipeline, RecordState.Leased, RecordState.Unknown, lost.Count);
                logger.LeasesExpired(lost.Count, worker);
            }

            expired += lost.Count;
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
