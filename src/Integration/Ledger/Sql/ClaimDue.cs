using System.Data.Common;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Leases versions that are due. Several workers claim at once: each takes only rows it could lock without waiting, and of a group only an
/// unbroken stretch from its first open version, so that a stretch another worker is just taking ends it.
/// </summary>
internal sealed class ClaimDue(ILogger logger)
{
    // Most claims find enough groups near the front; only one that does not looks further, in larger steps.
    private const int LargestPage = 1000;

    private static readonly Call[] s_calls =
    [
        .. from call in ((short, bool)[])[(0, false), (0, true), (2, true), (2, false)] from grouped in (bool[])[false, true] select new Call(call.Item1, call.Item2, grouped),
        new Call(0, Exists: false, Grouped: false, Packed: true),
    ];

    private static readonly string s_ready = Pipeline(ClaimKind.Ready);
    private static readonly string s_unknown = Pipeline(ClaimKind.Unknown);

    private static readonly Dictionary<(ClaimKind, bool), string> s_firsts = new()
    {
        [(ClaimKind.Ready, false)] = Firsts(new Wanted(ClaimKind.Ready, 0)),
        [(ClaimKind.Ready, true)] = Firsts(new Wanted(ClaimKind.Ready, 1)),
        [(ClaimKind.Unknown, false)] = Firsts(new Wanted(ClaimKind.Unknown, 0)),
        [(ClaimKind.Unknown, true)] = Firsts(new Wanted(ClaimKind.Unknown, 1)),
    };

    /// <summary>What need not be read back.</summary>
    public RecentPacks Recent { get; } = new();

    public async Task<Claim?> RunAsync(Session session, ClaimRequest request)
    {
        var (pipeline, isOpen, parked) = await session.FirstAsync(
            request.What == ClaimKind.Ready ? s_ready : s_unknown, static r => (r.GetInt64(0), r.GetBoolean(1), r.IsDBNull(2) ? 0 : r.GetInt64(2)), ("name", request.Pipeline));
        if (pipeline == 0 || parked > session.Now)
        {
            return null;
        }

        // While nothing is ready but packs, as in a first load, no other call needs to be weighed against theirs.
        if (request.What == ClaimKind.Ready && !isOpen)
        {
            var (first, isUndone) = await TakePacksAsync(session, pipeline, request);
            if (first is not null || !isUndone)
            {
                return first;
            }
        }

        foreach (var wanted in (IEnumerable<Wanted>)[.. await Suspects.ReadAsync(session, pipeline, request.What), new Wanted(request.What, LostAmong: 0)])
        {
            foreach (var due in await ReadCallsAsync(session, pipeline, wanted))
            {
                if (due.Packed && await TakePacksAsync(session, pipeline, request) is ({ } packs, _))
                {
                    return packs;
                }

                // A pack that could not be taken whole was undone: its records are among these now.
                var taken = await TakeAsync(session, pipeline, request, wanted, due);
                if (taken.Count > 0 && await LeaseAsync(session, pipeline, request, due, taken) is { } claim)
                {
                    return claim;
                }
            }
        }

        return null;
    }

    private static string Pipeline(ClaimKind what) =>
        $"SELECT p.id, {Open.Of(what)}, p.parked_until FROM pipeline p WHERE p.name = @name AND p.paused_at IS NULL";

    private static string Due(Wanted what, bool grouped) =>
        $"v.pipeline_id = @pipeline AND {what.Open} AND v.group_hash IS {(grouped ? "NOT " : "")}NULL AND {what.Fits}";

    /// <summary>The calls for which something is due, the longest due first.</summary>
    private static async Task<List<Call>> ReadCallsAsync(Session session, long pipeline, Wanted what)
    {
        var firsts = await session.QueryAsync(
            s_firsts[(what.What, what.LostAmong > 0)], static r => (Call: s_calls[r.GetInt32(0)], NotBefore: r.GetInt64(1), Id: r.GetInt64(2)),
            ("pipeline", pipeline), ("now", session.Now), ("among", what.LostAmong));
        return [.. firsts.OrderBy(static f => f.NotBefore).ThenBy(static f => f.Id).Select(static f => f.Call)];
    }

    // Asked at every claim, so it is one statement. Nothing in a pack was ever lost.
    private static string Firsts(Wanted what) => string.Join(
        "\nUNION ALL\n",
        s_calls.Index().Where(c => !c.Item.Packed || what is { What: ClaimKind.Ready, LostAmong: 0 }).Select(c =>
            $"SELECT * FROM (SELECT {c.Index} AS call, {(c.Item.Packed ? $"k.not_before AS due, k.id FROM pack k WHERE {ClaimPacks.Due}" : First(what, c.Item))} ORDER BY due, id LIMIT 1) c{c.Index}"));

    private static string First(Wanted what, Call call) => "v.not_before AS due, v.id FROM version v WHERE " + Due(what, call.Grouped)
        .Replace("@kind", $"{call.Kind}", StringComparison.Ordinal).Replace("@has", call.Exists ? "TRUE" : "FALSE", StringComparison.Ordinal);

