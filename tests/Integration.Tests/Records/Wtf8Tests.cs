using System.Text;
using CsCheck;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Records;

public sealed class Wtf8Tests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String, Gen.OneOf("a", "ế", "😀", "\uD800", "\uDBFF", "\uDC00", "\uDFFF", "\uFFFD", "\uFFFF", "\0").Array[0, 8].Select(string.Concat));

    [Fact]
    public void Every_text_comes_back_as_it_was_halves_of_pairs_too()
    {
        var page = new RowPage(new RowShape(["c"]));
        Texts.Sample(
            text =>
            {
                page.Clear();
                page.AddText(text);
                page.EndRow();
                Assert.Equal(text, page.Text(page[0, 0]));
                var chars = new char[page[0, 0].Length];
                Assert.Equal(text, new string(chars, 0, Wtf8.Decode(page.Utf8(page[0, 0]), chars)));
            }, iter: 5_000, threads: 1);
    }

    [Fact]
    public void Text_that_is_unicode_is_its_utf8()
    {
        Texts.Where(static t => t.EnumerateRunes().All(static r => r != Rune.ReplacementChar)).Sample(
            static text =>
            {
                var bytes = new byte[Wtf8.RoomFor(text)];
                Assert.Equal(Encoding.UTF8.GetBytes(text), bytes[..Wtf8.Encode(text, bytes)]);
            }, iter: 2_000);
    }

    [Fact]
    public void A_long_text_has_room_enough()
    {
        var page = new RowPage(new RowShape(["c"]));
        foreach (var text in (string[])[new('a', 5_000), new('ế', 5_000), new('\uDC00', 5_000), string.Concat(Enumerable.Repeat("😀", 5_000))])
        {
            page.Clear();
            page.AddText(text);
            page.EndRow();
            Assert.Equal(text, page.Text(page[0, 0]));
        }
    }

    [Fact]
    public void A_source_that_gives_bytes_gives_no_half_of_a_pair()
    {
        var page = new RowPage(new RowShape(["c"]));
        foreach (var bytes in (byte[][])[[0xED, 0xA0, 0x80], [0x61, 0xED, 0xB0, 0x80], [0xFF], [0xC0, 0x80], [0xE1, 0xBA], [0xF5, 0x80, 0x80, 0x80]])
        {
            Assert.False(page.TryAddText(bytes));
            Assert.False(page.TryAddNumber(bytes));
        }

        Assert.Equal(0, page.TextLength);
        Assert.True(page.TryAddText("Nguyễn 😀"u8));
        page.EndRow();
        Assert.Equal("Nguyễn 😀", page.Text(page[0, 0]));
    }
}
