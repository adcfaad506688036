using Integration.Deliver;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class TriageTests
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("101 204 206 301 302 307 308 408 500 502 503 504 507 599", "Unknown")]
    [InlineData("429", "TryLater")]
    [InlineData("401 403 404 405 407 421 431", "NotSent")]
    [InlineData("400 409 410 413 415 422", "Refused")]
    public void A_status_alone_means(string statuses, string verdict) =>
        Assert.All(statuses.Split(' '), s => Assert.Equal(Enum.Parse<Verdict>(verdict), Triage.ByStatus(int.Parse(s, System.Globalization.CultureInfo.InvariantCulture), null, s_rest).Verdict));

    [Fact]
    public void No_status_alone_ever_means_accepted() =>
        Assert.DoesNotContain(Enumerable.Range(100, 900), s => Triage.ByStatus(s, null, s_rest).Verdict is Verdict.Accepted or Verdict.AlreadyThere or Verdict.NotThere);

    [Fact]
    public void Every_end_without_an_answer_is_told_in_both_languages() => Assert.All(
        Enum.GetValues<HttpEnd>().Where(e => e != HttpEnd.Answered), e => Assert.Contains(" / ", Triage.ByEnd(new HttpReply(e))!.Value.Message, StringComparison.Ordinal));
}
