using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Where a record stands in a pack.</summary>
/// <param name="Stretch">What the stretch that holds it begins with, where the pack is found by its keys; null: not, or not known.</param>
internal readonly record struct Packed(long Pack, int Slot, ContentHash Hash, string? Stretch = null)
{
    private static readonly Sought<Packed> s_packed = new(
        "hashes", static (s, n) => new Packed(s.Pack, s.FirstSlot + n, s.HashAt(n), s.FirstKey),
        "a.pack_id, a.slot, a.hash", static (r, first) => new Packed(r.GetInt64(first), r.GetInt32(first + 1), Stored.ReadHash(r, first + 2)));

    private static readonly Sought<RecordState> s_states = new(
        "hashes", static (s, _) => s.State, "(SELECT k.state FROM pack k WHERE k.id = a.pack_id)", static (r, first) => (RecordState)r.GetInt16(first));

    public long Version => Pack + Slot;

    /// <summary>Those of the keys whose newest version is in a pack; read before <c>version</c>, since records move that way only.</summary>
    /// <param name="keys">As they are stored.</param>
    /// <returns>One for each of the keys; none at all where no key is in a pack.</returns>
    public static Task<Packed?[]> FindAsync(Session session, long pipeline, IReadOnlyList<string> keys, PackKinds? kinds = null) =>
        PackedKeys.FindAsync(session, pipeline, keys, s_packed, kinds ?? PackKinds.All);

    /// <summary>As <see cref="FindAsync(Session, long, IReadOnlyList{string}, PackKinds?)"/>, the states of the packs alone.</summary>
    public static Task<RecordState?[]> StatesAsync(Session session, long pipeline, IReadOnlyList<string> keys) => PackedKeys.FindAsync(session, pipeline, keys, s_states, PackKinds.All);

    /// <summary>One key with the pack it is in; null when it is in none.</summary>
    public static async Task<(Packed Record, Pack Pack)?> FindAsync(Session session, string pipeline, string key)
    {
        if (await session.NumberAsync("SELECT id FROM pipeline WHERE name = @name", ("name", pipeline)) is not { } id || await FindAsync(session, id, [key]) is not [{ } record])
        {
            return null;
        }

        return await session.FirstAsync($"SELECT {Sql.Pack.Columns} FROM pack k WHERE k.id = @id", Sql.Pack.Read, ("id", record.Pack)) is { } pack ? (record, pack) : null;
    }

    /// <summary>Those of the versions that are still in a pack.</summary>
    public static async Task<List<Packed>> OfVersionsAsync(Session session, string pipeline, long[] versions)
    {
        var packs = new Dictionary<long, Pack>();
        var slotOf = new List<(long Pack, int Slot)>();
        await session.QueryAsync(
            Rows.Of("id", versions),
            $"""
            SELECT {Sql.Pack.Columns}, r.id FROM r CROSS JOIN pack k
            WHERE k.id <= r.id AND k.id > r.id - @most AND k.id + k.slots > r.id AND k.pipeline_id = (SELECT p.id FROM pipeline p WHERE p.name = @name)
            """,
            reader =>
            {
                var pack = Sql.Pack.Read(reader);
                packs[pack.Id] = pack;
                slotOf.Add((pack.Id, (int)(reader.GetInt64(Sql.Pack.Count) - pack.Id)));
            },
            ("name", pipeline), ("most", Sql.Pack.MostSlots));
        var slots = await Slots.ReadAsync(session, [.. packs.Values]);

        // A pack that went since has no slots to show: its records are found where they are now.
        return await StillThereAsync(session, packs, [.. slotOf.Select(s => (s.Pack, s.Slot, slots[s.Pack][s.Slot])).Where(static s => s.Item3.Key is not null)]);
    }

    /// <summary>Acknowledged records of packs, by rising version, from at least so many packs that <paramref name="take"/> are among them.</summary>
    public static async Task<List<(long Id, Slot Slot, Place Place)>> AcknowledgedAsync(Session session, string pipeline, long after, int take)
    {
        var found = new List<(long, Slot, Place)>();
        for (var from = after; found.Count < take;)
        {
            var packs = (await session.QueryAsync(
                $"""
                SELECT {Sql.Pack.Columns} FROM pack k
                WHERE k.pipeline_id = (SELECT p.id FROM pipeline p WHERE p.name = @name) AND k.state = 4 AND k.id > @after - @most AND k.id + k.slots - 1 > @after ORDER BY k.id LIMIT 4
                """,
                Sql.Pack.Read, ("name", pipeline), ("after", from), ("most", Sql.Pack.MostSlots))).ToDictionary(static p => p.Id);
            if (packs.Count == 0)
            {
                break;
            }

            var slots = await Slots.ReadAsync(session, [.. packs.Values]);
            var wanted = packs.Values.SelectMany(p => slots[p.Id].Select((slot, n) => (p.Id, n, slot))).Where(s => s.Id + s.n > from).ToList();
            foreach (var record in await StillThereAsync(session, packs, wanted))
            {
                var slot = slots[record.Pack][record.Slot];
                found.Add((record.Version, slot, packs[record.Pack].PlaceOf(slot)));
            }

            from = packs.Values.Max(static p => p.Id + p.Slots - 1);
        }

        return found;
    }

    // A slot that was taken out still stands in the pack; that it was, the pack itself tells, or that there is no record of it.
    private static async Task<List<Packed>> StillThereAsync(Session session, Dictionary<long, Pack> packs, List<(long Pack, int Slot, Slot What)> slots)
    {
        var there = new List<Packed>(slots.Count);
        there.AddRange(slots.Where(s => packs[s.Pack] is { IsOrdered: true } pack && !pack.Lacks(s.Slot)).Select(static s => new Packed(s.Pack, s.Slot, s.What.Hash)));
        var others = slots.FindAll(s => !packs[s.Pack].IsOrdered);
        if (others.Count > 0)
        {
            var found = await FindAsync(session, packs[others[0].Pack].Pipeline, Rows.Column(others, static s => s.What.Key));
            there.AddRange(others.Zip(found).Where(static s => s.Second is { } record && record.Pack == s.First.Pack && record.Slot == s.First.Slot).Select(static s => s.Second!.Value));
        }

        return there;
    }

    /// <summary>The place of a version's bytes; null when it is in no pack.</summary>
    public static async Task<Place?> PlaceOfAsync(Session session, long version)
    {
        var pack = await session.FirstAsync($"SELECT {Sql.Pack.Columns} FROM pack k WHERE k.id <= @version ORDER BY k.id DESC LIMIT 1", Sql.Pack.Read, ("version", version));
        return pack is not null && pack.Holds(version) ? pack.PlaceOf((await Slots.ReadAsync(session, pack))[version - pack.Id]) : null;
    }
}
