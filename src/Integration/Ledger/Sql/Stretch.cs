using System.Data.Common;
using System.Globalization;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>Neighbouring slots of a pack whose keys rise: one row of <c>ordered_slots</c>, with what of it was asked for.</summary>
/// <param name="FirstSlot">In the pack.</param>
/// <param name="Keys">A line each.</param>
/// <param name="Gone">Slots of the pack that were taken out; null: none was.</param>
/// <param name="Digests">Hashes or row hashes, whichever was asked for.</param>
internal readonly record struct Stretch(string FirstKey, long Pack, int FirstSlot, string Keys, RecordState State, byte[]? Gone, byte[] Digests)
{
    public const int RowHashBytes = 16;

    /// <summary>All that stands in the slots of a row of <c>ordered_slots o</c>.</summary>
    public const string SlotColumns = "o.pack_id, o.first_slot, o.payload_offset, o.keys, o.lengths, o.hashes, o.row_hashes, o.parents";

    /// <param name="digests">The column that is read with it.</param>
    public static string Columns(string digests) => $"o.first_key, o.pack_id, o.first_slot, o.keys, k.state, k.gone, o.{digests}";

    /// <summary>The join to the pack of a row of <c>ordered_slots o</c>.</summary>
    public static string Its(Session session) => session.One("pack", "k", "k.id = o.pack_id");

    /// <param name="first">Ordinal of the first of the columns.</param>
    public static Stretch Read(DbDataReader r, int first) => new(
        r.GetString(first), r.GetInt64(first + 1), r.GetInt32(first + 2), r.GetString(first + 3), (RecordState)r.GetInt16(first + 4),
        r.IsDBNull(first + 5) ? null : r.GetFieldValue<byte[]>(first + 5), r.GetFieldValue<byte[]>(first + 6));

    public ContentHash HashAt(int n) => ContentHash.Read(Digests.AsSpan(n * ContentHash.Size, ContentHash.Size));

    /// <returns>Zeros where there is none.</returns>
    public Guid RowHashAt(int n) => new(Digests.AsSpan(n * RowHashBytes, RowHashBytes));

    public bool Lacks(int n) => Sql.Pack.Lacks(Gone, FirstSlot + n);

    /// <param name="r">At a row of these columns: <see cref="SlotColumns"/>.</param>
    /// <param name="add">Given the pack, the slot's number in it, and what stands in it.</param>
    public static void ReadSlots(DbDataReader r, Action<long, int, Slot> add)
    {
        var (pack, slot, offset, keys, lengths) = (r.GetInt64(0), r.GetInt32(1), r.GetInt32(2), r.GetString(3), r.GetString(4));
        var (hashes, rows, parents) = (r.GetFieldValue<byte[]>(5), r.GetFieldValue<byte[]>(6), r.IsDBNull(7) ? null : r.GetString(7).Split('\n'));
        var n = 0;
        var length = lengths.AsSpan().Split(',');
        foreach (var key in keys.AsSpan().Split('\n'))
        {
            length.MoveNext();
            var bytes = int.Parse(lengths.AsSpan(length.Current), NumberStyles.None, CultureInfo.InvariantCulture);
            var hash = ContentHash.Read(hashes.AsSpan(n * ContentHash.Size, ContentHash.Size));
            add(pack, slot + n, new Slot(keys[key], hash, offset, bytes, parents?[n] is { Length: > 0 } parent ? parent : null, new Guid(rows.AsSpan(n * RowHashBytes, RowHashBytes))));
            (n, offset) = (n + 1, offset + bytes);
        }
    }
}
