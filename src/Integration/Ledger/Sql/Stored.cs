using System.Data.Common;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Integration.Records;

namespace Integration.Ledger.Sql;

/// <summary>The stored forms of moments, hashes and texts.</summary>
internal static class Stored
{
    private const char EncodedMark = '\u0001';

    public static long Moment(DateTimeOffset value) => (value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset Moment(long stored) => DateTimeOffset.UnixEpoch.AddTicks(stored * TimeSpan.TicksPerMicrosecond);

    public static long Length(TimeSpan value) => value.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>
    /// A text both stores can hold: NUL and halves of surrogate pairs cannot be stored as text, and are replaced.
    /// </summary>
    public static string Text(string value)
    {
        if (IsClean(value))
        {
            return value;
        }

        var clean = value.ToCharArray();
        for (var i = 0; i < clean.Length; i++)
        {
            if (char.IsHighSurrogate(clean[i]) && i + 1 < clean.Length && char.IsLowSurrogate(clean[i + 1]))
            {
                i++;
            }
            else if (clean[i] == '\0' || char.IsSurrogate(clean[i]))
            {
                clean[i] = '\uFFFD';
            }
        }

        return new string(clean);
    }

    /// <summary>As <see cref="Text(string)"/>, but two different keys stay different: a replaced one gets a mark of its own form.</summary>
    public static string Key(string value) => IsClean(value)
        ? value
        : $"{Text(value)}~{Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(value.AsSpan())).AsSpan(0, 8))}";

    /// <summary>A text that must come back exactly as it was (a watermark may hold a key): what no store can hold is written in another form.</summary>
    public static string Exact(string value) =>
        IsClean(value) && !value.StartsWith(EncodedMark) ? value : EncodedMark + Convert.ToBase64String(MemoryMarshal.AsBytes(value.AsSpan()));

    public static string ReadExact(string stored) =>
        stored.StartsWith(EncodedMark) ? new string(MemoryMarshal.Cast<byte, char>(Convert.FromBase64String(stored[1..]))) : stored;

    /// <summary>128 bits of the SHA-256 of a key, which an index can hold however long the key is.</summary>
    public static Guid Hash(string key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (key.Length <= 256)
        {
            Span<byte> utf8 = stackalloc byte[key.Length * 3];
            SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], digest);
        }
        else
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(key), digest);
        }

        return new Guid(digest[..16]);
    }

    public static ContentHash ReadHash(DbDataReader reader, int ordinal) => ContentHash.Read(reader.GetFieldValue<byte[]>(ordinal));

    public static string? ReadText(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    public static DateTimeOffset? ReadMoment(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : Moment(reader.GetInt64(ordinal));

    // A pair of surrogates is looked at twice, which only costs time.
    private static bool IsClean(string value) => !value.Contains('\0') && (!Surrogates.AreIn(value) || IsWellPaired(value));

    private static bool IsWellPaired(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(value[i]))
            {
                return false;
            }
        }

        return true;
    }
}
