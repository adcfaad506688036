using System.Text;
using System.Text.Encodings.Web;
using CsCheck;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Records;

public sealed class PlainTextTests
{
    private static readonly Gen<string> Plain = Gen.OneOf("a", "z~", " ", "ế", "ữ", "Đ", "ơ", "“", "…", "–", "º").Array[0, 40].Select(string.Concat);

    private static readonly Gen<string> Texts = Gen.OneOf(
        Plain,
        Gen.Select(Plain, Gen.OneOf("\"", "\\", "\n", "\u00A0", "\u007F", "\u0301", "\u1E9F", "\u1EFA", "\u200F", "\u2028", "€", "😀"), Plain).Select(static (a, b, c) => a + b + c));

    [Fact]
    public void Plain_is_what_nfc_leaves_and_json_writes_as_it_is()
    {
        for (var code = 0; code <= char.MaxValue; code++)
        {
            var text = $"a{(char)code}";
            if (char.IsSurrogate((char)code))
            {
                continue;
            }

            var isPlain = PlainText.Measure(Encoding.UTF8.GetBytes(text)) >= 0;
            Assert.Equal(isPlain, StableChars.All.Contains((char)code) && JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) == text);
            Assert.False(isPlain && code != ' ' && char.IsWhiteSpace((char)code));
        }
    }

    [Fact]
    public void Its_length_is_counted_in_chars_wherever_in_it_a_letter_stands()
    {
        Texts.Sample(
            static text =>
            {
                var isPlain = text.All(static c => !char.IsSurrogate(c) && PlainText.Measure(Encoding.UTF8.GetBytes([c])) >= 0);
                Assert.Equal(isPlain ? text.Length : -1, PlainText.Measure(Encoding.UTF8.GetBytes(text)));
            }, iter: 20_000);
    }
}
