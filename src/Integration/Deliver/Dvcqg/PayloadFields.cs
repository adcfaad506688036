using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Integration.Deliver.Dvcqg;

/// <summary>Reads single fields of a payload, or of what the portal shows of it, in a form that can be compared.</summary>
internal static class PayloadFields
{
    /// <summary>The named fields at the top of an object, as texts; null for one that is missing, blank or not a single value.</summary>
    public static string?[] Read(ReadOnlyMemory<byte> payload, IReadOnlyList<string> names)
    {
        var found = new string?[names.Count];
        try
        {
            Fill(found, payload, names);
        }
        catch (JsonException)
        {
            // What cannot be read names no record; the answer to it stays open.
            return new string?[names.Count];
        }

        return found;
    }

    private static void Fill(string?[] found, ReadOnlyMemory<byte> payload, IReadOnlyList<string> names)
    {
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(payload.Span))) { DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Decimal };
        var left = names.Count;
        while (left > 0 && reader.Read())
        {
            if (reader.TokenType != JsonToken.PropertyName || reader.Depth != 1)
            {
                continue;
            }

            for (var i = 0; i < names.Count; i++)
            {
                if (names[i].Equals((string)reader.Value!, StringComparison.Ordinal) && reader.Read())
                {
                    found[i] = Text(reader.Value);
                    left--;
                    break;
                }
            }
        }
    }

    public static string?[] Read(JObject entry, IReadOnlyList<string> names) =>
        [.. names.Select(n => entry.GetValue(n, StringComparison.OrdinalIgnoreCase) is JValue value ? Text(value.Value) : null)];

    /// <summary>Trimmed and NFC; numbers and flags as JSON writes them. Null when there is nothing.</summary>
    public static string? Text(object? value)
    {
        var text = value switch
        {
            null => null,
            string s => ReplyText.Compose(s.Trim()),
            bool flag => flag ? "true" : "false",
            decimal number => ReplyCode.Normalise(number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
        };
        return string.IsNullOrEmpty(text) ? null : text;
    }
}
