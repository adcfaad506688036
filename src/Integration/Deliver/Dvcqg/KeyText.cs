using System.Text;
using System.Text.Json;

namespace Integration.Deliver.Dvcqg;

/// <summary>
/// What makes a record known in the portal's answers, as UTF-8: its fields in the form of <see cref="PayloadFields.Text(object?)"/>, one
/// after the other. Where the bytes stand in that form already they are not copied. Empty: it has none.
/// </summary>
internal static class KeyText
{
    private const byte Between = 0x1F;

    // In no text, so that it is equal to no record's key.
    private static readonly byte[] s_broken = [0xFF];

    /// <param name="parts">Room for as many as there are <see cref="EntryFields.KeyNames"/>.</param>
    public static ReadOnlyMemory<byte> Of(DeliveryItem item, DeliveryKind kind, EntryFields fields, Span<ReadOnlyMemory<byte>> parts) => kind == DeliveryKind.Withdraw
        ? Encode(PayloadFields.Text(item.Key)) ?? default
        : Read(item.Payload, fields, parts);

    /// <param name="text">What the reader reads.</param>
    /// <exception cref="InvalidOperationException">A text that is no text: half a surrogate pair.</exception>
    public static ReadOnlyMemory<byte> Of(ref Utf8JsonReader json, ReadOnlyMemory<byte> text) => json.TokenType switch
    {
        JsonTokenType.String when !json.ValueIsEscaped && IsInForm(json.ValueSpan) => text.Slice((int)json.TokenStartIndex + 1, json.ValueSpan.Length),
        JsonTokenType.Null or JsonTokenType.StartObject or JsonTokenType.StartArray => default,
        _ => Encode(PayloadFields.Text(ref json)) ?? default,
    };

    public static ReadOnlyMemory<byte> Join(ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        if (parts.Length == 1)
        {
            return parts[0];
        }

        var length = parts.Length - 1;
        foreach (var part in parts)
        {
            if (part.IsEmpty)
            {
                return default;
            }

            length += part.Length;
        }

        var joined = new byte[length];
        var at = 0;
        foreach (var part in parts)
        {
            if (at > 0)
            {
                joined[at++] = Between;
            }

            part.Span.CopyTo(joined.AsSpan(at));
            at += part.Length;
        }

        return joined;
    }

    public static ReadOnlyMemory<byte> Join(string?[] parts) => Join([.. parts.Select(static p => Encode(p) ?? s_broken)]);

    private static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> payload, EntryFields fields, Span<ReadOnlyMemory<byte>> parts)
    {
        parts.Clear();
        try
        {
            var json = new Utf8JsonReader(payload.Span);
            var left = parts.Length;
            while (left > 0 && json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1)
                {
                    continue;
                }

                for (var i = 0; i < parts.Length; i++)
                {
                    if (json.ValueTextEquals(fields.KeyNames[i]) && json.Read())
                    {
                        parts[i] = Of(ref json, payload);
                        left--;
                        break;
                    }
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What cannot be read names no record; the answer to it stays open.
            return default;
        }

        return Join(parts);
    }

    private static bool IsInForm(ReadOnlySpan<byte> text) => !text.IsEmpty && text[0] != ' ' && text[^1] != ' ' && Ascii.IsValid(text);

    private static ReadOnlyMemory<byte>? Encode(string? text) => text is null ? ReadOnlyMemory<byte>.Empty : StrictJson.Utf8(text);
}
