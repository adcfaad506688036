using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>
/// Makes rows of <c>version</c> of records in packs, with the ids, states, leases and bytes that they have already: nobody who holds one of them
/// notices. Whoever does so has the pack's row locked, and locks packs before versions, lowest id first.
/// </summary>
internal static class Unpack
{
    /// <summary>Every record of packs that are ready or leased.</summary>
    public static async Task WholeAsync(Session session, IReadOnlyList<Pack> packs)
    {
        if (packs.Count > 0)
        {
            var slots = await Slots.ReadAsync(session, packs);
            await MoveAsync(session, [.. packs.SelectMany(p => slots[p.Id].Select((slot, n) => new Moved(p, n, slot, null)))]);
        }
    }

    /// <summary>
    /// Records of which something becomes that does not become of the others of their packs: of an acknowledged pack only these, of any other all.
    /// </summary>
    public static async Task ForAsync(Session session, IReadOnlyList<Packed> records)
    {
        if (records.Count == 0)
        {
            return;
        }

        var byPack = records.ToLookup(static r => r.Pack);
        var packs = new List<Pack>();
        await session.QueryAsync(
            Rows.Of("id", [.. byPack.Select(static s => s.Key).Order()]),
            $"SELECT {Pack.Columns} FROM r CROSS JOIN pack k WHERE k.id = r.id {session.Lock("ORDER BY k.id FOR UPDATE OF k")}", reader => packs.Add(Pack.Read(reader)));

        // A pack that is gone by now was undone by somebody else.
        await WholeAsync(session, packs.FindAll(static p => p.State != RecordState.Acknowledged));
        await SingleAsync(session, packs.FindAll(static p => p.State == RecordState.Acknowledged), byPack);
    }

    private static async Task SingleAsync(Session session, List<Pack> packs, ILookup<long, Packed> byPack)
    {
        if (packs.Count == 0)
        {
            return;
        }

        var (byId, moved) = (packs.ToDictionary(static p => p.Id), new List<Moved>());
        var records = packs.SelectMany(p => byPack[p.Id].Where(r => !p.Lacks(r.Slot))).ToList();
        var wanted = records.Select(static r => r.Version).ToHashSet();
        var receipts = await Slots.ReadReceiptsAsync(session, packs);

        // As a rule it is known which stretch of its pack holds a record, and no more of it is read.
        await OrderedSlots.ReadAsync(session, packs[0].Pipeline, [.. records.Select(static r => r.Stretch).OfType<string>().Distinct(StringComparer.Ordinal)], Take);
        var others = records.Where(static r => r.Stretch is null).Select(static r => r.Pack).ToHashSet();
        foreach (var (pack, slots) in await Slots.ReadAsync(session, packs.FindAll(p => others.Contains(p.Id))))
        {
            for (var n = 0; n < slots.Length; n++)
            {
                Take(pack, n, slots[n]);
            }
        }

        if (wanted.Count > 0)
        {
            throw new InvalidOperationException($"Version {wanted.First()} should stand in a slot of its pack and does not.");
        }

        await MoveAsync(session, [.. moved.OrderBy(static m => m.Id)]);

        void Take(long pack, int n, Slot what)
        {
            if (wanted.Remove(pack + n))
            {
                moved.Add(new Moved(byId[pack], n, what, receipts.GetValueOrDefault(pack)?[n]));
            }
        }
    }

