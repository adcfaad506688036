using Integration.Deliver;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class ReplyCodeTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("\"0\"", "0")]
    [InlineData("\"00\"", "0")]
    [InlineData("\" 0 \"", "0")]
    [InlineData("0.0", "0")]
    [InlineData("\"-0\"", "0")]
    [InlineData("\"+0\"", "0")]
    [InlineData("-3", "-3")]
    [InlineData("\"-3\"", "-3")]
    [InlineData("\" -03 \"", "-3")]
    [InlineData("\"ERR01\"", "ERR01")]
    [InlineData("\"99999999999999999999999999999999\"", "99999999999999999999999999999999")]
    public void Every_form_of_a_code_is_the_same_code(string json, string code) => Assert.Equal(code, ReplyCode.Read(JToken.Parse(json)));

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"  \"")]
    [InlineData("false")]
    [InlineData("true")]
    [InlineData("[0]")]
    [InlineData("{}")]
    public void What_is_no_code_is_never_zero(string json) => Assert.Null(ReplyCode.Read(JToken.Parse(json)));
}
