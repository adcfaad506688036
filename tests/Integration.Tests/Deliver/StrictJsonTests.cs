using System.Text;
using Integration.Deliver;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":\"x")]
    [InlineData("{\"a\":1}{\"a\":1}")]
    [InlineData("{\"a\":1} trailing")]
    [InlineData("[{\"a\":1}]")]
    [InlineData("\"0\"")]
    [InlineData("0")]
    [InlineData("<html></html>")]
    [InlineData("{\"a\":1e999}")]
    public void What_does_not_say_one_thing_is_not_read(string body) => Assert.Null(StrictJson.Object(Encoding.UTF8.GetBytes(body), null));

    [Fact]
    public void What_is_too_deep_is_not_read() =>
        Assert.Null(StrictJson.Object(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000)));

    [Theory]
    [InlineData(null)]
    [InlineData("utf-8")]
    [InlineData("UTF8")]
    public void A_mark_at_the_start_is_no_part_of_the_answer(string? charset) =>
        Assert.Equal("đã", (string?)StrictJson.Object([0xEF, 0xBB, 0xBF, .. "{\"a\":\"đã\"}"u8], charset)?["a"]);

    [Fact]
    public void The_character_set_is_respected() => Assert.Equal("đã", (string?)StrictJson.Object(Encoding.Unicode.GetBytes("{\"a\":\"đã\"}"), "utf-16")?["a"]);

    [Theory]
    [InlineData(null)]
    [InlineData("klingon-8")]
    public void Bytes_that_do_not_fit_the_character_set_are_not_read(string? charset) => Assert.Null(StrictJson.Object([.. "{\"a\":\""u8, 0xFF, 0xFE, .. "\"}"u8], charset));

    [Fact]
    public void Dates_stay_texts() => Assert.Equal("2026-03-02T08:00:00Z", StrictJson.Object("{\"a\":\"2026-03-02T08:00:00Z\"}")!["a"]!.ToString());
}