    private static async Task MoveAsync(Session session, Moved[] moved)
    {
        var rows = await LeaveRecordsAsync(session, moved);

        // What is there no more was taken out of an acknowledged pack by somebody else, before this one held it.
        moved = Array.FindAll(moved, m => m.Pack.IsOrdered || rows.ContainsKey(m.Id));
        await LeavePacksAsync(session, [.. moved.GroupBy(static m => m.Pack.Id)]);
        await session.InsertAsync(
            "version",
            Rows.Of("id", Rows.Column(moved, static m => m.Id))
                .Add("pipeline_id", Rows.Column(moved, static m => m.Pack.Pipeline))
                .Add("run_id", Rows.Column(moved, static m => m.Pack.Run))
                .Add("key_hash", Rows.Column(moved, static m => Stored.Hash(m.What.Key)))
                .Add("key", Rows.Column<Moved, string?>(moved, static m => m.What.Key))
                .Add("state", Rows.Column(moved, static m => (short)m.Pack.State))
                .Add("hash", Rows.Column(moved, static m => m.What.Hash.ToBytes()))
                .Add("row_hash", Rows.Column(moved, m => m.Pack.IsOrdered ? m.What.Row == Guid.Empty ? null : m.What.Row : rows[m.Id]))
                .Add("parent_hash", Rows.Column(moved, static m => m.What.Parent is { } parent ? Stored.Hash(parent) : (Guid?)null))
                .Add("parent_key", Rows.Column(moved, static m => m.What.Parent))
                .Add("payload_id", Rows.Column(moved, static m => m.Pack.PlaceOf(m.What).Blob))
                .Add("payload_offset", Rows.Column(moved, static m => m.What.Offset))
                .Add("payload_length", Rows.Column(moved, static m => m.What.Length))
                .Add("not_before", Rows.Column(moved, static m => m.Pack.NotBefore))
                .Add("lease_token", Rows.Column(moved, static m => m.Pack.Token))
                .Add("attempts", Rows.Column(moved, static m => m.Pack.Attempts))
                .Add("extracted_at", Rows.Column(moved, static m => m.Pack.Extracted))
                .Add("acknowledged_at", Rows.Column(moved, static m => m.Pack.Acknowledged))
                .Add("attempt_id", Rows.Column(moved, static m => m.Pack.Attempt))
                .Add("receipt", Rows.Column(moved, static m => m.Receipt)),
            ("kind", (short)EntryKind.Put), ("newest", true), ("receiver_has", false), ("order_no", 0L));
    }

    /// <returns>Of those that had a row of <c>record</c> the hash of the row they were made from, by version.</returns>
    private static async Task<Dictionary<long, Guid?>> LeaveRecordsAsync(Session session, Moved[] moved)
    {
        var rows = new Dictionary<long, Guid?>();
        foreach (var records in moved.Where(static m => !m.Pack.IsOrdered).GroupBy(static m => m.Pack.Id))
        {
            await session.QueryAsync(
                new Rows().Add("key", records.Select(static m => (string?)m.What.Key).ToArray()),
                "DELETE FROM record WHERE pipeline_id = @pipeline AND pack_id = @pack AND key IN (SELECT r.key FROM r) RETURNING slot, row_hash",
                reader => rows.Add(records.Key + reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetGuid(1)), ("pipeline", records.First().Pack.Pipeline), ("pack", records.Key));
            if (records.FirstOrDefault(m => !rows.ContainsKey(m.Id)) is { Pack.State: not RecordState.Acknowledged } missing)
            {
                throw new InvalidOperationException($"Pack {missing.Pack.Id} should hold a record in slot {missing.Slot} and holds none.");
            }
        }

        return rows;
    }

    private static async Task LeavePacksAsync(Session session, IReadOnlyList<IGrouping<long, Moved>> packs)
    {
        var emptied = packs.Where(static p => p.First().Pack.Records == p.Count()).Select(static p => p.First().Pack).ToList();
        foreach (var pack in emptied.Where(static p => p.IsOrdered))
        {
            await OrderedSlots.DeleteAsync(session, pack);
        }

        await session.ExecuteAsync(Rows.Of("id", [.. emptied.Where(static p => !p.IsOrdered).Select(static p => p.Id)]), "DELETE FROM pack_slots WHERE pack_id IN (SELECT r.id FROM r)");
        await session.ExecuteAsync(Rows.Of("id", Rows.Column(emptied, static p => p.Id)), "DELETE FROM pack WHERE id IN (SELECT r.id FROM r)");

        var left = packs.Where(static p => p.First().Pack.Records > p.Count()).ToLookup(static p => p.First().Pack.IsOrdered);
        await session.UpdateAsync(
            "pack", "records = records - r.moved",
            Rows.Of("id", [.. left[false].Select(static p => p.Key)]).Add("moved", left[false].Select(static p => p.Count()).ToArray()));
        await session.UpdateAsync(
            "pack", "records = records - r.moved, gone = r.now_gone",
            Rows.Of("id", [.. left[true].Select(static p => p.Key)]).Add("moved", left[true].Select(static p => p.Count()).ToArray())
                .Add("now_gone", left[true].Select(static p => p.First().Pack.GoneWith(p.Select(static m => m.Slot))).ToArray()));
    }

    private readonly record struct Moved(Pack Pack, int Slot, Slot What, string? Receipt)
    {
        public long Id => Pack.Id + Slot;
    }
}
