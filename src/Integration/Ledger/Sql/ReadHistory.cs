using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Everything known about one key.</summary>
internal static class ReadHistory
{
    private const string Columns =
        """
        v.id, p.name, v.key, v.hash, v.kind, v.state, v.newest, v.receiver_has, v.extracted_at, v.not_before, v.acknowledged_at, v.receipt,
        p.waits_for, v.parent_key, v.needs_person, v.attempt_id
        """;

    public static async Task<IReadOnlyList<VersionHistory>> RunAsync(Session session, string pipeline, string key)
    {
        var hash = Stored.Hash(Stored.Key(key));
        var versions = new List<(VersionHistory Version, long? Attempt)>();
        if (await Packed.FindAsync(session, pipeline, Stored.Key(key)) is var (record, pack))
        {
            versions.Add((await ReadAsync(session, pipeline, key, record, pack), pack.Attempt));
        }

        // Two reads, because the newest and the older versions stand in two indexes.
        foreach (var which in (string[])["v.newest", "NOT v.newest"])
        {
            versions.AddRange(await session.QueryAsync(
                $"SELECT {Columns} FROM pipeline p JOIN version v ON v.pipeline_id = p.id WHERE p.name = @pipeline AND v.key_hash = @key AND {which}",
                r => (Read(r, session.Now), r.IsDBNull(15) ? (long?)null : r.GetInt64(15)), ("pipeline", pipeline), ("key", hash)));
        }

        var ids = Rows.Of("id", [.. versions.Select(static v => v.Version.Version)]);
        var rejections = await ReadRejectionsAsync(session, ids);
        var attempts = await ReadAttemptsAsync(session, versions, ids);
        return
        [
            .. versions.Select(v => v.Version with { Rejections = [.. rejections[v.Version.Version]], Attempts = [.. attempts[v.Version.Version].OrderBy(static a => a.Attempt)] })
                .OrderByDescending(static v => v.Version),
        ];
    }

    private static async Task<ILookup<long, Rejection>> ReadRejectionsAsync(Session session, Rows versions)
    {
        var found = new List<(long Version, Rejection Rejection)>();
        await session.QueryAsync(
            versions,
            """
            SELECT j.version_id, j.rule, j.target_field, j.source_field, j.masked_value, j.detail
            FROM r JOIN rejection j ON j.version_id = r.id AND j.standing ORDER BY j.id
            """,
            reader => found.Add((reader.GetInt64(0), Rejections.Read(reader, 1))));
        return found.ToLookup(static f => f.Version, static f => f.Rejection);
    }

    private static async Task<ILookup<long, AttemptRow>> ReadAttemptsAsync(Session session, List<(VersionHistory Version, long? Attempt)> versions, Rows ids)
    {
        const string Attempt = "a.id, a.kind, a.started, a.took, a.worker, a.records, a.request_hash, a.response_hash, a.status";
        var found = new Dictionary<(long Version, long Attempt), AttemptRow>();
        var accepted = versions.Where(static v => v.Attempt is not null).ToList();
        await session.QueryAsync(
            new Rows().Add("version", Rows.Column(accepted, static v => v.Version.Version)).Add("attempt", Rows.Column(accepted, static v => v.Attempt!.Value)),
            $"SELECT r.version, {Attempt}, a.code, a.message FROM r JOIN attempt a ON a.id = r.attempt",
            reader => found[(reader.GetInt64(0), reader.GetInt64(1))] = ReadAttempt(reader));

        // What was said about the very record stands above what was said about the call.
        await session.QueryAsync(
            ids,
            $"SELECT d.version_id, {Attempt}, d.code, d.message FROM r JOIN attempt_record d ON d.version_id = r.id JOIN attempt a ON a.id = d.attempt_id",
            reader => found[(reader.GetInt64(0), reader.GetInt64(1))] = ReadAttempt(reader));
        return found.ToLookup(static f => f.Key.Version, static f => f.Value);
    }

    private static async Task<VersionHistory> ReadAsync(Session session, string pipeline, string key, Packed record, Pack pack) => new(
        record.Version, pipeline, Stored.Key(key), record.Hash, EntryKind.Put, pack.State, Newest: true, Exists: false, Stored.Moment(pack.Extracted),
        pack.State == RecordState.Ready && pack.NotBefore > session.Now ? Stored.Moment(pack.NotBefore) : null,
        pack.Acknowledged is { } at ? Stored.Moment(at) : null, (await Slots.ReadReceiptsAsync(session, [pack])).GetValueOrDefault(pack.Id)?[record.Slot], null, null, NeedsPerson: false, [], []);

    private static VersionHistory Read(DbDataReader r, long now)
    {
        var state = (RecordState)r.GetInt16(5);
        var isOpen = state is RecordState.Ready or RecordState.Unknown;
        var waitsForParent = state == RecordState.Waiting && !r.IsDBNull(13) && !r.IsDBNull(12);
        return new VersionHistory(
            r.GetInt64(0), r.GetString(1), r.GetString(2), Stored.ReadHash(r, 3), (EntryKind)r.GetInt16(4), state, r.GetBoolean(6), r.GetBoolean(7),
            Stored.Moment(r.GetInt64(8)), isOpen && r.GetInt64(9) > now ? Stored.ReadMoment(r, 9) : null, Stored.ReadMoment(r, 10), Stored.ReadText(r, 11),
            waitsForParent ? r.GetString(12) : null, waitsForParent ? r.GetString(13) : null, r.GetBoolean(14), [], []);
    }

    private static AttemptRow ReadAttempt(DbDataReader r) => new(
        r.GetInt64(1), (AttemptKind)r.GetInt16(2), Stored.Moment(r.GetInt64(3)), TimeSpan.FromMicroseconds(r.GetInt64(4)), r.GetString(5), r.GetInt32(6),
        Stored.ReadHash(r, 7), Stored.ReadHash(r, 8), r.GetInt32(9), r.GetString(10), r.GetString(11));
}
