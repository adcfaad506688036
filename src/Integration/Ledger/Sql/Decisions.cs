using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>What people decide. Every decision leaves a line in the audit trail, in the transaction that carries it out.</summary>
internal static class Decisions
{
    public static async Task PauseAsync(Session session, string pipeline, Decision decision)
    {
        await session.ExecuteAsync(
            """
            INSERT INTO pipeline (name, paused_by, paused_reason, paused_at) VALUES (@name, @by, @reason, @now)
            ON CONFLICT (name) DO UPDATE SET paused_by = excluded.paused_by, paused_reason = excluded.paused_reason, paused_at = excluded.paused_at
            """,
            ("name", pipeline), ("by", Stored.Text(decision.By)), ("reason", Stored.Text(decision.Reason)), ("now", session.Now));
        await AuditAsync(session, "pause", decision, pipeline, null, 0);
    }

    public static async Task ResumeAsync(Session session, string pipeline, Decision decision)
    {
        await session.ExecuteAsync(
            "UPDATE pipeline SET paused_by = NULL, paused_reason = NULL, paused_at = NULL WHERE name = @name", ("name", pipeline));
        await AuditAsync(session, "resume", decision, pipeline, null, 0);
    }

    public static Task ParkAsync(Session session, string pipeline, DateTimeOffset until, Text reason) => session.ExecuteAsync(
        """
        INSERT INTO pipeline (name, parked_until, parked_vi, parked_en) VALUES (@name, @until, @vi, @en)
        ON CONFLICT (name) DO UPDATE SET parked_until = excluded.parked_until, parked_vi = excluded.parked_vi, parked_en = excluded.parked_en
        """,
        ("name", pipeline), ("until", Stored.Moment(until)), ("vi", Stored.Text(reason.Vi)), ("en", Stored.Text(reason.En)));

    public static async Task<ReplayCounts> ReplayAsync(Session session, FailureFilter filter, Decision decision)
    {
        var failures = await LockAsync(session, filter);
        var again = failures.Where(static f => f.Kind != EntryKind.Reject).ToList();
        var displaced = again.Where(static f => !f.Newest).Select(static f => f.Id).ToArray();
        await Rejections.ClearAsync(session, [.. again.Select(static f => f.Id)]);

        // A newer version goes instead of one that the person says is not there.
        await session.UpdateAsync("version", "state = 6, needs_person = FALSE", Rows.Of("id", displaced));
        await session.UpdateAsync(
            "version", "state = 0, needs_person = FALSE, not_before = @now, lost_among = 0, lost_alone = 0", Rows.Of("id", [.. again.Where(static f => f.Newest).Select(static f => f.Id)]), ("now", session.Now));
        again.ForEach(f => session.Tally.Move(f.PipelineId, f.State, f.Newest ? RecordState.Ready : RecordState.Superseded, 1));
        Failpoint.Reach("P16 versions ready again, replay not whole");
        await ReleaseWaiting.AfterOlderAsync(session, displaced);
        await AuditAsync(session, "replay", decision, filter.Pipeline, filter, again.Count);
        return new ReplayCounts(again.Count, failures.Count - again.Count);
    }

    public static async Task<int> DismissAsync(Session session, FailureFilter filter, Decision decision)
    {
        var failures = await LockAsync(session, filter);
        var unsent = failures.Where(static f => f.State == RecordState.Quarantined).Select(static f => f.Id).ToArray();
        var there = failures.Where(static f => f.State == RecordState.Unknown).ToList();
        await session.UpdateAsync("version", "state = 8, needs_person = FALSE", Rows.Of("id", unsent));
        await session.UpdateAsync(
            "version", "state = 4, needs_person = FALSE, acknowledged_at = @now, receipt = @receipt", Rows.Of("id", Rows.Column(there, static f => f.Id)),
            ("now", session.Now), ("receipt", Stored.Text(Decision.AsReceipt(decision))));
        failures.ForEach(f => session.Tally.Move(f.PipelineId, f.State, f.State == RecordState.Unknown ? RecordState.Acknowledged : RecordState.Dismissed, 1));
        await Rejections.ClearAsync(session, Rows.Column(there, static f => f.Id));
        await ReleaseWaiting.AfterOlderAsync(session, [.. there.Where(static f => !f.Newest).Select(static f => f.Id)]);
        foreach (var group in there.GroupBy(static f => f.Pipeline))
        {
            var pipelines = await ReleaseWaiting.AskChildrenAsync(session, group.Key);
            await session.FlushAsync();
            await ReleaseWaiting.AfterParentsAsync(session, group.Key, pipelines, [.. group.Select(static f => f.Key)], []);
        }

        await AuditAsync(session, "dismiss", decision, filter.Pipeline, filter, failures.Count);
        return failures.Count;
    }

