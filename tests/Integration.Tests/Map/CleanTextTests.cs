using System.Text;
using CsCheck;
using Integration.Map;
using Xunit;

namespace Integration.Tests.Map;

public sealed class CleanTextTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.OneOf("a", " ", "\u00A0", "\t", "\n", "\r\n", "Nguyễn", "hòa", "hoà", "e\u0302\u0301", "o\u031B\u0323", "\u0301", "\uD83D\uDE00", "\uD800", "ﬁ", "\u2002", "\u0958", "\u0001", "“x”")
            .Array[0, 12].Select(string.Concat));

    [Theory]
    [InlineData("  Nguyễn Văn A\u00A0 ", "Nguyễn Văn A")]
    [InlineData("a\r\nb\tc", "a\nb\tc")]
    [InlineData("\t\r\n \u00A0", "")]
    [InlineData("hoà", "hoà")]
    [InlineData("😀 a", "😀 a")]
    [InlineData("e\u0302\u0301", "ế")]
    [InlineData("dòng 1\r\no\u031B\u0323", "dòng 1\nợ")]
    public void Text_is_brought_to_one_form(string raw, string clean) => Assert.Equal(clean, CleanText.Of(raw));

    [Theory]
    [InlineData("a\u0001b", '\u0001')]
    [InlineData("a\u0000", '\u0000')]
    [InlineData("ab\rc", '\r')]
    [InlineData("Việt\u009Fx", '\u009F')]
    public void A_control_character_is_named(string raw, char culprit)
    {
        var buffer = Array.Empty<char>();

        Assert.Equal(TextFlaw.ControlCharacter, CleanText.Clean(raw, ref buffer, out _, out var found));
        Assert.Equal(culprit, found);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_named()
    {
        var buffer = Array.Empty<char>();
        foreach (var raw in (string[])["a\uD83D", "\uD83Da", "\uDE00a", "Việt\uDE00\uD83D"])
        {
            Assert.Equal(TextFlaw.LoneSurrogate, CleanText.Clean(raw, ref buffer, out _, out var found));
            Assert.Equal(raw.First(char.IsSurrogate), found);
        }
    }

    [Fact]
    public void The_tone_marks_stay_where_the_source_put_them()
    {
        Assert.NotEqual(CleanText.Of("hòa"), CleanText.Of("hoà"));
    }

    [Fact]
    public void It_agrees_with_the_plain_way_of_doing_it()
    {
        Texts.Sample(raw => Assert.Equal(Plain(raw), CleanText.Of(raw)), iter: 20_000);
    }

    [Fact]
    public void Composed_and_decomposed_twins_are_one_text()
    {
        Texts.Where(t => CleanText.Of(t) is not null).Sample(
            raw => Assert.Equal(CleanText.Of(raw), CleanText.Of(raw.Normalize(NormalizationForm.FormD))), iter: 5_000);
    }

    [Fact]
    public void Cleaning_what_is_clean_changes_nothing()
    {
        Texts.Select(CleanText.Of).Sample(clean => Assert.Equal(clean, clean is null ? null : CleanText.Of(clean)), iter: 5_000);
    }

    private static string? Plain(string raw)
    {
        var text = raw.Trim();
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i == text.Length - 1 && i > 0 ? i - 1 : Math.Min(i, Math.Max(0, text.Length - 2))) && char.IsHighSurrogate(text[i]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]) || (char.IsControl(text[i]) && text[i] is not ('\n' or '\t') && !text.AsSpan(i).StartsWith("\r\n")))
            {
                return null;
            }
        }

        return text.Replace("\r\n", "\n", StringComparison.Ordinal).Normalize(NormalizationForm.FormC).Trim();
    }
}
