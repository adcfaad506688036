using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Puts new records of a slice into packs: no larger than one call to the receiver may be, so that a call can take a whole one.</summary>
internal static class AddPacks
{
    /// <summary>A record alone is a row of its own.</summary>
    public const int Least = 2;

    public static bool Takes(in SliceEntry entry, in CommitSlice.Entry stored, in Intake intake) =>
        entry is { Kind: EntryKind.Put, Group: null } && intake is { Change: Change.Add, State: RecordState.Ready, Exists: false } && stored.Key.Length is > 0 and <= Pack.LongestKey;

    public static async Task RunAsync(Session session, Slice slice, IReadOnlyList<CommitSlice.Entry> added, long run, long pipeline)
    {
        var packs = Cut(slice, added, null);
        var slots = packs.ConvertAll(p => SlotsOf(slice, added, p));
        var ordered = await OrderedPacks.AskAsync(session, pipeline, slots);
        var ids = await session.AllocateAsync(("version", added.Count), ("payload", packs.Count));
        var (versions, payloads) = (ids[0], ids[1]);
        if (packs.Exists(p => !p.IsUnbroken(versions)))
        {
            packs = Cut(slice, added, versions);
            slots = packs.ConvertAll(p => SlotsOf(slice, added, p));
            ordered = await OrderedPacks.AskAsync(session, pipeline, slots);
            payloads = (await session.AllocateAsync(("payload", packs.Count)))[0];
        }

        var stored = packs.ConvertAll(p => KeptPayload.Of(Bytes(slice, added, p).Span))
            .Select((payload, i) => new RecentPack(versions[packs[i].First], run, session.Now, slots[i], payload)).ToList();
        await Payloads.WriteAsync(session, payloads, stored.ConvertAll(static s => s.Payload));
        Failpoint.Reach("P02 payloads inserted, versions not");
        await session.InsertAsync(
            "pack",
            Rows.Of("id", Rows.Column(stored, static s => s.Id))
                .Add("slots", Rows.Column(packs, static p => p.Count))
                .Add("records", Rows.Column(packs, static p => p.Count))
                .Add("payload_id", payloads)
                .Add("payload_length", Rows.Column(packs, static p => p.Length))
                .Add("first_key", [.. stored.Select((s, i) => ordered[i] ? s.Slots[0].Key : null)])
                .Add("last_key", [.. stored.Select((s, i) => ordered[i] ? s.Slots[^1].Key : null)]),
            ("pipeline_id", pipeline), ("run_id", run), ("state", (short)RecordState.Ready), ("not_before", session.Now), ("extracted_at", session.Now));
        await OrderedSlots.WriteAsync(session, pipeline, [.. stored.Where((_, i) => ordered[i])]);
        await AddRecordsAsync(session, pipeline, [.. stored.Where((_, i) => !ordered[i])]);
        session.Tally.Add(pipeline, RecordState.Ready, added.Count);
        session.Packs.AddRange(stored);
    }

    private static async Task AddRecordsAsync(Session session, long pipeline, List<RecentPack> packs)
    {
        if (packs.Count == 0)
        {
            return;
        }

        await session.InsertAsync("pack_slots", Rows.Of("pack_id", Rows.Column(packs, static p => p.Id)).Add("bytes", Rows.Column(packs, static p => Slots.Write(p.Slots))));
        var slots = packs.SelectMany(static p => p.Slots.Select((slot, n) => (Pack: p.Id, N: n, What: slot))).ToArray();
        await session.InsertAsync(
            "record",
            new Rows().Add("key", Rows.Column<(long, int, Slot What), string?>(slots, static s => s.What.Key))
                .Add("key_hash", Rows.Column(slots, static s => Stored.Hash(s.What.Key)))
                .Add("pack_id", Rows.Column(slots, static s => s.Pack))
                .Add("slot", Rows.Column(slots, static s => s.N))
                .Add("hash", Rows.Column(slots, static s => s.What.Hash.ToBytes()))
                .Add("row_hash", Rows.Column(slots, static s => s.What.Row == Guid.Empty ? (Guid?)null : s.What.Row))
                .Add("payload_offset", Rows.Column(slots, static s => s.What.Offset))
                .Add("payload_length", Rows.Column(slots, static s => s.What.Length)),
            ("pipeline_id", pipeline));
    }

    /// <param name="ids">Other pipelines may take some in between: where the row of them is broken a new pack begins. Null: they are one row.</param>
    private static List<Cutting> Cut(Slice slice, IReadOnlyList<CommitSlice.Entry> added, long[]? ids)
    {
        var packs = new List<Cutting>();
        for (var first = 0; first < added.Count;)
        {
            var (count, length) = (0, 0);
            while (first + count < added.Count)
            {
                var next = slice.Entries[added[first + count].Index].Length;
                if (count > 0 && (count == slice.Batch || length + next > Pack.MostBytes || ids?[first + count] != ids?[first] + count))
                {
                    break;
                }

                (count, length) = (count + 1, length + next);
            }

            packs.Add(new Cutting(first, count, length));
            first += count;
        }

        return packs;
    }

    // As a rule they stand side by side in the slice already.
    private static ReadOnlyMemory<byte> Bytes(Slice slice, IReadOnlyList<CommitSlice.Entry> added, Cutting cut)
    {
        var (start, end) = (slice.Entries[added[cut.First].Index].Start, 0);
        for (; end < cut.Count && slice.Entries[added[cut.First + end].Index] is var entry && entry.Start == start; end++)
        {
            start += entry.Length;
        }

        if (end == cut.Count)
        {
            return slice.Bytes.WrittenMemory.Slice(start - cut.Length, cut.Length);
        }

        var (bytes, offset) = (new byte[cut.Length], 0);
        for (var i = cut.First; i < cut.First + cut.Count; i++)
        {
            var payload = slice.BytesOf(slice.Entries[added[i].Index]);
            payload.CopyTo(bytes.AsSpan(offset));
            offset += payload.Length;
        }

        return bytes;
    }

    private static Slot[] SlotsOf(Slice slice, IReadOnlyList<CommitSlice.Entry> added, Cutting cut)
    {
        var (slots, offset) = (new Slot[cut.Count], 0);
        for (var i = 0; i < cut.Count; i++)
        {
            var (index, key) = added[cut.First + i];
            var entry = slice.Entries[index];
            slots[i] = new Slot(key, entry.Hash, offset, entry.Length, entry.Parent is { } parent ? Stored.Key(parent) : null, entry.Row ?? Guid.Empty);
            offset += entry.Length;
        }

        return slots;
    }

    /// <param name="Length">Bytes of payload.</param>
    private readonly record struct Cutting(int First, int Count, int Length)
    {
        public bool IsUnbroken(long[] ids) => ids[First + Count - 1] - ids[First] == Count - 1;
    }
}
