using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Pipelines and their runs.</summary>
internal static class Runs
{
    public const string Columns =
        "u.id, p.name, u.kind, u.worker, u.started, u.ended, u.outcome, u.extracted, u.unchanged, u.added, u.changed, u.withdrawn, u.rejected, u.detail_vi, u.detail_en";

    public static async Task<long> BeginAsync(Session session, RunStart start)
    {
        var pipeline = await session.NumberAsync(
            """
            INSERT INTO pipeline (name, waits_for, mapping_version) VALUES (@name, @waits_for, @mapping)
            ON CONFLICT (name) DO UPDATE SET waits_for = excluded.waits_for, mapping_version = excluded.mapping_version
            RETURNING id
            """,
            ("name", start.Pipeline), ("waits_for", start.WaitsFor), ("mapping", start.MappingVersion));

        // Only the holder of the pipeline's lease begins a run, so one that is still open belongs to a worker that died in it.
        await session.ExecuteAsync(
            "UPDATE run SET ended = @now, outcome = @broken WHERE pipeline_id = @pipeline AND outcome = 0",
            ("now", session.Now), ("broken", (short)RunOutcome.BrokenOff), ("pipeline", pipeline));
        return (await session.NumberAsync(
            "INSERT INTO run (pipeline_id, kind, worker, mapping_version, started) VALUES (@pipeline, @kind, @worker, @mapping, @now) RETURNING id",
            ("pipeline", pipeline), ("kind", (short)start.Kind), ("worker", Stored.Text(start.Worker)), ("mapping", start.MappingVersion),
            ("now", session.Now)))!.Value;
    }

    public static Task EndAsync(Session session, long run, RunEnd end) => session.ExecuteAsync(
        """
        UPDATE run SET ended = @now, outcome = @outcome, extracted = @extracted, unchanged = @unchanged, added = @added, changed = @changed,
            withdrawn = @withdrawn, rejected = @rejected, detail_vi = @vi, detail_en = @en
        WHERE id = @run
        """,
        ("now", session.Now), ("outcome", (short)end.Outcome), ("extracted", end.Counts.Extracted), ("unchanged", end.Counts.Unchanged),
        ("added", end.Counts.Added), ("changed", end.Counts.Changed), ("withdrawn", end.Counts.Withdrawn), ("rejected", end.Counts.Rejected),
        ("vi", Clean(end.Detail?.Vi)), ("en", Clean(end.Detail?.En)), ("run", run));

    public static async Task<IReadOnlyList<RunRow>> ReadAsync(Session session, string? pipeline, int take) => await session.QueryAsync(
        $"SELECT {Columns} FROM run u JOIN pipeline p ON p.id = u.pipeline_id {(pipeline is null ? "" : "WHERE p.name = @name")} ORDER BY u.id DESC LIMIT @take",
        Read, pipeline is null ? [("take", take)] : [("take", take), ("name", pipeline)]);

    public static RunRow Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), (RunKind)r.GetInt16(2), r.GetString(3), Stored.Moment(r.GetInt64(4)), Stored.ReadMoment(r, 5), (RunOutcome)r.GetInt16(6),
        new SliceCounts(r.GetInt64(7), r.GetInt64(8), r.GetInt64(9), r.GetInt64(10), r.GetInt64(11), r.GetInt64(12)),
        r.IsDBNull(13) || r.IsDBNull(14) ? null : new Text(r.GetString(13), r.GetString(14)));

    private static string? Clean(string? text) => text is null ? null : Stored.Text(text);
}
