using System.Buffers.Text;
using System.Text;
using Integration.Records;

namespace Integration.Map;

/// <summary>Turns clean text into the numbers and flags a contract may ask for. What is not exactly one of them is refused, never rounded.</summary>
internal static class JsonScalar
{
    /// <summary>
    /// A whole number as people and programs write it: <c>0</c>, <c>-7</c>, <c>120000</c>. A numeric column may add zeros behind its point;
    /// leading zeros mean a code, not a number.
    /// </summary>
    public static bool TryInteger(ReadOnlySpan<byte> text, CellKind kind, out long value)
    {
        if (kind == CellKind.Number && text.IndexOf((byte)'.') is > 0 and var point && text[(point + 1)..].IndexOfAnyExcept((byte)'0') < 0)
        {
            text = text[..point];
        }

        value = 0;
        return IsWhole(text) && Utf8Parser.TryParse(text, out value, out var read) && read == text.Length;
    }

    /// <summary>A number as JSON writes it, so that its digits can be sent as they are.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> text)
    {
        var exponent = text.IndexOfAny((byte)'e', (byte)'E');
        if (exponent >= 0)
        {
            var power = text[(exponent + 1)..];
            if (!AreDigits(power is [(byte)'+' or (byte)'-', ..] ? power[1..] : power))
            {
                return false;
            }

            text = text[..exponent];
        }

        var point = text.IndexOf((byte)'.');
        if (point >= 0 && !AreDigits(text[(point + 1)..]))
        {
            return false;
        }

        var whole = point < 0 ? text : text[..point];
        return IsWhole(whole) || whole.SequenceEqual("-0"u8);
    }

    public static bool TryBoolean(ReadOnlySpan<byte> text, out bool value)
    {
        value = text is [(byte)'1'] || Ascii.EqualsIgnoreCase(text, "true"u8);
        return value || text is [(byte)'0'] || Ascii.EqualsIgnoreCase(text, "false"u8);
    }

    private static bool IsWhole(ReadOnlySpan<byte> text)
    {
        var digits = text is [(byte)'-', _, ..] ? text[1..] : text;
        return AreDigits(digits) && (digits[0] != '0' || text.Length == 1);
    }

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
}
