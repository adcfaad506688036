using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PortalSimulator.Rules;

/// <summary>Reads one record against its schema in one pass, without a document tree.</summary>
internal static class RecordCheck
{
    private const int LongestShownName = 60;

    /// <param name="record">One JSON object of well-formed JSON and UTF-8.</param>
    /// <param name="key">The record's key; empty when it has none.</param>
    /// <returns>The first thing wrong with it, or null.</returns>
    public static Finding? Check(Schema schema, ReadOnlySpan<byte> record, out string key)
    {
        var reader = new Utf8JsonReader(record);
        reader.Read();
        string? found = null;
        Finding? finding;
        try
        {
            finding = CheckObject(ref reader, schema, ref found);
        }
        catch (InvalidOperationException)
        {
            // The reader says so of an escaped lone surrogate.
            finding = new Finding("not-text", "");
        }

        key = found ?? ReadText(record, schema.Key) ?? "";
        return finding;
    }

    /// <returns>The text of a top-level property, or null when it is missing, no text or unreadable.</returns>
    public static string? ReadText(ReadOnlySpan<byte> record, string name)
    {
        var reader = new Utf8JsonReader(record);
        reader.Read();
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var wanted = reader.ValueTextEquals(name);
                reader.Read();
                if (wanted)
                {
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }

                reader.Skip();
            }
        }
        catch (InvalidOperationException)
        {
            return null;
        }

        return null;
    }

    private static Finding? CheckObject(ref Utf8JsonReader reader, Schema schema, ref string? key)
    {
        var seen = 0UL;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var place = schema.Find(ref reader);
            if (place < 0)
            {
                var name = reader.GetString()!;
                return new Finding("unknown-field", name.Length > LongestShownName ? name[..LongestShownName] : name);
            }

            var field = schema[place];
            if ((seen & (1UL << place)) != 0)
            {
                return new Finding("duplicate-property", field.Name);
            }

            seen |= 1UL << place;
            reader.Read();
            if (CheckValue(ref reader, field) is { } finding)
            {
                return finding;
            }

            if (field.Name == schema.Key)
            {
                key = reader.GetString();
            }
        }

        var missing = schema.Required & ~seen;
        return missing == 0 ? null : new Finding("missing", schema[(int)ulong.TrailingZeroCount(missing)].Name);
    }

    private static Finding? CheckValue(ref Utf8JsonReader reader, Field field)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return field.Required || field.NotBlank ? new Finding("null", field.Name) : null;
        }

        switch (field.Kind)
        {
            case FieldKind.Text or FieldKind.Time:
                return reader.TokenType == JsonTokenType.String ? CheckText(ref reader, field) : WrongType(field);
            case FieldKind.Integer:
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out _) ? null : WrongType(field);
            case FieldKind.Boolean:
                return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? null : WrongType(field);
            case FieldKind.List:
                return reader.TokenType == JsonTokenType.StartArray ? CheckList(ref reader, field) : WrongType(field);
            default:
                reader.Skip();
                return null;
        }
    }

    private static Finding? CheckList(ref Utf8JsonReader reader, Field field)
    {
        string? none = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (field.Items is null)
            {
                reader.Skip();
            }
            else if (reader.TokenType != JsonTokenType.StartObject)
            {
                return WrongType(field);
            }
            else if (CheckObject(ref reader, field.Items, ref none) is { } finding)
            {
                return finding with { Field = $"{field.Name}[].{finding.Field}" };
            }
        }

        return null;
    }

    private static Finding? CheckText(ref Utf8JsonReader reader, Field field)
    {
        if (reader.ValueSpan.IsEmpty)
        {
            return field.NotBlank ? new Finding("blank", field.Name) : null;
        }

        if (reader.ValueIsEscaped || field.NotBlank || field.Form is not null || reader.ValueSpan.Length > field.Longest)
        {
            var text = reader.GetString()!;
            if (string.IsNullOrWhiteSpace(text) && field.NotBlank)
            {
                return new Finding("blank", field.Name);
            }

            if (text.Length > field.Longest)
            {
                return new Finding($"longer than {field.Longest.ToString(CultureInfo.InvariantCulture)}", field.Name, field.TooLongRefusesTheCall);
            }

            if (field.Form is not null && !field.Form.IsMatch(text))
            {
                return new Finding("wrong form", field.Name);
            }
        }

        return field.Kind == FieldKind.Time
            ? IsTime(reader.ValueSpan) ? null : new Finding("no yyyyMMddHHmmss time", field.Name)
            : field.Codes is null || IsOneOf(ref reader, field.Codes) ? null : new Finding("no known code", field.Name);
    }

    private static bool IsOneOf(ref Utf8JsonReader reader, string[] codes)
    {
        foreach (var code in codes)
        {
            if (reader.ValueTextEquals(code))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTime(ReadOnlySpan<byte> value)
    {
        Span<char> chars = stackalloc char[14];
        return value.Length == 14
            && Encoding.ASCII.TryGetChars(value, chars, out _)
            && DateTime.TryParseExact(chars, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    private static Finding WrongType(Field field) => new("wrong type", field.Name);
}
