using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Integration.Deliver;

/// <summary>Reads an answer only if it says one thing: whole, one value, no name twice, not too deep, in the character set it claims.</summary>
internal static class StrictJson
{
    private const int MaxDepth = 32;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonLoadSettings Load = new()
    {
        DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error,
        CommentHandling = CommentHandling.Ignore,
        LineInfoHandling = LineInfoHandling.Ignore,
    };

    /// <returns>Null when it is not an object that can be trusted.</returns>
    public static JObject? Object(ReadOnlySpan<byte> body, string? charset) => Decode(body, charset) is { } text ? Object(text) : null;

    public static JObject? Object(string text)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(text))
            {
                MaxDepth = MaxDepth,
                DateParseHandling = DateParseHandling.None,
                FloatParseHandling = FloatParseHandling.Decimal,
            };
            if (!reader.Read() || reader.TokenType != JsonToken.StartObject)
            {
                return null;
            }

            var value = JObject.Load(reader, Load);
            return reader.Read() ? null : value;
        }
        catch (Exception e) when (e is JsonException or OverflowException or FormatException)
        {
            return null;
        }
    }

    /// <returns>The answer's own bytes, without a mark at their start, when they are said to be UTF-8 or nothing is said; null for any other character set.</returns>
    public static ReadOnlyMemory<byte>? Utf8(ReadOnlyMemory<byte> body, string? charset)
    {
        var isUtf8 = string.IsNullOrEmpty(charset) || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase);
        if (!isUtf8)
        {
            return null;
        }

        return body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
    }

    /// <returns>Null for what is no text: half a surrogate pair.</returns>
    public static ReadOnlyMemory<byte>? Utf8(string text)
    {
        try
        {
            return s_strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    private static string? Decode(ReadOnlySpan<byte> body, string? charset)
    {
        try
        {
            var encoding = (Encoding)(string.IsNullOrEmpty(charset) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
                ? new UTF8Encoding()
                : Encoding.GetEncoding(charset)).Clone();
            encoding.DecoderFallback = DecoderFallback.ExceptionFallback;
            return encoding.GetString(body).TrimStart('\uFEFF');
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // DecoderFallbackException is an ArgumentException too.
            return null;
        }
    }
}
