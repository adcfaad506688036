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
            var ids = await session.AllocateAsync("payload", blobs.Count);
            await session.InsertAsync("payload", Rows.Of("id", ids).Add("bytes", [.. blobs]));
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = places[i] with { Blob = places[i].Blob is { } n ? ids[n] : null };
            }
        }

        return places;
    }

    /// <returns>The bytes of each place, in their order; empty where there are none.</returns>
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

        var rows = new Rows()
            .Add("n", Rows.Column(stretches, static s => s.First))
            .Add("blob", Rows.Column(stretches, static s => s.Place.Blob!.Value))
            .Add("start", Rows.Column(stretches, static s => s.Place.Offset + 1))
            .Add("length", Rows.Column(stretches, static s => s.Place.Length));
        var read = new Dictionary<int, byte[]>();
        await session.QueryAsync(
            rows, "SELECT r.n, substr(p.bytes, r.start, r.length) FROM r JOIN payload p ON p.id = r.blob",
            reader => read[reader.GetInt32(0)] = reader.GetFieldValue<byte[]>(1));
        foreach (var (first, last, stretch) in stretches)
        {
            var stored = read.GetValueOrDefault(first, []);
            for (var n = first; n <= last; n++)
            {
                // A blob that is shorter than it was gives fewer bytes; the hash tells.
                var place = places[order[n]];
                var start = Math.Min(place.Offset - stretch.Offset, stored.Length);
                bytes[order[n]] = stored.AsMemory(start, Math.Min(place.Length, stored.Length - start));
            }
        }

        return bytes;
    }
}
