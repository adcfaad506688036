using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Integration.Deliver;

/// <summary>A code of a receiver in the one form it is compared in: <c>0</c>, <c>"0"</c>, <c>"00"</c> and <c>" 0 "</c> are the same code.</summary>
internal static class ReplyCode
{
    /// <returns>Null when the token holds no code.</returns>
    public static string? Read(JToken? token) => token switch
    {
        JValue { Type: JTokenType.String, Value: string text } => Normalise(text),
        JValue { Type: JTokenType.Integer or JTokenType.Float } number => Normalise(Convert.ToString(number.Value, CultureInfo.InvariantCulture)),
        _ => null,
    };

    public static string? Normalise(string? text)
    {
        var trimmed = text?.Trim();
        if (string.IsNullOrEmpty(trimmed))
        {
            return null;
        }

        if (trimmed is [>= '0' and <= '9'])
        {
            return trimmed;
        }

        var isNumber = decimal.TryParse(trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value);
        if (!isNumber)
        {
            return trimmed;
        }

        return value == 0 ? "0" : value.ToString("0.############################", CultureInfo.InvariantCulture);
    }
}
