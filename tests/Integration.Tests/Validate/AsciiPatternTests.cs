using System.Text;
using CsCheck;
using Integration.Validate;
using Xunit;

namespace Integration.Tests.Validate;

/// <summary>The table says yes where the regular expression does; no and "cannot tell" are left to it.</summary>
public sealed class AsciiPatternTests
{
    [Theory]
    [InlineData("^[A-Za-z0-9.]+-[0-9]{6}([0-9]{2})?-[0-9]{4,}$", "A0.-3z")]
    [InlineData("^([0-9]{9}|[0-9]{12})$", "07")]
    [InlineData("^https?://", "htps:/x ")]
    [InlineData("^[0-9]+(\\.[0-9]+)?$", "01.")]
    [InlineData("^[A-C]\\d+$", "ABD19")]
    [InlineData("^\\w{2,3}$", "aZ_9-")]
    [InlineData("^(?:a|ab)(c|bcd)*d?$", "abcd")]
    [InlineData("^(a*)*b$", "ab")]
    [InlineData("^(|x)y?$", "xy")]
    [InlineData("^a{0}b{0,2}[-a]$", "ab-")]
    [InlineData("^[+\\-.\\]]+\\$$", "+-.]$")]
    [InlineData("^a\\\\z", "a\\z")]
    [InlineData("^$", "a")]
    [InlineData("^", "a")]
    public void It_agrees_with_the_regular_expression(string ecma, string letters)
    {
        var regex = EcmaPattern.Compile(ecma);
        var table = AsciiPattern.Of(regex.ToString());
        Assert.NotNull(table);
        Gen.OneOf([.. letters.Select(static c => Gen.Const(c))]).Array[0, 14].Select(static c => new string(c))
            .Sample(text => Assert.Equal(regex.IsMatch(text), table.Takes(Encoding.UTF8.GetBytes(text))), iter: 2_000);
    }

    [Theory]
    [InlineData("a$")]
    [InlineData("^a|b$")]
    [InlineData("^a$b")]
    [InlineData("^a.b$")]
    [InlineData("^[^a]$")]
    [InlineData("^[a-z-[b]]$")]
    [InlineData("^a*?$")]
    [InlineData("^(?=a)a$")]
    [InlineData("^(a)\\1$")]
    [InlineData("^\\s$")]
    [InlineData("^\\bx$")]
    [InlineData("^ấ$")]
    [InlineData("^[\\D]$")]
    [InlineData("^(a{100}){100}$")]
    [InlineData("^a{1000}$")]
    [InlineData("^(a|b)*a(a|b){12}$")]
    [InlineData("^[\\--a]$")]
    [InlineData("^\\<a>$")]
    public void What_is_beyond_it_is_left_to_the_regular_expression(string pattern) => Assert.Null(AsciiPattern.Of(pattern.Replace("$", "\\z", StringComparison.Ordinal)));

    [Fact]
    public void Text_that_is_no_ascii_is_not_for_it_to_take()
    {
        Assert.False(AsciiPattern.Of("^[a-z]+\\z")!.Takes("aế"u8));
        Assert.True(AsciiPattern.Of("^https?://")!.Takes("https://một-cửa"u8));
    }
}
