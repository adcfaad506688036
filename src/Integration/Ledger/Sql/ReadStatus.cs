using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>One pipeline a line, as operators see it. Its cost does not grow with the ledger.</summary>
internal static class ReadStatus
{
    public static async Task<IReadOnlyList<PipelineStatus>> RunAsync(Session session)
    {
        var runs = await session.QueryAsync(
            $"SELECT {Runs.Columns} FROM pipeline p JOIN run u ON u.id = (SELECT max(x.id) FROM run x WHERE x.pipeline_id = p.id)", Runs.Read);
        var lastRuns = runs.ToDictionary(static r => r.Pipeline, StringComparer.Ordinal);
        var byPipeline = (await Tally.ReadAsync(session)).ToLookup(static t => t.Pipeline);
        return await session.QueryAsync(
            """
            SELECT p.id, p.name, p.paused_by, p.paused_reason, p.paused_at, p.parked_until, p.parked_vi, p.parked_en, p.mapping_version,
                (SELECT count(*) FROM version v WHERE v.pipeline_id = p.id AND v.needs_person),
                (SELECT v.extracted_at FROM version v WHERE v.pipeline_id = p.id AND v.state = 0 AND v.not_before <= @now ORDER BY v.extracted_at LIMIT 1),
                (SELECT min(k.extracted_at) FROM pack k WHERE k.pipeline_id = p.id AND k.state = 0 AND k.not_before <= @now)
            FROM pipeline p ORDER BY p.name
            """,
            r =>
            {
                var isParked = !r.IsDBNull(5) && r.GetInt64(5) > session.Now;
                return new PipelineStatus(
                    r.GetString(1), byPipeline[r.GetInt64(0)].ToDictionary(static t => t.State, static t => t.Versions), r.GetInt64(9), Earlier(Stored.ReadMoment(r, 10), Stored.ReadMoment(r, 11)),
                    r.IsDBNull(4) ? null : new Decision(r.GetString(2), r.GetString(3)), Stored.ReadMoment(r, 4),
                    isParked ? Stored.ReadMoment(r, 5) : null, isParked ? new Text(r.GetString(6), r.GetString(7)) : null,
                    lastRuns.GetValueOrDefault(r.GetString(1)), Stored.ReadText(r, 8));
            },
            ("now", session.Now));
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => b is null || a < b ? a : b;
}
