using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Adds a reading to the ledger. What is newest is read for all keys at once; only the keys that changed are locked and looked at again, and
/// <see cref="Intake"/> decides about each.
/// </summary>
internal static class CommitSlice
{
    private const string KnownColumns = "r.n, v.id, v.kind, v.state, v.hash, v.receiver_has, v.attempts";

    public static async Task<SliceCounts> RunAsync(Session session, Ticket ticket, long run, Slice slice)
    {
        var demandLease = await Leases.DemandAsync(session, ticket);

        // One commit of a pipeline at a time, whatever the tickets say.
        var (pipeline, parents) = (0L, (long?)null);
        await session.AskAsync(
            $"""
            SELECT p.id, p.waits_for, u.id FROM run s JOIN pipeline p ON p.id = s.pipeline_id LEFT JOIN pipeline u ON u.name = p.waits_for
            WHERE s.id = @run {session.Lock("FOR NO KEY UPDATE OF p")}
            """,
            r => (pipeline, parents) = (r.GetInt64(0), r.IsDBNull(1) ? null : (long?)(r.IsDBNull(2) ? 0 : r.GetInt64(2))), ("run", run));
        var kept = await session.FirstAsync(
            $"SELECT {PackKinds.Columns}, {NewestVersions.Any} FROM run s JOIN pipeline p ON p.id = s.pipeline_id WHERE s.id = @run",
            static r => new Kept(new PackKinds(r.GetBoolean(0), r.GetBoolean(1)), r.GetBoolean(2)), ("run", run));
        demandLease();
        if (pipeline == 0)
        {
            throw new ArgumentException($"There is no run {run}.", nameof(run));
        }

        var counts = new SliceCounts(slice.PassedOver, slice.PassedOver, 0, 0, 0, 0);
        var stale = new StaleRowHashes();
        foreach (var pass in Passes.Of(slice))
        {
            counts += await TakeAsync(session, slice, pass, run, pipeline, parents, kept, stale);
            kept = Kept.Anything;
        }

        Failpoint.Reach("P03 versions inserted, watermark not");
        if (slice.Watermark is { } watermark)
        {
            await session.WriteAsync("UPDATE pipeline SET watermark = @watermark WHERE id = @id", ("watermark", Stored.Exact(watermark)), ("id", pipeline));
        }

        if (slice.Taken is { } file)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO source_file (pipeline_id, sha256, name, rows, run_id, taken_at) VALUES (@pipeline, @sha256, @name, @rows, @run, @now)
                ON CONFLICT DO NOTHING
                """,
                ("pipeline", pipeline), ("sha256", file.Sha256), ("name", Stored.Text(file.Name)), ("rows", file.Rows), ("run", run), ("now", session.Now));
        }

        await stale.RefreshAsync(session, pipeline);
        return counts;
    }

    private static async Task<SliceCounts> TakeAsync(
        Session session, Slice slice, IReadOnlyList<Entry> pass, long run, long pipeline, long? parents, Kept kept, StaleRowHashes stale)
    {
        var (entries, isUnpacked) = await UnpackChangedAsync(session, slice, pass, pipeline, kept.Packs, stale);
        Known?[]? known = null;
        if (isUnpacked || await kept.MayHaveVersionsAsync(session, pipeline))
        {
            (entries, known) = Changed(slice, entries, await ReadNewestAsync(session, entries, pipeline), stale);
        }

        var unchanged = new SliceCounts(pass.Count - entries.Count, pass.Count - entries.Count, 0, 0, 0, 0);
        if (entries.Count == 0)
        {
            return unchanged;
        }

        Known?[]? inFlight = null, acknowledged = null;
        if (known is not null)
        {
            await LockNewestAsync(session, entries, known, pipeline);
            (inFlight, acknowledged) = await ReadOlderAsync(session, entries, known, pipeline);
        }

        var unmet = await UnmetParents.FindAsync(session, slice, entries, parents);
        var work = new SliceWork(slice, run, pipeline, session.Now);
        for (var n = 0; n < entries.Count; n++)
        {
            var entry = slice.Entries[entries[n].Index];
            work.Note(entries[n], known?[n], Intake.Decide(entry.Kind, entry.Hash, known?[n], inFlight?[n], acknowledged?[n], !unmet.Contains(n)));
        }

        await work.WriteAsync(session);
        return unchanged + work.Counts;
    }

    /// <summary>What is in a pack and differs from the entry becomes a version like any other.</summary>
    /// <returns>The entries without those that a pack says already; and whether there are such versions.</returns>
    private static async Task<(IReadOnlyList<Entry> Open, bool IsUnpacked)> UnpackChangedAsync(
        Session session, Slice slice, IReadOnlyList<Entry> pass, long pipeline, PackKinds packs, StaleRowHashes stale)
    {
        var packed = await Packed.FindAsync(session, pipeline, Rows.Column(pass, static e => e.Key), packs);
        if (packed.Length == 0)
        {
            return (pass, false);
        }

        var (open, changed) = (new List<Entry>(), new List<Packed>());
        for (var n = 0; n < pass.Count; n++)
        {
            var entry = slice.Entries[pass[n].Index];
            if (packed[n] is { } record && (entry.Kind != EntryKind.Put || entry.Hash != record.Hash))
            {
                changed.Add(record);
            }
            else if (packed[n] is { } same)
            {
                stale.Add(pass[n].Key, same, entry.Row);
                continue;
            }

            open.Add(pass[n]);
        }

        await Unpack.ForAsync(session, changed);
        return (open, changed.Count > 0);
    }

    /// <summary>Those of the entries that are not what the newest version of their key says.</summary>
    private static (List<Entry> Entries, Known?[] Newest) Changed(Slice slice, IReadOnlyList<Entry> entries, Known?[] newest, StaleRowHashes stale)
    {
        var (changed, known) = (new List<Entry>(entries.Count), new List<Known?>(entries.Count));
        for (var n = 0; n < entries.Count; n++)
        {
            var entry = slice.Entries[entries[n].Index];
            if (newest[n] is { } said && said.Says(entry.Kind, entry.Hash))
            {
                stale.Add(said.Version, entry.Row);
            }
            else
            {
                changed.Add(entries[n]);
                known.Add(newest[n]);
            }
        }

        return (changed, [.. known]);
    }

    /// <returns>One for each of the entries.</returns>
    private static async Task<Known?[]> ReadNewestAsync(Session session, IReadOnlyList<Entry> entries, long pipeline)
    {
        var found = new Known?[entries.Count];
        var keys = new Rows().Add("n", [.. Enumerable.Range(0, entries.Count)]).Add("key", Rows.Column(entries, static e => e.Hash));
        await session.QueryAsync(
            keys, $"SELECT {KnownColumns} FROM r {NewestVersions.Of(session)}",
            reader => found[reader.GetInt32(0)] = Read(reader), ("pipeline", pipeline));
        return found;
    }

    // Workers may be leasing or settling the very versions: look again at those that matter, and hold them. New keys cannot come in between,
    // since this pipeline is locked.
    private static async Task LockNewestAsync(Session session, IReadOnlyList<Entry> entries, Known?[] newest, long pipeline)
    {
        if (session.Lock("FOR UPDATE").Length == 0)
        {
            return;
        }

        var stored = Enumerable.Range(0, entries.Count).Where(n => newest[n] is not null).ToArray();
        var keys = new Rows().Add("n", stored).Add("key", Array.ConvertAll(stored, n => entries[n].Hash));
        Array.Clear(newest);
        await session.QueryAsync(
            keys, $"SELECT {KnownColumns} FROM r CROSS JOIN version v WHERE v.pipeline_id = @pipeline AND v.key_hash = r.key AND v.newest ORDER BY v.id FOR UPDATE OF v",
            reader => newest[reader.GetInt32(0)] = Read(reader), ("pipeline", pipeline));
    }

    // While the newest version is acknowledged, no older one matters.
    private static async Task<(Known?[] InFlight, Known?[] Acknowledged)> ReadOlderAsync(Session session, IReadOnlyList<Entry> entries, Known?[] newest, long pipeline)
    {
        var inFlight = Array.ConvertAll(newest, static k => k is { IsInFlight: true } ? k : null);
        var acknowledged = Array.ConvertAll(newest, static k => k is { State: RecordState.Acknowledged } ? k : null);
        var open = entries.Select(static (e, n) => (Entry: e, N: n)).Where(e => newest[e.N] is { State: not RecordState.Acknowledged }).ToList();
        var keys = new Rows().Add("n", Rows.Column(open, static e => e.N)).Add("key", Rows.Column(open, static e => e.Entry.Hash));
        await session.QueryAsync(
            keys,
            $"""
            SELECT {KnownColumns} FROM r CROSS JOIN version v WHERE v.pipeline_id = @pipeline AND v.key_hash = r.key AND NOT v.newest AND v.state IN (1, 3, 4)
            {session.Lock("ORDER BY v.id FOR UPDATE OF v")}
            """,
            reader =>
            {
                var (n, known) = (reader.GetInt32(0), Read(reader));
                if (known.IsInFlight)
                {
                    inFlight[n] = known;
                }
                else if (known.State == RecordState.Acknowledged && !(acknowledged[n]?.Version > known.Version))
                {
                    acknowledged[n] = known;
                }
            },
            ("pipeline", pipeline));
        return (inFlight, acknowledged);
    }

    private static Known Read(DbDataReader r) =>
        new(r.GetInt64(1), (EntryKind)r.GetInt16(2), (RecordState)r.GetInt16(3), Stored.ReadHash(r, 4), r.GetBoolean(5), r.GetInt32(6));

    /// <summary>What the pipeline had at one moment, while it was locked: nobody else can add packs to it meanwhile.</summary>
    /// <param name="Versions">Rows of <c>version</c>.</param>
    private readonly record struct Kept(PackKinds Packs, bool Versions)
    {
        public static readonly Kept Anything = new(PackKinds.All, true);

        /// <summary>
        /// To be asked once the packs were looked through: records move from there to <c>version</c> at any time, whoever holds the pipeline, so where packs
        /// were it is looked at again.
        /// </summary>
        public async Task<bool> MayHaveVersionsAsync(Session session, long pipeline) =>
            Versions || ((Packs.Ordered || Packs.Others) && await NewestVersions.AreThereAsync(session, pipeline));
    }

    /// <param name="Index">In the slice.</param>
    /// <param name="Key">As it is stored.</param>
    internal readonly record struct Entry(int Index, string Key)
    {
        /// <summary>Made anew each time: most records are found without it.</summary>
        public Guid Hash => Stored.Hash(Key);
    }
}
