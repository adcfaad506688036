namespace Integration.Ledger.Sql;

/// <summary>
/// Versions that were lost with a worker. One of them may have killed it: they are claimed apart from the others, in claims half as large as
/// the one they were lost in, so that after a few deaths the culprit is alone. One such claim at a time, on whatever worker: two at once
/// would die together and be held against each other.
/// </summary>
internal static class Suspects
{
    // A row of the table of leases, never held: the lock on it keeps two workers from looking at the same time.
    private const string Turn =
        "INSERT INTO lease (job, holder, token, until) VALUES ('suspects', '', 1, 0) ON CONFLICT (job) DO UPDATE SET token = lease.token + 1";

    /// <returns>What may be claimed of them now, the closest to being alone first.</returns>
    public static async Task<IReadOnlyList<Wanted>> ReadAsync(Session session, long pipeline, ClaimKind what)
    {
        var due = await session.QueryAsync(
            $"""
            SELECT DISTINCT v.lost_among FROM version v
            WHERE v.pipeline_id = @pipeline AND v.lost_among > 0 AND {new Wanted(what, 0).Open} AND v.not_before <= @now ORDER BY v.lost_among
            """,
            r => new Wanted(what, r.GetInt32(0)), ("pipeline", pipeline), ("now", session.Now));
        if (due.Count == 0)
        {
            return due;
        }

        await session.ExecuteAsync(Turn);
        return await session.NumberAsync("SELECT 1 FROM version WHERE state = 1 AND lost_among > 0 LIMIT 1") is null ? due : [];
    }
}

/// <summary>Which versions a claim is after.</summary>
/// <param name="LostAmong">Those last lost in a lease of so many; 0: those never lost.</param>
internal readonly record struct Wanted(ClaimKind What, int LostAmong)
{
    public string Open => What == ClaimKind.Ready ? "v.state = 0" : "v.state = 3 AND NOT v.needs_person";

    // Said twice for suspects, since only what is written out leads to the index that holds nothing else.
    public string Fits =>
        $"v.kind = @kind AND v.receiver_has = @has AND v.not_before <= @now AND v.lost_among = @among{(LostAmong > 0 ? " AND v.lost_among > 0" : "")}";

    public int Most(int asked) => LostAmong == 0 ? asked : Math.Clamp(LostAmong / 2, 1, asked);
}
