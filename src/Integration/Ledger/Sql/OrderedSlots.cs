using System.Text;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>The slots of packs whose keys rise, stretch by stretch: they are found by their keys, and no record of them has a row of its own.</summary>
internal static class OrderedSlots
{
    // With what comes to it a quarter of a page of PostgreSQL, which is as much as it keeps in one piece, and half of one of SQLite.
    private const int MostBytes = 1920;

    private const string OfPack = "pipeline_id = @pipeline AND first_key >= @first AND first_key <= @last AND pack_id = @pack";

    public static Task WriteAsync(Session session, long pipeline, List<RecentPack> packs)
    {
        if (packs.Count == 0)
        {
            return Task.CompletedTask;
        }

        var lines = new Lines(packs.Sum(static p => p.Slots.Length));
        foreach (var pack in packs)
        {
            for (var first = 0; first < pack.Slots.Length;)
            {
                first = lines.Add(pack.Id, pack.Slots, first);
            }
        }

        return session.InsertAsync("ordered_slots", lines.Rows, ("pipeline_id", pipeline));
    }

    /// <param name="add">Given the pack, the slot's number in it, and what stands in it.</param>
    public static async Task ReadAsync(Session session, IEnumerable<Pack> packs, Action<long, int, Slot> add)
    {
        // One pack after the other: a statement for several would read the whole table.
        foreach (var pack in packs)
        {
            await session.QueryAsync(
                $"SELECT {Stretch.SlotColumns} FROM ordered_slots o WHERE {OfPack}",
                r =>
                {
                    Stretch.ReadSlots(r, add);
                    return true;
                },
                Of(pack));
        }
    }

    /// <summary>Single stretches of packs, by the keys they begin with.</summary>
    public static Task ReadAsync(Session session, long pipeline, string?[] firstKeys, Action<long, int, Slot> add) => session.QueryAsync(
        new Rows().Add("from_key", firstKeys), $"SELECT {Stretch.SlotColumns} FROM r {session.One("ordered_slots", "o", "o.pipeline_id = @pipeline AND o.first_key = r.from_key")}",
        reader => Stretch.ReadSlots(reader, add), ("pipeline", pipeline));

    public static Task DeleteAsync(Session session, Pack pack) => session.WriteAsync($"DELETE FROM ordered_slots WHERE {OfPack}", Of(pack));

    private static (string Name, object? Value)[] Of(Pack pack) => [("pipeline", pack.Pipeline), ("first", pack.FirstKey), ("last", pack.LastKey), ("pack", pack.Id)];

    /// <summary>What is to be written, row by row.</summary>
    private sealed class Lines(int slots)
    {
        private readonly List<Line> _lines = new((slots / 16) + 1);
        private readonly StringBuilder _text = new(4 * 1024);

        public Rows Rows => new Rows().Add("first_key", Rows.Column<Line, string?>(_lines, static l => l.FirstKey))
            .Add("pack_id", Rows.Column(_lines, static l => l.Pack))
            .Add("first_slot", Rows.Column(_lines, static l => l.FirstSlot))
            .Add("payload_offset", Rows.Column(_lines, static l => l.Offset))
            .Add("keys", Rows.Column<Line, string?>(_lines, static l => l.Keys))
            .Add("lengths", Rows.Column<Line, string?>(_lines, static l => l.Lengths))
            .Add("hashes", Rows.Column(_lines, static l => l.Hashes))
            .Add("row_hashes", Rows.Column(_lines, static l => l.RowHashes))
            .Add("parents", Rows.Column(_lines, static l => l.Parents));

        /// <returns>The slot after the line.</returns>
        public int Add(long pack, Slot[] slots, int first)
        {
            var end = End(slots, first);
            var line = slots.AsSpan(first, end - first);
            var (hashes, rows, hasParents) = (new byte[line.Length * ContentHash.Size], new byte[line.Length * Stretch.RowHashBytes], false);
            for (var n = 0; n < line.Length; n++)
            {
                line[n].Hash.Write(hashes.AsSpan(n * ContentHash.Size));
                line[n].Row.TryWriteBytes(rows.AsSpan(n * Stretch.RowHashBytes));
                hasParents |= line[n].Parent is not null;
            }

            _lines.Add(new Line(
                line[0].Key, pack, first, line[0].Offset, Text(line, '\n', static (to, slot) => to.Append(slot.Key)), Text(line, ',', static (to, slot) => to.Append(slot.Length)),
                hashes, rows, hasParents ? Text(line, '\n', static (to, slot) => to.Append(slot.Parent)) : null));
            return end;
        }

        private static int End(Slot[] slots, int first)
        {
            var (end, bytes) = (first, Encoding.UTF8.GetByteCount(slots[first].Key));
            while (end < slots.Length && ((bytes += BytesOf(slots[end])) <= MostBytes || end == first))
            {
                end++;
            }

            return end;
        }

        // With what stands between, and as many digits of a length as most have.
        private static int BytesOf(in Slot slot) => Encoding.UTF8.GetByteCount(slot.Key) + (slot.Parent is { } parent ? Encoding.UTF8.GetByteCount(parent) : 0) + ContentHash.Size + Stretch.RowHashBytes + 6;

        private string Text(ReadOnlySpan<Slot> slots, char between, Action<StringBuilder, Slot> append)
        {
            _text.Clear();
            for (var n = 0; n < slots.Length; n++)
            {
                append(n == 0 ? _text : _text.Append(between), slots[n]);
            }

            return _text.ToString();
        }
    }

    private readonly record struct Line(string FirstKey, long Pack, int FirstSlot, int Offset, string Keys, string Lengths, byte[] Hashes, byte[] RowHashes, string? Parents);
}
