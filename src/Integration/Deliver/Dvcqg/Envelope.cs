using System.Buffers;
using System.Security.Cryptography;
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
    private byte[] _rented = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    private Envelope(bool hasSession)
    {
        HasSession = hasSession;
    }

    public bool HasSession { get; }

    /// <summary>Everything after the session.</summary>
    public ReadOnlyMemory<byte> Tail => _rented.AsMemory(0, _length);

    /// <summary><c>{"session":…,"madonvi":…,"service":…,arguments…}</c>, and <c>"data":[…]</c> when there is data.</summary>
    public static Envelope Wrapped(string unit, string service, IEnumerable<KeyValuePair<string, string>> arguments, IReadOnlyList<ReadOnlyMemory<byte>>? data)
    {
        var envelope = new Envelope(hasSession: true);
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
        var envelope = new Envelope(hasSession: false);
        envelope.AddArray(data);
        return envelope;
    }

    /// <summary>Everything before <see cref="Tail"/>.</summary>
    public ReadOnlyMemory<byte> Head(string token) => HasSession ? Encoding.UTF8.GetBytes($"{{\"session\":{JsonConvert.ToString(token)}") : default;

    /// <summary>SHA-256 of the body with an empty session, so that all attempts of the same records have the same hash.</summary>
    public ContentHash Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Head("").Span);
        hash.AppendData(Tail.Span);
        Span<byte> digest = stackalloc byte[ContentHash.Size];
        hash.GetHashAndReset(digest);
        return ContentHash.Read(digest);
    }

    public void Dispose()
    {
        var rented = _rented;
        _rented = [];
        _length = 0;
        if (rented.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void AddArray(IReadOnlyList<ReadOnlyMemory<byte>> data)
    {
        Add("[");
        for (var i = 0; i < data.Count; i++)
        {
            if (i > 0)
            {
                Add(",");
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
