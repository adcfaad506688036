using System.Buffers.Binary;

namespace Integration.Extract.Sql;

/// <summary>
/// Writes a <c>numeric</c> as the server shows it, from its binary form: count, weight, sign and scale of two bytes each, then digits to the
/// base of 10,000. See <c>numeric_send</c> in PostgreSQL's sources.
/// </summary>
internal sealed class PostgresNumeric
{
    private const int DigitsAt = 4 * sizeof(short);
    private const int PerDigit = 4;
    private const ushort Negative = 0x4000;

    private byte[] _text = new byte[64];

    /// <returns>ASCII, good until the next one is written; <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> too.</returns>
    public ReadOnlySpan<byte> Write(ReadOnlySpan<byte> value)
    {
        var (count, weight) = (BinaryPrimitives.ReadUInt16BigEndian(value), BinaryPrimitives.ReadInt16BigEndian(value[2..]));
        var (sign, scale) = (BinaryPrimitives.ReadUInt16BigEndian(value[4..]), BinaryPrimitives.ReadInt16BigEndian(value[6..]));
        if (sign is not (0 or Negative))
        {
            return sign switch { 0xD000 => "Infinity"u8, 0xF000 => "-Infinity"u8, _ => "NaN"u8 };
        }

        var whole = Math.Max(0, weight + 1);
        var room = 2 + PerDigit * Math.Max(1, whole) + scale + PerDigit;
        if (_text.Length < room)
        {
            _text = new byte[2 * room];
        }

        var at = 0;
        if (sign == Negative)
        {
            _text[at++] = (byte)'-';
        }

        var start = at;
        for (var i = 0; i < whole; i++)
        {
            at = Append(at, DigitAt(value, i, count));
        }

        // The first digit is written without its leading zeros, but a zero before the point stays.
        var zeros = _text.AsSpan(start, at - start).IndexOfAnyExcept((byte)'0') is >= 0 and var first ? first : at - start;
        _text.AsSpan(start + zeros, at - start - zeros).CopyTo(_text.AsSpan(start));
        at -= zeros;
        if (at == start)
        {
            _text[at++] = (byte)'0';
        }

        if (scale == 0)
        {
            return _text.AsSpan(0, at);
        }

        _text[at++] = (byte)'.';
        var end = at + scale;
        for (var i = weight + 1; at < end; i++)
        {
            at = Append(at, DigitAt(value, i, count));
        }

        return _text.AsSpan(0, end);
    }

    private int Append(int at, int digit)
    {
        for (var i = PerDigit - 1; i >= 0; i--)
        {
            (digit, var last) = Math.DivRem(digit, 10);
            _text[at + i] = (byte)('0' + last);
        }

        return at + PerDigit;
    }

    private static int DigitAt(ReadOnlySpan<byte> value, int index, int count) =>
        index < 0 || index >= count ? 0 : BinaryPrimitives.ReadInt16BigEndian(value[(DigitsAt + index * sizeof(short))..]);
}
