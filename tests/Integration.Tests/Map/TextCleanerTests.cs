using System.Text;
using CsCheck;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

/// <summary>Bytes are cleaned to what their chars are cleaned to, and refused for what these are refused for.</summary>
public sealed class TextCleanerTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.OneOf("a", "b c", " ", "\u00A0", "\t", "\n", "\r\n", "\r", "Nguyễn", "hòa", "e\u0302\u0301", "o\u031B\u0323", "\u0301", "😀", "\uD800", "\uDC00", "ﬁ", "\u2002", "\u0958", "\u0001", "“x”", "\"", "\\")
            .Array[0, 12].Select(string.Concat));

    [Fact]
    public void Bytes_are_cleaned_as_their_chars_are()
    {
        var cleaner = new TextCleaner();
        var (buffer, chars, page) = (Array.Empty<byte>(), Array.Empty<char>(), new RowPage(new RowShape(["c"])));
        Texts.Sample(
            text =>
            {
                page.Clear();
                page.AddText(text);
                var expected = CleanText.Clean(text, ref chars, out var wanted, out var culprit);
                Assert.Equal(expected, cleaner.Clean(page.Utf8(page[0, 0]), ref buffer, out var clean, out var found));
                Assert.Equal(culprit, found);
                if (expected == TextFlaw.None)
                {
                    Assert.Equal(wanted.ToString(), Encoding.UTF8.GetString(clean.Utf8));
                    Assert.Equal(wanted.Length, clean.Length);
                    Assert.True(!clean.IsPlain || PlainText.Measure(clean.Utf8) >= 0);
                }
            }, iter: 20_000, threads: 1);
    }

    [Fact]
    public void A_text_beyond_the_room_that_is_kept_is_cleaned_too()
    {
        var (cleaner, buffer) = (new TextCleaner(), Array.Empty<byte>());
        var text = $" {new string('ế', 100_000)}\n😀 ";
        Assert.Equal(TextFlaw.None, cleaner.Clean(Encoding.UTF8.GetBytes(text), ref buffer, out var clean, out _));
        Assert.Equal((text.Trim(), text.Length - 2), (clean.ToString(), clean.Length));
    }
}
