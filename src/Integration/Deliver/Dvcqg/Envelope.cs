using System.Buffers;
using System.Text;
using Integration.Records;
using Newtonsoft.Json;

namespace Integration.Deliver.Dvcqg;

/// <summary>
/// The body of one call. Payloads are spliced in byte for byte; only the session before them differs between a call and its repeat, so the
/// hash leaves the session out.
/// </summary>
internal sealed class Envelope : IDisposable
{
    private const int RoomForArguments = 1024;

    private readonly int _start;
    private byte[] _rented;
    private int _length;
    private int _lent;

    private Envelope(bool hasSession, IReadOnlyList<ReadOnlyMemory<byte>>? data)
    {
        HasSession = hasSession;
        _rented = ArrayPool<byte>.Shared.Rent(LengthOf(data) + RoomForArguments);
        if (hasSession)
        {
            // Stands where the session will be, so that what is hashed lies in one piece.
            Add("{\"session\":\"\"");
            _start = _length;
        }
    }

    public bool HasSession { get; }

    /// <summary>Everything after the session.</summary>
    public ReadOnlyMemory<byte> Tail => _rented.AsMemory(_start, _length - _start);

    /// <summary><c>{"session":…,"madonvi":…,"service":…,arguments…}</c>, and <c>"data":[…]</c> when there is data.</summary>
    public static Envelope Wrapped(string unit, string service, IEnumerable<KeyValuePair<string, string>> arguments, IReadOnlyList<ReadOnlyMemory<byte>>? data)
    {
        var envelope = new Envelope(hasSession: true, data);
        envelope.Add(",\"madonvi\":");
        envelope.AddText(unit);
        envelope.Add(",\"service\":");
        envelope.AddText(service);
        foreach (var (name, value) in arguments)
        {
            envelope.Add(",");
            envelope.AddText(name);
            envelope.Add(":");
            envelope.AddText(value);
        }

        if (data is not null)
        {
            envelope.Add(",\"data\":");
            envelope.AddArray(data);
        }

        envelope.Add("}");
        return envelope;
    }

    /// <summary>The bare array, as relays take it.</summary>
    public static Envelope Bare(IReadOnlyList<ReadOnlyMemory<byte>> data)
    {
        var envelope = new Envelope(hasSession: false, data);
        envelope.AddArray(data);
        return envelope;
    }

    /// <summary>Everything before <see cref="Tail"/>.</summary>
    public ReadOnlyMemory<byte> Head(string token) => HasSession ? Encoding.UTF8.GetBytes($"{{\"session\":{JsonConvert.ToString(token)}") : default;

    /// <summary>SHA-256 of the body with an empty session, so that all attempts of the same records have the same hash.</summary>
    public ContentHash Hash() => ContentHash.Of(_rented.AsSpan(0, _length));

    /// <summary>Its bytes are about to be read by somebody who may not be done with them when his call ends.</summary>
    public void Lend() => _lent++;

    /// <summary>Whoever it was lent to is certainly done.</summary>
    public void Regain() => _lent--;

    /// <summary>What was lent and not regained is left to the garbage collector: in the pool the bytes of another call would take its place on the wire.</summary>
    public void Dispose()
    {
        var rented = _rented;
        _rented = [];
        _length = 0;
        if (rented.Length > 0 && _lent == 0)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int LengthOf(IReadOnlyList<ReadOnlyMemory<byte>>? data)
    {
        var length = 0;
        for (var i = 0; i < data?.Count; i++)
        {
            length += data[i].Length + 1;
        }

        return length;
    }

    private void AddArray(IReadOnlyList<ReadOnlyMemory<byte>> data)
    {
        Add("[");
        for (var i = 0; i < data.Count; i++)
        {
            if (i > 0)
            {
                Room(1)[0] = (byte)',';
            }

            data[i].Span.CopyTo(Room(data[i].Length));
        }

        Add("]");
    }

    private void AddText(string value) => Add(JsonConvert.ToString(value));

    private void Add(string text) => Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetByteCount(text)));

    private Span<byte> Room(int length)
    {
        if (_rented.Length - _length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_rented.Length * 2, _length + length));
            _rented.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = larger;
        }

        var room = _rented.AsSpan(_length, length);
        _length += length;
        return room;
    }
}
