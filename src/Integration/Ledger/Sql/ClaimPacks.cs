using System.Buffers;
using System.Diagnostics;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Takes whole packs that are due. One that is larger than the call may be, or is damaged, is undone instead: its records are then taken as any others.
/// </summary>
internal static class ClaimPacks
{
    public const string Due = "k.pipeline_id = @pipeline AND k.state = 0 AND k.not_before <= @now";

    /// <returns>Packs that were locked, with their payloads, each found to be what was stored; and whether any was undone.</returns>
    public static async Task<(List<Taken> Taken, bool IsUndone)> TakeAsync(Session session, RecentPacks recent, long pipeline, int most, long mostBytes)
    {
        var (packs, isUndone) = await LockAsync(session, pipeline, most, mostBytes);
        var taken = packs.ConvertAll(p => recent.Take(p) is { } kept ? Taken.Of(p, kept) : null);
        Debug.Assert(taken.TrueForAll(static t => t is null or { IsSound: true }), "what was kept is what was hashed");
        var read = packs.Where((_, i) => taken[i] is null).ToList();
        if (read.Count > 0)
        {
            var slots = await Slots.ReadAsync(session, read);
            var payloads = await Payloads.ReadAsync(session, Rows.Column(read, static p => new Place(p.Length == 0 ? null : p.Payload, 0, p.Length)));
            for (var i = 0; i < read.Count; i++)
            {
                var pack = new Taken(read[i], slots[read[i].Id], payloads[i]);
                if (pack.IsSound)
                {
                    taken[packs.IndexOf(read[i])] = pack;
                }
                else
                {
                    await Unpack.WholeAsync(session, [read[i]]);
                    isUndone = true;
                }
            }
        }

        return ([.. taken.OfType<Taken>()], isUndone);
    }

    public static async Task LeaseAsync(Session session, long pipeline, List<Taken> taken, long token)
    {
        await session.UpdateAsync("pack", "state = 1, lease_token = @token", Rows.Of("id", Rows.Column(taken, static t => t.Pack.Id)), ("token", token));
        session.Tally.Move(pipeline, RecordState.Ready, RecordState.Leased, taken.Sum(static t => t.Pack.Slots));
    }

    // One after the other, so that none is locked that another worker could have taken; and once a call is half full it goes as it is.
    private static async Task<(List<Pack> Packs, bool IsUndone)> LockAsync(Session session, long pipeline, int most, long mostBytes)
    {
        var (packs, count, length) = (new List<Pack>(), 0, 0L);
        var (notBefore, id) = (long.MinValue, 0L);
        while (2 * count < most && 2 * length < mostBytes && await session.FirstAsync(
            $"""
            SELECT {Pack.Columns} FROM pack k WHERE {Due} AND (k.not_before, k.id) > (@after, @id) ORDER BY k.not_before, k.id LIMIT 1
            {session.Lock("FOR UPDATE SKIP LOCKED")}
            """,
            Pack.Read, ("pipeline", pipeline), ("now", session.Now), ("after", notBefore), ("id", id)) is { } pack)
        {
            if (count + pack.Slots > most || length + pack.Length > mostBytes)
            {
                await Unpack.WholeAsync(session, packs.Count == 0 ? [pack] : []);
                return (packs, packs.Count == 0);
            }

            packs.Add(pack);
            (notBefore, id, count, length) = (pack.NotBefore, pack.Id, count + pack.Slots, length + pack.Length);
        }

        return (packs, false);
    }

    /// <param name="Room">What the payload is written in, when that is rented.</param>
    internal sealed record Taken(Pack Pack, Slot[] Slots, ReadOnlyMemory<byte> Payload, byte[]? Room = null)
    {
        /// <returns>Null where what was kept is not what was stored.</returns>
        public static Taken? Of(Pack pack, RecentPack kept)
        {
            var room = ArrayPool<byte>.Shared.Rent(kept.Payload.Length);
            if (kept.Payload.TryRead(room.AsSpan(0, kept.Payload.Length)))
            {
                return new Taken(pack, kept.Slots, room.AsMemory(0, kept.Payload.Length), room);
            }

            ArrayPool<byte>.Shared.Return(room);
            return null;
        }

        public bool IsSound
        {
            get
            {
                var isSound = Payload.Length == Pack.Length;
                for (var i = 0; i < Slots.Length && isSound; i++)
                {
                    isSound = ContentHash.Of(Payload.Span.Slice(Slots[i].Offset, Slots[i].Length)) == Slots[i].Hash;
                }

                return isSound;
            }
        }

        public void Add(List<ClaimedVersion> versions)
        {
            for (var n = 0; n < Slots.Length; n++)
            {
                versions.Add(new ClaimedVersion(Pack.Id + n, Slots[n].Key, null, Payload.Slice(Slots[n].Offset, Slots[n].Length), Pack.Attempts, null));
            }
        }
    }
}