    private async Task<(Claim? Claim, bool IsUndone)> TakePacksAsync(Session session, long pipeline, ClaimRequest request)
    {
        var begun = await session.AskIdAsync("claim", "token");
        var (taken, isUndone) = await ClaimPacks.TakeAsync(session, Recent, pipeline, Math.Max(1, request.Most), request.MostBytes);
        if (taken.Count == 0)
        {
            return (null, isUndone);
        }

        var token = begun();
        await BeginAsync(session, request, token);
        await ClaimPacks.LeaseAsync(session, pipeline, taken, token);
        var versions = new List<ClaimedVersion>(taken.Sum(static t => t.Slots.Length));
        taken.ForEach(t => t.Add(versions));
        var claim = new Claim(request.Pipeline, request.What, token, Exists: false, EntryKind.Put, versions) { Rooms = [.. taken.Select(static t => t.Room).OfType<byte[]>()] };
        return (claim, isUndone);
    }

    private static async Task<List<Candidate>> TakeAsync(Session session, long pipeline, ClaimRequest request, Wanted what, Call call)
    {
        var room = new Room(what.Most(request.Most), request.MostBytes);
        return call.Grouped
            ? await TakeGroupsAsync(session, pipeline, what, call, room)
            : await TakeSinglesAsync(session, pipeline, what, call, room);
    }

    private static async Task<List<Candidate>> TakeSinglesAsync(Session session, long pipeline, Wanted what, Call call, Room room)
    {
        var due = await session.QueryAsync(
            $"""
            SELECT {Candidate.Columns} FROM version v WHERE {Due(what, grouped: false)} ORDER BY v.not_before, v.id LIMIT @most
            {session.Lock("FOR UPDATE SKIP LOCKED")}
            """,
            Candidate.Read, ("pipeline", pipeline), ("kind", call.Kind), ("has", call.Exists), ("now", session.Now), ("among", what.LostAmong), ("most", room.Most));
        return [.. due.TakeWhile(room.Takes)];
    }

    private static async Task<List<Candidate>> TakeGroupsAsync(Session session, long pipeline, Wanted what, Call call, Room room)
    {
        var taken = new List<Candidate>();
        var seen = new HashSet<Guid>();
        var (notBefore, id) = (long.MinValue, 0L);
        for (var most = Math.Min(2 * room.Most, LargestPage); !room.IsFull; most = Math.Min(4 * most, LargestPage))
        {
            var page = await session.QueryAsync(
                $"""
                SELECT v.not_before, v.id, v.group_hash FROM version v
                WHERE {Due(what, grouped: true)} AND (v.not_before, v.id) > (@after, @id) ORDER BY v.not_before, v.id LIMIT @page
                """,
                static r => (NotBefore: r.GetInt64(0), Id: r.GetInt64(1), Group: r.GetGuid(2)),
                ("pipeline", pipeline), ("kind", call.Kind), ("has", call.Exists), ("now", session.Now), ("among", what.LostAmong), ("after", notBefore), ("id", id), ("page", most));
            if (page.Count == 0)
            {
                break;
            }

            (notBefore, id, _) = page[^1];
            foreach (var groups in page.Select(static p => p.Group).Where(seen.Add).Chunk(Math.Max(16, room.Most)))
            {
                foreach (var stretch in await ReadStretchesAsync(session, pipeline, what, call, groups, room.Most))
                {
                    taken.AddRange(stretch.TakeWhile(room.Takes));
                }

                if (room.IsFull)
                {
                    break;
                }
            }
        }

        return taken;
    }

    /// <summary>Of each group the locked, unbroken stretch from its first open version that may be sent with this call.</summary>
    private static async Task<List<List<Candidate>>> ReadStretchesAsync(Session session, long pipeline, Wanted what, Call call, Guid[] groups, int most)
    {
        var open = new List<(Candidate Candidate, bool Fits)>();
        await session.QueryAsync(
            Rows.Of("member", groups),
            $"""
            SELECT {Candidate.Columns}, {what.Open} AND {what.Fits}
            FROM (SELECT v.*, row_number() OVER (PARTITION BY v.group_hash ORDER BY v.order_no, v.id) AS place
                FROM r CROSS JOIN version v WHERE v.pipeline_id = @pipeline AND v.group_hash = r.member AND v.state < 4) v
            WHERE v.place <= @most ORDER BY v.group_hash, v.place
            """,
            reader => open.Add((Candidate.Read(reader), reader.GetBoolean(Candidate.Count))),
            ("pipeline", pipeline), ("kind", call.Kind), ("has", call.Exists), ("now", session.Now), ("among", what.LostAmong), ("most", most));
        var byGroup = open.ToLookup(static o => o.Candidate.GroupHash);
        var wanted = groups.Select(g => byGroup[g].TakeWhile(static o => o.Fits).Select(static o => o.Candidate).ToList()).ToList();

        // What is still as it was read, and not in another worker's hands.
        var locked = new HashSet<long>();
        await session.QueryAsync(
            Rows.Of("id", [.. wanted.SelectMany(static s => s).Select(static c => c.Id).Order()]),
            $"""
            SELECT v.id FROM r CROSS JOIN version v WHERE v.id = r.id AND {what.Open} AND {what.Fits}
            {session.Lock("ORDER BY v.id FOR UPDATE OF v SKIP LOCKED")}
            """,
            reader => locked.Add(reader.GetInt64(0)), ("kind", call.Kind), ("has", call.Exists), ("now", session.Now), ("among", what.LostAmong));
        return [.. wanted.Select(s => s.TakeWhile(c => locked.Contains(c.Id)).ToList())];
    }

