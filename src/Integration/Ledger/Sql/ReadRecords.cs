using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Single facts about pipelines and records.</summary>
internal static class ReadRecords
{
    private const string ControlColumns = "p.paused_by, p.paused_reason, p.parked_until, p.parked_vi, p.parked_en, p.mapping_version";

    private static readonly string s_lane =
        $"SELECT {ControlColumns}, {Open.Of(ClaimKind.Unknown)}, {Open.Packs} OR {Open.Of(ClaimKind.Ready)} FROM pipeline p WHERE p.name = @name";

    public static Task<string?> WatermarkAsync(Session session, string pipeline) =>
        session.FirstAsync("SELECT watermark FROM pipeline WHERE name = @name", static r => r.IsDBNull(0) ? null : Stored.ReadExact(r.GetString(0)), ("name", pipeline));

    public static async Task<PipelineControl> ControlAsync(Session session, string pipeline) => await session.FirstAsync(
        $"SELECT {ControlColumns} FROM pipeline p WHERE p.name = @name", ReadControl, ("name", pipeline)) ?? new PipelineControl(null, null, null, null);

    public static async Task<LaneState> LaneAsync(Session session, string pipeline) => await session.FirstAsync(
        s_lane, static r => new LaneState(ReadControl(r), r.GetBoolean(6), r.GetBoolean(7)), ("name", pipeline)) ?? new LaneState(new PipelineControl(null, null, null, null), false, false);

    public static async Task<bool> IsFileTakenAsync(Session session, string pipeline, string sha256) => await session.NumberAsync(
        "SELECT 1 FROM source_file f JOIN pipeline p ON p.id = f.pipeline_id WHERE p.name = @name AND f.sha256 = @sha256", ("name", pipeline), ("sha256", sha256)) is not null;

    public static async Task<byte[]?> PayloadAsync(Session session, long version)
    {
        var place = await session.FirstAsync(
            "SELECT v.payload_id, v.payload_offset, v.payload_length FROM version v WHERE v.id = @version",
            static r => (Place?)new Place(r.IsDBNull(0) ? null : r.GetInt64(0), r.GetInt32(1), r.GetInt32(2)), ("version", version))
            ?? await Packed.PlaceOfAsync(session, version);
        if (place is not { Blob: not null } stored)
        {
            return null;
        }

        var bytes = await Payloads.ReadAsync(session, [stored]);
        return bytes[0].Length == stored.Length ? bytes[0].ToArray() : null;
    }

    public static async Task<byte[]?> AcknowledgedPayloadAsync(Session session, string pipeline, string key)
    {
        // Versions of a key are acknowledged in the order they came, so the last one tells what the receiver has.
        const string Acknowledged = "p.name = @name AND v.key_hash = @key AND v.state = 4";
        var hash = Stored.Hash(Stored.Key(key));
        var last = await session.QueryAsync(
            $"""
            SELECT v.id, v.kind FROM pipeline p JOIN version v ON v.pipeline_id = p.id WHERE {Acknowledged} AND v.newest
            UNION ALL
            SELECT v.id, v.kind FROM pipeline p JOIN version v ON v.pipeline_id = p.id WHERE {Acknowledged} AND NOT v.newest
            """,
            static r => (Id: r.GetInt64(0), Kind: (EntryKind)r.GetInt16(1)), ("name", pipeline), ("key", hash));
        if (await Packed.FindAsync(session, pipeline, Stored.Key(key)) is ({ } record, { State: RecordState.Acknowledged }))
        {
            last.Add((record.Version, EntryKind.Put));
        }

        return last.Count > 0 && last.MaxBy(static l => l.Id) is { Kind: EntryKind.Put } put ? await PayloadAsync(session, put.Id) : null;
    }

    public static async Task<IReadOnlyList<AcknowledgedRecord>> AcknowledgedAsync(Session session, string pipeline, long after, int take)
    {
        var rows = await session.QueryAsync(
            """
            SELECT v.id, v.key, v.memo, v.payload_id, v.payload_offset, v.payload_length FROM version v
            WHERE v.pipeline_id = (SELECT p.id FROM pipeline p WHERE p.name = @name) AND v.id > @after AND v.state = 4 AND v.newest AND v.kind = 0 AND v.payload_id IS NOT NULL
            ORDER BY v.id LIMIT @take
            """,
            static r => (Id: r.GetInt64(0), Key: Stored.ReadExact(r.GetString(1)), Memo: Stored.ReadText(r, 2), Place: new Place(r.GetInt64(3), r.GetInt32(4), r.GetInt32(5))),
            ("name", pipeline), ("after", after), ("take", take));
        var inPacks = await Packed.AcknowledgedAsync(session, pipeline, after, take);
        var all = rows.Concat(inPacks.Select(static p => (p.Id, Stored.ReadExact(p.Slot.Key), (string?)null, p.Place))).OrderBy(static r => r.Item1).Take(take).ToList();
        var payloads = await Payloads.ReadAsync(session, [.. all.Select(static r => r.Item4)]);
        return [.. all.Select((r, i) => new AcknowledgedRecord(r.Item1, r.Item2, payloads[i], r.Item3))];
    }

    public static async Task<IReadOnlyDictionary<string, ContentHash>> NewestHashesAsync(Session session, string pipeline, IReadOnlyCollection<string> keys)
    {
        var given = keys.Distinct(StringComparer.Ordinal).ToArray();
        var hashes = new Dictionary<string, ContentHash>(given.Length, StringComparer.Ordinal);
        var id = await session.NumberAsync("SELECT id FROM pipeline WHERE name = @name", ("name", pipeline)) ?? 0;
        var packed = await Packed.FindAsync(session, id, Array.ConvertAll(given, Stored.Key));
        for (var n = 0; n < given.Length; n++)
        {
            if (packed.Length > 0 && packed[n] is { } record)
            {
                hashes[given[n]] = record.Hash;
            }
        }

        await session.QueryAsync(
            new Rows().Add("n", [.. Enumerable.Range(0, given.Length)]).Add("key", Array.ConvertAll(given, static k => Stored.Hash(Stored.Key(k)))),
            $"SELECT r.n, v.hash FROM r {NewestVersions.Of(session)}",
            reader => hashes[given[reader.GetInt32(0)]] = Stored.ReadHash(reader, 1), ("pipeline", id));
        return hashes;
    }

    private static PipelineControl ReadControl(DbDataReader r) => new(
        r.IsDBNull(0) ? null : new Decision(r.GetString(0), r.GetString(1)),
        Stored.ReadMoment(r, 2), r.IsDBNull(3) ? null : new Text(r.GetString(3), r.GetString(4)), Stored.ReadText(r, 5));
}
