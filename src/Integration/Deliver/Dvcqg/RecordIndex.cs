using System.IO.Hashing;

namespace Integration.Deliver.Dvcqg;

/// <summary>Finds the records of one call by their keys (<see cref="KeyText"/>). Records of one key are known by the first of them.</summary>
internal sealed class RecordIndex
{
    private const int None = -1;

    private readonly ReadOnlyMemory<byte>[] _keys;
    private readonly int[] _first;
    private readonly int[] _sharing;

    // Open addressing, at most half full; 0 is free, n + 1 is record n.
    private readonly int[] _places;

    public RecordIndex(DeliveryBatch batch, EntryFields fields)
    {
        var records = batch.Items.Count;
        _keys = new ReadOnlyMemory<byte>[records];
        _first = new int[records];
        _sharing = new int[records];
        _places = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)records * 2)];
        var parts = new ReadOnlyMemory<byte>[fields.KeyNames.Length];
        for (var i = 0; i < records; i++)
        {
            _keys[i] = KeyText.Of(batch.Items[i], batch.Kind, fields, parts);
            _first[i] = _keys[i].IsEmpty ? None : Place(i);
        }
    }

    /// <returns>The first record of this key; negative when there is none.</returns>
    public int Find(ReadOnlySpan<byte> key) => key.IsEmpty ? None : _places[PlaceOf(key)] - 1;

    /// <returns>The first record with the key of this one; negative when it has no key.</returns>
    public int FirstLike(int record) => _first[record];

    /// <summary>How many records have the key of this one, which is their first.</summary>
    public int Sharing(int first) => _sharing[first];

    private int Place(int record)
    {
        ref var place = ref _places[PlaceOf(_keys[record].Span)];
        if (place == 0)
        {
            place = record + 1;
        }

        _sharing[place - 1]++;
        return place - 1;
    }

    private int PlaceOf(ReadOnlySpan<byte> key)
    {
        var last = _places.Length - 1;
        for (var at = (int)XxHash3.HashToUInt64(key) & last; ; at = (at + 1) & last)
        {
            if (_places[at] is var place && (place == 0 || _keys[place - 1].Span.SequenceEqual(key)))
            {
                return at;
            }
        }
    }
}
