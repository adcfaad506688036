using Integration.Deliver;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("120", 120)]
    [InlineData(" 7 ", 7)]
    [InlineData("0", 0)]
    [InlineData("Mon, 02 Mar 2026 08:00:30 GMT", 30)]
    [InlineData("Monday, 02-Mar-26 08:00:30 GMT", 30)]
    [InlineData("Mon Mar 2 08:00:30 2026", 30)]
    [InlineData("Mon, 02 Mar 2026 07:00:00 GMT", 0)]
    [Trait("Fault", "H4")]
    public void A_form_of_the_standard_is_obeyed_exactly(string header, int seconds) =>
        Assert.Equal(new RetryAfter(TimeSpan.FromSeconds(seconds)), RetryAfter.Read(header, Now, TimeSpan.FromHours(24)));

    [Theory]
    [InlineData("864000")]
    [InlineData("Thu, 12 Mar 2026 08:00:00 GMT")]
    [Trait("Fault", "H4")]
    public void Ten_days_are_held_to_the_limit_and_said_so(string header) =>
        Assert.Equal(new RetryAfter(TimeSpan.FromHours(24), TimeSpan.FromDays(10)), RetryAfter.Read(header, Now, TimeSpan.FromHours(24)));

    [Fact]
    public void A_number_no_clock_can_hold_is_held_to_the_limit() =>
        Assert.Equal(TimeSpan.FromHours(24), RetryAfter.Read("99999999999999999999", Now, TimeSpan.FromHours(24)).Wait);

    [Theory]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("1.5")]
    [InlineData("120s")]
    [InlineData("5, 10")]
    [InlineData("2026-03-02T08:00:30Z")]
    [Trait("Fault", "H4")]
    public void Anything_else_is_called_unreadable(string header) =>
        Assert.Equal(new RetryAfter(null, IsUnreadable: true), RetryAfter.Read(header, Now, TimeSpan.FromHours(24)));

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void No_header_asks_for_nothing(string? header) => Assert.Equal(default, RetryAfter.Read(header, Now, TimeSpan.FromHours(24)));
}
