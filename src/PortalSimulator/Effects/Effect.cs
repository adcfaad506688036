using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace PortalSimulator.Effects;

/// <summary>One record really applied.</summary>
/// <param name="Seq">From 1, without gaps.</param>
/// <param name="Key">MaHoSo, or MADVC; of a progress row its dossier, so that only <paramref name="Sha256"/> tells the step.</param>
/// <param name="Kind"><c>create</c>, <c>update</c> or <c>append</c>.</param>
/// <param name="Sha256">Of the record's bytes exactly as they came, lower-case hex.</param>
/// <param name="Raw">The record exactly as it came.</param>
internal sealed record Effect(long Seq, DateTime Time, string Service, string Key, string Kind, string Sha256, string Raw)
{
    /// <param name="line">A line of <c>effects.ndjson</c>, without its end.</param>
    /// <exception cref="JsonException">It is no such line.</exception>
    public static Effect Parse(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        long? seq = null;
        string? time = null, service = null, key = null, kind = null, sha256 = null, raw = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "seq":
                    seq = reader.GetInt64();
                    break;
                case "time":
                    time = reader.GetString();
                    break;
                case "service":
                    service = reader.GetString();
                    break;
                case "key":
                    key = reader.GetString();
                    break;
                case "kind":
                    kind = reader.GetString();
                    break;
                case "sha256":
                    sha256 = reader.GetString();
                    break;
                case "raw":
                    raw = reader.GetString();
                    break;
                default:
                    throw new JsonException($"An effect has no '{name}'.");
            }
        }

        if (reader.Read() || seq is null || time is null || service is null || key is null || kind is null || sha256 is null || raw is null)
        {
            throw new JsonException("The line is no whole effect.");
        }

        return new Effect(
            seq.Value,
            DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
            service, key, kind, sha256, raw);
    }
}

/// <summary>A record about to be applied.</summary>
/// <param name="Digest">SHA-256 of <paramref name="Raw"/>, 32 bytes.</param>
internal readonly record struct NewEffect(string Service, string Key, string Kind, byte[] Digest, ReadOnlyMemory<byte> Raw)
{
    /// <summary>Enough of the digest to tell versions apart in memory.</summary>
    public UInt128 Version => VersionOf(Digest);

    public static UInt128 VersionOf(ReadOnlySpan<byte> digest) => BinaryPrimitives.ReadUInt128BigEndian(digest);
}