    public static async Task<int> DoubtAsync(Session session, string pipeline, IReadOnlyCollection<long> versions, TimeSpan settle, Decision decision)
    {
        await Unpack.ForAsync(session, await Packed.OfVersionsAsync(session, pipeline, [.. versions]));
        var found = new List<(long Id, long PipelineId)>(versions.Count);
        await session.QueryAsync(
            Rows.Of("id", [.. versions]),
            $"""
            SELECT v.id, v.pipeline_id FROM r CROSS JOIN version v
            WHERE v.id = r.id AND v.state = 4 AND v.newest AND v.pipeline_id = (SELECT p.id FROM pipeline p WHERE p.name = @name) {session.Lock("ORDER BY v.id FOR UPDATE OF v")}
            """,
            reader => found.Add((reader.GetInt64(0), reader.GetInt64(1))), ("name", pipeline));
        var ids = Rows.Of("id", Rows.Column(found, static f => f.Id));

        // The attempt by which it was accepted stays in its history.
        await session.ExecuteAsync(
            ids,
            """
            INSERT INTO attempt_record (version_id, attempt_id, code, message)
            SELECT v.id, a.id, a.code, a.message FROM r JOIN version v ON v.id = r.id JOIN attempt a ON a.id = v.attempt_id
            WHERE NOT EXISTS (SELECT 1 FROM attempt_record t WHERE t.version_id = v.id AND t.attempt_id = a.id)
            """);
        await session.UpdateAsync("version", "state = 3, not_before = @due, acknowledged_at = NULL, attempt_id = NULL", ids, ("due", session.Now + Stored.Length(settle)));
        found.ForEach(f => session.Tally.Move(f.PipelineId, RecordState.Acknowledged, RecordState.Unknown, 1));
        await AuditAsync(session, "reconcile", decision, pipeline, null, found.Count);
        return found.Count;
    }

    private static Task<List<Failure>> LockAsync(Session session, FailureFilter filter)
    {
        var failing = new Failing(filter);
        return session.QueryAsync(
            $"""
            SELECT v.id, p.name, v.key_hash, v.kind, v.state, v.newest, p.id FROM version v JOIN pipeline p ON p.id = v.pipeline_id
            WHERE {failing.Condition} ORDER BY v.id {session.Lock("FOR UPDATE OF v")}
            """,
            static r => new Failure(r.GetInt64(0), r.GetString(1), r.GetGuid(2), (EntryKind)r.GetInt16(3), (RecordState)r.GetInt16(4), r.GetBoolean(5), r.GetInt64(6)),
            failing.With());
    }

    private static Task<int> AuditAsync(Session session, string what, Decision decision, string? pipeline, FailureFilter? about, int versions)
    {
        Failpoint.Reach("P19 decision carried out, not audited");
        return session.ExecuteAsync(
            "INSERT INTO audit (at, who, what, pipeline, about, versions, reason) VALUES (@now, @who, @what, @pipeline, @about, @versions, @reason)",
            ("now", session.Now), ("who", Stored.Text(decision.By)), ("what", what), ("pipeline", pipeline), ("about", about is null ? null : Stored.Text(About(about))),
            ("versions", versions), ("reason", Stored.Text(decision.Reason)));
    }

    private static string About(FailureFilter filter) => string.Join(
        ", ",
        new[] { ("key", filter.Key), ("rule", filter.Rule), ("field", filter.TargetField) }.Where(static p => p.Item2 is not null).Select(static p => $"{p.Item1}={p.Item2}"));

    private readonly record struct Failure(long Id, string Pipeline, Guid Key, EntryKind Kind, RecordState State, bool Newest, long PipelineId);
}
