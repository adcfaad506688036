using System.Text;
using System.Text.Json;
using Newtonsoft.Json.Linq;

namespace Integration.Deliver.Dvcqg;

/// <summary>Reads single fields of a payload, or of what the portal shows of it, in a form that can be compared.</summary>
internal static class PayloadFields
{
    /// <summary>The named fields at the top of an object, as texts; null for one that is missing, blank or not a single value.</summary>
    public static string?[] Read(ReadOnlySpan<byte> payload, IReadOnlyList<string> names)
    {
        var found = new string?[names.Count];
        try
        {
            Fill(found, payload, names);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What cannot be read names no record; the answer to it stays open.
            return new string?[names.Count];
        }

        return found;
    }

    private static void Fill(string?[] found, ReadOnlySpan<byte> payload, IReadOnlyList<string> names)
    {
        var reader = new Utf8JsonReader(payload);
        var left = names.Count;
        while (left > 0 && reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
            {
                continue;
            }

            for (var i = 0; i < names.Count; i++)
            {
                if (reader.ValueTextEquals(names[i]) && reader.Read())
                {
                    found[i] = Text(ref reader);
                    left--;
                    break;
                }
            }
        }
    }

    public static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => Text(reader.GetString()),
        JsonTokenType.True or JsonTokenType.False => Text(reader.GetBoolean()),
        JsonTokenType.Number when reader.TryGetInt64(out var whole) => Text(whole),
        JsonTokenType.Number when reader.TryGetDecimal(out var number) => Text(number),
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        _ => null,
    };

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
