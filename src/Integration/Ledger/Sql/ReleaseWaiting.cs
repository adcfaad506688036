using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Makes waiting versions ready once nothing holds them: no older version of their key is on its way, and their parent was acknowledged.
/// It looks at what is stored, not at what happened, so asking again is always right.
/// </summary>
internal static class ReleaseWaiting
{
    private const string NothingInFlight =
        "NOT EXISTS (SELECT 1 FROM version f WHERE f.pipeline_id = w.pipeline_id AND f.key_hash = w.key_hash AND f.state IN (1, 3))";

    private const string ParentMet =
        """
        (r.met OR w.parent_hash IS NULL OR w.kind <> 0
            OR EXISTS (SELECT 1 FROM pipeline p WHERE p.id = w.pipeline_id AND p.waits_for IS NULL)
            OR EXISTS (SELECT 1 FROM pipeline p JOIN pipeline u ON u.name = p.waits_for
                JOIN version a ON a.pipeline_id = u.id AND a.key_hash = w.parent_hash AND a.newest AND a.kind = 0 AND a.state = 4 WHERE p.id = w.pipeline_id)
            OR EXISTS (SELECT 1 FROM pipeline p JOIN pipeline u ON u.name = p.waits_for
                JOIN version a ON a.pipeline_id = u.id AND a.key_hash = w.parent_hash AND NOT a.newest AND a.kind = 0 AND a.state = 4 WHERE p.id = w.pipeline_id))
        """;

    /// <summary>After older versions of their keys were settled: the newer ones learn what the receiver has, and go if they may.</summary>
    public static async Task<int> AfterOlderAsync(Session session, long[] settled)
    {
        var newer = new List<(long Id, bool Waits, bool Exists)>();
        await session.QueryAsync(
            Rows.Of("id", settled),
            $"""
            SELECT n.id, n.state, CASE WHEN o.state = 4 THEN o.kind = 0 ELSE o.receiver_has END FROM r CROSS JOIN version o CROSS JOIN version n
            WHERE o.id = r.id AND n.pipeline_id = o.pipeline_id AND n.key_hash = o.key_hash AND n.newest AND n.id <> o.id {session.Lock("ORDER BY n.id FOR UPDATE OF n")}
            """,
            reader => newer.Add((reader.GetInt64(0), reader.GetInt16(1) == 2, reader.GetBoolean(2))));
        if (newer.Count == 0)
        {
            return 0;
        }

        await session.UpdateAsync(
            "version", "receiver_has = r.has", Rows.Of("id", Rows.Column(newer, static n => n.Id)).Add("has", Rows.Column(newer, static n => n.Exists)));
        return await AmongAsync(session, [.. newer.Where(static n => n.Waits).Select(static n => n.Id)]);
    }

    /// <summary>Asks for the pipelines whose records wait for those of this one.</summary>
    /// <returns>Theirs once the next statement was waited for.</returns>
    public static async Task<IReadOnlyList<long>> AskChildrenAsync(Session session, string pipeline)
    {
        var pipelines = new List<long>();
        await session.AskAsync("SELECT id FROM pipeline WHERE waits_for = @name", r => pipelines.Add(r.GetInt64(0)), ("name", pipeline));
        return pipelines;
    }

    /// <summary>After records were acknowledged: those of other pipelines that waited for them.</summary>
    /// <param name="pipelines">Those that wait for this one.</param>
    /// <param name="packs">All of whose records were acknowledged.</param>
    public static async Task<int> AfterParentsAsync(Session session, string pipeline, IReadOnlyList<long> pipelines, Guid[] keys, IReadOnlyList<Pack> packs)
    {
        if (pipelines.Count == 0)
        {
            return 0;
        }

        // As a rule nothing waits at all, and no key needs to be hashed.
        if (await session.NumberAsync("SELECT 1 FROM version c JOIN pipeline p ON p.id = c.pipeline_id WHERE p.waits_for = @name AND c.state = 2 AND c.parent_hash IS NOT NULL LIMIT 1", ("name", pipeline)) is null)
        {
            return 0;
        }

        keys = [.. keys, .. (await Slots.ReadAsync(session, packs)).Values.SelectMany(static s => s).Select(static s => Stored.Hash(s.Key))];
        var children = new List<long>();
        foreach (var child in pipelines)
        {
            await session.QueryAsync(
                Rows.Of("key", keys), "SELECT c.id FROM r CROSS JOIN version c WHERE c.pipeline_id = @child AND c.parent_hash = r.key AND c.state = 2",
                reader => children.Add(reader.GetInt64(0)), ("child", child));
        }

        children.Sort();
        return await AmongAsync(session, [.. children]);
    }

    /// <returns>How many of these waiting versions became ready.</returns>
    public static async Task<int> AmongAsync(Session session, long[] waiting)
    {
        if (waiting.Length == 0)
        {
            return 0;
        }

        // The receiver never got what was to be withdrawn.
        await session.QueryAsync(
            Rows.Of("id", waiting),
            $"""
            UPDATE version AS w SET state = 6, newest = FALSE FROM r WHERE w.id = r.id AND w.state = 2 AND w.kind = 2 AND NOT w.receiver_has AND {NothingInFlight}
            RETURNING pipeline_id
            """,
            reader => session.Tally.Move(reader.GetInt64(0), RecordState.Waiting, RecordState.Superseded, 1));

        // Packs first, since records move from there to the versions.
        var met = await MetInPacksAsync(session, waiting);
        var released = 0;
        await session.QueryAsync(
            Rows.Of("id", waiting).Add("met", Array.ConvertAll(waiting, met.Contains)),
            $"UPDATE version AS w SET state = 0, not_before = @now FROM r WHERE w.id = r.id AND w.state = 2 AND {NothingInFlight} AND {ParentMet} RETURNING pipeline_id",
            reader =>
            {
                session.Tally.Move(reader.GetInt64(0), RecordState.Waiting, RecordState.Ready, 1);
                released++;
            },
            ("now", session.Now));
        return released;
    }

    /// <summary>Those of the waiting versions whose parent is in a pack that was acknowledged.</summary>
    private static async Task<HashSet<long>> MetInPacksAsync(Session session, long[] waiting)
    {
        var (met, waits) = (new HashSet<long>(), new List<(long Id, long Parents, string Key)>());
        await session.QueryAsync(
            Rows.Of("id", waiting),
            """
            SELECT w.id, u.id, w.parent_key FROM r CROSS JOIN version w CROSS JOIN pipeline p CROSS JOIN pipeline u
            WHERE w.id = r.id AND w.state = 2 AND w.kind = 0 AND w.parent_key IS NOT NULL AND p.id = w.pipeline_id AND u.name = p.waits_for
            """,
            reader => waits.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2))));
        foreach (var group in waits.GroupBy(static w => w.Parents))
        {
            var children = group.ToLookup(static w => w.Key, static w => w.Id, StringComparer.Ordinal);
            string[] keys = [.. children.Select(static c => c.Key).Order(StringComparer.Ordinal)];
            var states = await Packed.StatesAsync(session, group.Key, keys);
            met.UnionWith(keys.Where((_, i) => states.Length > 0 && states[i] == RecordState.Acknowledged).SelectMany(k => children[k]));
        }

        return met;
    }
}
