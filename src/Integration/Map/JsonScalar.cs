using System.Globalization;
using Integration.Records;

namespace Integration.Map;

/// <summary>Turns clean text into the numbers and flags a contract may ask for. What is not exactly one of them is refused, never rounded.</summary>
internal static class JsonScalar
{
    /// <summary>
    /// A whole number as people and programs write it: <c>0</c>, <c>-7</c>, <c>120000</c>. A numeric column may add zeros behind its point;
    /// leading zeros mean a code, not a number.
    /// </summary>
    public static bool TryInteger(ReadOnlySpan<char> text, CellKind kind, out long value)
    {
        if (kind == CellKind.Number && text.IndexOf('.') is > 0 and var point && text[(point + 1)..].IndexOfAnyExcept('0') < 0)
        {
            text = text[..point];
        }

        value = 0;
        return IsWhole(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A number as JSON writes it, so that its digits can be sent as they are.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text)
    {
        var exponent = text.IndexOfAny('e', 'E');
        if (exponent >= 0)
        {
            var power = text[(exponent + 1)..];
            if (!AreDigits(power is ['+' or '-', ..] ? power[1..] : power))
            {
                return false;
            }

            text = text[..exponent];
        }

        var point = text.IndexOf('.');
        if (point >= 0 && !AreDigits(text[(point + 1)..]))
        {
            return false;
        }

        var whole = point < 0 ? text : text[..point];
        return IsWhole(whole) || whole is "-0";
    }

    public static bool TryBoolean(ReadOnlySpan<char> text, out bool value)
    {
        value = text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return value || text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsWhole(ReadOnlySpan<char> text)
    {
        var digits = text is ['-', _, ..] ? text[1..] : text;
        return AreDigits(digits) && (digits[0] != '0' || text.Length == 1);
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;
}
