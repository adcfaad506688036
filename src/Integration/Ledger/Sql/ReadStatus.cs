using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>One pipeline a line, as operators see it. Reads the state rows once and no payload.</summary>
internal static class ReadStatus
{
    public static async Task<IReadOnlyList<PipelineStatus>> RunAsync(Session session)
    {
        var tallies = await session.QueryAsync(
            """
            SELECT pipeline_id, state, count(*), sum(CASE WHEN needs_person THEN 1 ELSE 0 END), min(CASE WHEN state = 0 AND not_before <= @now THEN extracted_at END)
            FROM version GROUP BY pipeline_id, state
            """,
            static r => new Tally(r.GetInt64(0), (RecordState)r.GetInt16(1), r.GetInt64(2), r.GetInt64(3), Stored.ReadMoment(r, 4)), ("now", session.Now));
        var runs = await session.QueryAsync(
            $"SELECT {Runs.Columns} FROM pipeline p JOIN run u ON u.id = (SELECT max(x.id) FROM run x WHERE x.pipeline_id = p.id)", Runs.Read);
        var lastRuns = runs.ToDictionary(static r => r.Pipeline, StringComparer.Ordinal);
        var byPipeline = tallies.ToLookup(static t => t.Pipeline);
        return await session.QueryAsync(
            "SELECT id, name, paused_by, paused_reason, paused_at, parked_until, parked_vi, parked_en, mapping_version FROM pipeline ORDER BY name",
            r =>
            {
                var mine = byPipeline[r.GetInt64(0)];
                var isParked = !r.IsDBNull(5) && r.GetInt64(5) > session.Now;
                return new PipelineStatus(
                    r.GetString(1), mine.ToDictionary(static t => t.State, static t => t.Count), mine.Sum(static t => t.WaitingForPerson), mine.Min(static t => t.OldestReady),
                    r.IsDBNull(4) ? null : new Decision(r.GetString(2), r.GetString(3)), Stored.ReadMoment(r, 4),
                    isParked ? Stored.ReadMoment(r, 5) : null, isParked ? new Text(r.GetString(6), r.GetString(7)) : null,
                    lastRuns.GetValueOrDefault(r.GetString(1)), Stored.ReadText(r, 8));
            });
    }

    private readonly record struct Tally(long Pipeline, RecordState State, long Count, long WaitingForPerson, DateTimeOffset? OldestReady);
}