    private async Task<Claim?> LeaseAsync(Session session, long pipeline, ClaimRequest request, Call call, List<Candidate> taken)
    {
        var payloads = await Payloads.ReadAsync(session, Rows.Column(taken, static c => c.Place));
        var (sound, damaged) = (new List<ClaimedVersion>(taken.Count), new List<long>());
        for (var i = 0; i < taken.Count; i++)
        {
            var candidate = taken[i];
            if (call.Kind == (short)EntryKind.Put && ContentHash.Of(payloads[i].Span) != candidate.Hash)
            {
                damaged.Add(candidate.Id);
                logger.PayloadDamaged(request.Pipeline, candidate.Id);
            }
            else
            {
                sound.Add(new ClaimedVersion(candidate.Id, candidate.Key, candidate.Group, payloads[i], candidate.Attempts, candidate.Memo, candidate.LostAlone));
            }
        }

        if (damaged.Count > 0)
        {
            // An unknown one may have been sent while it was whole, so a person decides.
            await session.UpdateAsync("version", request.What == ClaimKind.Ready ? "state = 5" : "needs_person = TRUE", Rows.Of("id", [.. damaged]));
            session.Tally.Move(pipeline, RecordState.Ready, RecordState.Quarantined, request.What == ClaimKind.Ready ? damaged.Count : 0);
            await Rejections.AddAsync(session, [.. damaged.Select(static d => (d, new Rejection(Rules.PayloadDamaged.Code, null, null, null, null)))]);
        }

        if (sound.Count == 0)
        {
            return null;
        }

        var begun = await session.AskIdAsync("claim", "token");
        await session.FlushAsync();
        var token = begun();
        await BeginAsync(session, request, token);
        await session.UpdateAsync("version", "state = 1, lease_token = @token", Rows.Of("id", Rows.Column(sound, static v => v.Version)), ("token", token));
        session.Tally.Move(pipeline, request.What == ClaimKind.Ready ? RecordState.Ready : RecordState.Unknown, RecordState.Leased, sound.Count);
        return new Claim(request.Pipeline, request.What, token, call.Exists, (EntryKind)call.Kind, sound);
    }

    private static Task BeginAsync(Session session, ClaimRequest request, long token) => session.WriteAsync(
        "INSERT INTO claim (token, worker, until) VALUES (@token, @worker, @until)",
        ("token", token), ("worker", Stored.Text(request.Worker)), ("until", session.Now + Stored.Length(request.Lease)));

    /// <summary>What one call to the receiver can carry together.</summary>
    /// <param name="Packed">Taken in whole packs.</param>
    private readonly record struct Call(short Kind, bool Exists, bool Grouped, bool Packed = false);

    private readonly record struct Candidate(
        long Id, string Key, ContentHash Hash, Place Place, int Attempts, string? Memo, string? Group, Guid GroupHash, int LostAlone)
    {
        public const string Columns = "v.id, v.key, v.hash, v.payload_id, v.payload_offset, v.payload_length, v.attempts, v.memo, v.group_key, v.group_hash, v.lost_alone";
        public const int Count = 11;

        public static Candidate Read(DbDataReader r) => new(
            r.GetInt64(0), r.GetString(1), Stored.ReadHash(r, 2), new Place(r.IsDBNull(3) ? null : r.GetInt64(3), r.GetInt32(4), r.GetInt32(5)), r.GetInt32(6),
            Stored.ReadText(r, 7), Stored.ReadText(r, 8), r.IsDBNull(9) ? default : r.GetGuid(9), r.GetInt32(10));
    }

    /// <summary>How much a claim may still hold; one version always fits.</summary>
    private sealed class Room(int most, int mostBytes)
    {
        private int _count;
        private long _bytes;

        public int Most { get; } = Math.Max(1, most);

        public bool IsFull { get; private set; }

        public bool Takes(Candidate candidate)
        {
            IsFull = IsFull || _count == Most || (_count > 0 && _bytes + candidate.Place.Length > mostBytes);
            if (IsFull)
            {
                return false;
            }

            _count++;
            _bytes += candidate.Place.Length;
            IsFull = _count == Most;
            return true;
        }
    }
}
