using Integration.Records;

namespace Integration.Ledger.Sql;

/// <param name="Blob">Null: no bytes (a withdrawal, or purged).</param>
internal readonly record struct Place(long? Blob, int Offset, int Length);

/// <summary>Stored bytes: written once, many records to a blob, so that neither store pays for a row per payload.</summary>
internal static class Payloads
{
    // SQLite reads a blob from its start, so a blob may not be long; a longer record has one of its own.
    private const int BlobBytes = 64 * 1024;

    // Reading a small gap costs less than a second statement.
    private const int MostGap = 4 * 1024;

    /// <returns>A place for each of the entries (indexes into the slice), in their order.</returns>
    public static async Task<Place[]> WriteAsync(Session session, Slice slice, IReadOnlyList<int> entries)
    {
        var places = new Place[entries.Count];
        var blobs = new List<byte[]>();
        for (var first = 0; first < entries.Count;)
        {
            var (length, last) = (0, first);
            for (; last < entries.Count && (last == first || length + slice.Entries[entries[last]].Length <= BlobBytes); last++)
            {
                length += slice.Entries[entries[last]].Length;
            }

            var blob = new byte[length];
            for (var (i, offset) = (first, 0); i < last; i++)
            {
                var bytes = slice.BytesOf(slice.Entries[entries[i]]);
                bytes.CopyTo(blob.AsSpan(offset));

                // The blob's number in this slice, until it has its id.
                places[i] = new(bytes.IsEmpty ? null : blobs.Count, offset, bytes.Length);
                offset += bytes.Length;
            }

            if (length > 0)
            {
                blobs.Add(blob);
            }

            first = last;
        }

        if (blobs.Count > 0)
        {
            var ids = (await session.AllocateAsync(("payload", blobs.Count)))[0];
            await session.InsertAsync("payload", Rows.Of("id", ids).Add("bytes", [.. blobs]));
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = places[i] with { Blob = places[i].Blob is { } n ? ids[n] : null };
            }
        }

        return places;
    }

    /// <summary>Writes payloads of packs.</summary>
    /// <param name="ids">One for each.</param>
    public static async Task WriteAsync(Session session, long[] ids, IReadOnlyList<KeptPayload> payloads)
    {
        var blobs = ids.Zip(payloads).ToLookup(static b => b.Second.IsPacked);
        if (blobs[false].ToArray() is { Length: > 0 } plain)
        {
            await session.InsertAsync("payload", Rows.Of("id", Rows.Column(plain, static b => b.First)).Add("bytes", Rows.Column(plain, static b => b.Second.Stored)));
        }

        if (blobs[true].ToArray() is { Length: > 0 } packed)
        {
            await session.InsertAsync(
                "payload",
                Rows.Of("id", Rows.Column(packed, static b => b.First)).Add("packed", Rows.Column(packed, static b => b.Second.Stored)).Add("plain", Rows.Column(packed, static b => b.Second.Length)),
                ("bytes", Array.Empty<byte>()));
        }
    }

    /// <returns>The bytes of each place, in their order; empty where there are none, and fewer or none where the store gives back less than it was given.</returns>
    public static async Task<ReadOnlyMemory<byte>[]> ReadAsync(Session session, IReadOnlyList<Place> places)
    {
        var bytes = new ReadOnlyMemory<byte>[places.Count];
        var order = Enumerable.Range(0, places.Count).Where(i => places[i].Blob is not null).OrderBy(i => places[i].Blob).ThenBy(i => places[i].Offset).ToArray();
        var stretches = new List<(int First, int Last, Place Place)>();
        for (var n = 0; n < order.Length; n++)
        {
            var place = places[order[n]];
            if (stretches.Count > 0 && stretches[^1] is var (first, _, open) && open.Blob == place.Blob && place.Offset - (open.Offset + open.Length) <= MostGap)
            {
                stretches[^1] = (first, n, open with { Length = Math.Max(open.Length, place.Offset + place.Length - open.Offset) });
            }
            else
            {
                stretches.Add((n, n, place));
            }
        }

        var stored = await ReadAsync(session, stretches);
        foreach (var (first, last, stretch) in stretches)
        {
            // What cannot be unpacked as a whole may still be in parts, and a blob that is shorter than it was gives fewer bytes; the hash tells.
            var whole = stored(first, stretch);
            for (var n = first; n <= last; n++)
            {
                var place = places[order[n]];
                var part = whole ?? stored(first, place) ?? [];
                var start = whole is null ? 0 : Math.Min(place.Offset - stretch.Offset, part.Length);
                bytes[order[n]] = part.AsMemory(start, Math.Min(place.Length, part.Length - start));
            }
        }

        return bytes;
    }

    // A compressed blob is short: it comes whole, with the first of its stretches.
    private static async Task<Func<int, Place, byte[]?>> ReadAsync(Session session, List<(int First, int Last, Place Place)> stretches)
    {
        var rows = new Rows()
            .Add("n", Rows.Column(stretches, static s => s.First))
            .Add("blob", Rows.Column(stretches, static s => s.Place.Blob!.Value))
            .Add("start", Rows.Column(stretches, static s => s.Place.Offset + 1))
            .Add("length", Rows.Column(stretches, static s => s.Place.Length))
            .Add("opens", [.. stretches.Select((s, i) => i == 0 || stretches[i - 1].Place.Blob != s.Place.Blob)]);
        var (plain, packed) = (new Dictionary<int, byte[]>(), new Dictionary<long, (byte[] Bytes, long Plain)>());
        await session.QueryAsync(
            rows,
            """
            SELECT r.n, r.blob, CASE WHEN p.plain IS NULL THEN substr(p.bytes, r.start, r.length) WHEN r.opens THEN coalesce(p.packed, p.bytes) END, p.plain
            FROM r JOIN payload p ON p.id = r.blob
            """,
            reader =>
            {
                if (reader.IsDBNull(3))
                {
                    plain.Add(reader.GetInt32(0), reader.IsDBNull(2) ? [] : reader.GetFieldValue<byte[]>(2));
                }
                else if (!reader.IsDBNull(2))
                {
                    packed.Add(reader.GetInt64(1), (reader.GetFieldValue<byte[]>(2), reader.GetInt64(3)));
                }
            });
        return (first, place) => packed.TryGetValue(place.Blob!.Value, out var blob) ? Packing.Unpack(blob.Bytes, blob.Plain, place.Offset, place.Length) : plain.GetValueOrDefault(first, []);
    }
}
