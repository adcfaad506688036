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
        foreach (var pack in packs)
        {
            await MoveAsync(session, pack, [.. Enumerable.Range(0, pack.Slots)]);
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

        var slots = records.ToLookup(static r => r.Pack, static r => r.Slot);
        var packs = new List<Pack>();
        await session.QueryAsync(
            Rows.Of("id", [.. slots.Select(static s => s.Key).Order()]),
            $"SELECT {Pack.Columns} FROM r CROSS JOIN pack k WHERE k.id = r.id {session.Lock("ORDER BY k.id FOR UPDATE OF k")}", reader => packs.Add(Pack.Read(reader)));

        // A pack that is gone by now was undone by somebody else.
        foreach (var pack in packs)
        {
            await MoveAsync(session, pack, pack.State == RecordState.Acknowledged ? [.. slots[pack.Id].Order()] : [.. Enumerable.Range(0, pack.Slots)]);
        }
    }

    private static async Task MoveAsync(Session session, Pack pack, int[] which)
    {
        var slots = await Slots.ReadAsync(session, pack);
        var receipts = pack.State == RecordState.Acknowledged ? await Slots.ReadReceiptsAsync(session, pack) : [];
        var moved = Array.ConvertAll(which, n => slots[n]);
        var rows = new Dictionary<string, Guid?>(moved.Length, StringComparer.Ordinal);
        await session.QueryAsync(
            new Rows().Add("key", Rows.Column<Slot, string?>(moved, static s => s.Key)),
            "DELETE FROM record WHERE pipeline_id = @pipeline AND pack_id = @pack AND key IN (SELECT r.key FROM r) RETURNING key, row_hash",
            reader => rows.Add(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetGuid(1)), ("pipeline", pack.Pipeline), ("pack", pack.Id));
        if (rows.Count != moved.Length)
        {
            throw new InvalidOperationException($"Pack {pack.Id} should hold {moved.Length} of its records and holds {rows.Count}.");
        }

        if (pack.Records == moved.Length)
        {
            await session.ExecuteAsync("DELETE FROM pack_slots WHERE pack_id = @id", ("id", pack.Id));
            await session.ExecuteAsync("DELETE FROM pack WHERE id = @id", ("id", pack.Id));
        }
        else
        {
            await session.ExecuteAsync("UPDATE pack SET records = records - @moved WHERE id = @id", ("moved", moved.Length), ("id", pack.Id));
        }

        await session.InsertAsync(
            "version",
            Rows.Of("id", Array.ConvertAll(which, n => pack.Id + n))
                .Add("key_hash", Rows.Column(moved, static s => Stored.Hash(s.Key)))
                .Add("key", Rows.Column<Slot, string?>(moved, static s => s.Key))
                .Add("hash", Rows.Column(moved, static s => s.Hash.ToBytes()))
                .Add("row_hash", Rows.Column(moved, s => rows[s.Key]))
                .Add("parent_hash", Rows.Column(moved, static s => s.Parent is { } parent ? Stored.Hash(parent) : (Guid?)null))
                .Add("parent_key", Rows.Column(moved, static s => s.Parent))
                .Add("payload_id", Rows.Column(moved, s => pack.PlaceOf(s).Blob))
                .Add("payload_offset", Rows.Column(moved, static s => s.Offset))
                .Add("payload_length", Rows.Column(moved, static s => s.Length))
                .Add("acknowledged_at", Rows.Column(moved, _ => pack.Acknowledged))
                .Add("attempt_id", Rows.Column(moved, _ => pack.Attempt))
                .Add("receipt", Array.ConvertAll(which, n => receipts.Length == 0 ? null : receipts[n])),
            ("pipeline_id", pack.Pipeline), ("run_id", pack.Run), ("kind", (short)EntryKind.Put), ("state", (short)pack.State), ("newest", true), ("receiver_has", false),
            ("order_no", 0L), ("not_before", pack.NotBefore), ("lease_token", pack.Token), ("attempts", pack.Attempts), ("extracted_at", pack.Extracted));
    }
}
