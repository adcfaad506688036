using Microsoft.Extensions.Time.Testing;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class LoginTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_login_gives_a_session_that_opens_the_portal()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);

        Assert.Equal(0, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(1, portal.Summary().Logins);
    }

    [Theory]
    [InlineData("province", "wrong")]
    [InlineData("wrong", "simulated")]
    public async Task A_wrong_login_is_refused_and_counted_apart(string username, string password)
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = new PortalClient(portal.Url);

        var answer = await client.LoginAsync(username, password);

        Assert.Equal(-7, PortalClient.Code(answer));
        Assert.Null(answer["session"]);
        Assert.Equal((0, 1), (portal.Summary().Logins, portal.Summary().RefusedLogins));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public async Task Without_an_open_session_nothing_is_applied(string? session)
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = new PortalClient(portal.Url) { Session = session };

        var answer = await client.CreateAsync(Sample.Dossier("HS-1"));

        Assert.Equal(-2, PortalClient.Code(answer));
        Assert.Contains("session", (string?)answer["message"], StringComparison.Ordinal);
        Assert.Equal(0, portal.Summary().Effects);
    }

    [Fact]
    public async Task A_session_ends_ten_minutes_after_its_login_however_much_it_is_used()
    {
        var clock = new FakeTimeProvider();
        await using var portal = await Portal.StartAsync(new PortalOptions { Clock = clock }, Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);

        clock.Advance(TimeSpan.FromMinutes(9.9));
        Assert.Equal(0, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-1"))));
        clock.Advance(TimeSpan.FromMinutes(0.2));

        Assert.Equal(-2, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-2"))));
    }

    [Fact]
    public async Task A_second_login_leaves_the_first_session_open()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var first = await PortalClient.LoggedInAsync(portal.Url);
        using var second = await PortalClient.LoggedInAsync(portal.Url);

        Assert.NotEqual(first.Session, second.Session);
        Assert.Equal(0, PortalClient.Code(await first.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(0, PortalClient.Code(await second.CreateAsync(Sample.Dossier("HS-2"))));
    }

    [Fact]
    public async Task Forgotten_sessions_need_a_new_login()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);

        Assert.Equal(System.Net.HttpStatusCode.NoContent, await client.ControlAsync(HttpMethod.Delete, "/sim/sessions"));

        Assert.Equal(-2, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-1"))));
    }
}
