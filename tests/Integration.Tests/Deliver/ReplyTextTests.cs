using Integration.Deliver;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class ReplyTextTests
{
    [Theory]
    [InlineData("CCCD 001099000123 sai", "CCCD ***123 sai")]
    [InlineData("CMND 012345678", "CMND ***678")]
    [InlineData("Hồ sơ H60-260302-0001 đã tồn tại", "Hồ sơ H60-260302-0001 đã tồn tại")]
    [InlineData("a\r\nb\u202Ec", "a  b c")]
    [InlineData(null, "")]
    public void Messages_from_outside_lose_long_numbers_and_control_characters(string? text, string shown) => Assert.Equal(shown, ReplyText.Clean(text));

    [Fact]
    public void Messages_are_capped() => Assert.Equal(500, ReplyText.Clean(new string('x', 300_000)).Length);

    [Fact]
    public void A_number_the_cap_cuts_through_is_not_shown() =>
        Assert.EndsWith("x ***", ReplyText.Clean(new string('x', 494) + " 001099000123"), StringComparison.Ordinal);
}
