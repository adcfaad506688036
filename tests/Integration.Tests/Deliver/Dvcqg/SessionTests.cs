using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Integration.Tests.Deliver.Dvcqg;

public sealed class SessionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Fault", "H3")]
    public async Task Twenty_lanes_that_begin_at_once_log_in_once()
    {
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => portal.Target(settings: ("MaxConcurrency", "20")).SendAsync(PortalStub.Batch($"A{i}"), Cancellation)));
        Assert.All(replies, r => Assert.Equal(Verdict.Accepted, r.Verdict));
        Assert.Equal((1, 20), (portal.Logins, portal.Calls.Count));
    }

    public static TheoryData<string> Expiries => new(
        MisbehavingServer.Answer("", "401 Unauthorized"),
        MisbehavingServer.Answer("""{"error_code":"-99","message":""}"""),
        MisbehavingServer.Answer("""{"error_code":"1","message":"PHIÊN làm việc không hợp lệ"}"""),
        MisbehavingServer.Answer("""{"error_code":"1","message":"Invalid Session"}"""),
        MisbehavingServer.Answer("""{"error_code":"1","message":"Đã hê\u0301t ha\u0323n"}"""));

    [Theory]
    [MemberData(nameof(Expiries))]
    [Trait("Fault", "H1")]
    public async Task Twenty_lanes_whose_session_ends_log_in_once_and_repeat_once_each(string expired)
    {
        var arrived = 0;
        var all = new TaskCompletionSource();
        await using var portal = new PortalStub(async (request, c) =>
        {
            if (PortalStub.SessionOf(request) != "S1")
            {
                return MisbehavingServer.Answer(PortalStub.Ok);
            }

            if (Interlocked.Increment(ref arrived) == 20)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(c.Stopped);
            return expired;
        });
        var target = portal.Target(new DvcqgOptions { Connection = "Portal", Service = "X", Codes = new() { ["-99"] = CodeMeaning.Session } }, settings: ("MaxConcurrency", "20"));
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => target.SendAsync(PortalStub.Batch($"A{i}"), Cancellation)));
        Assert.All(replies, r => Assert.Equal(Verdict.Accepted, r.Verdict));
        Assert.Equal((2, 40), (portal.Logins, portal.Calls.Count));
        Assert.All(portal.Calls.GroupBy(c => c.Text[(c.Text.IndexOf(',', StringComparison.Ordinal))..], StringComparer.Ordinal), g => Assert.Equal(2, g.Count()));
    }

    [Fact]
    public async Task A_call_that_waited_for_its_turn_goes_out_with_the_session_of_that_moment()
    {
        await using var portal = new PortalStub(r => PortalStub.SessionOf(r) == "S1" ? MisbehavingServer.Answer("", "401 Unauthorized") : MisbehavingServer.Answer(PortalStub.Ok));
        var target = portal.Target(settings: ("MaxConcurrency", "1"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => target.SendAsync(PortalStub.Batch($"A{i}"), Cancellation)));
        Assert.Single(portal.Calls, c => PortalStub.SessionOf(c) == "S1");
        Assert.Equal(2, portal.Logins);
    }

    [Fact]
    public async Task A_portal_that_ends_every_session_is_asked_twice_and_the_lane_pauses()
    {
        await using var portal = PortalStub.Answering("", "401 Unauthorized");
        var reply = await portal.Target().SendAsync(PortalStub.Batch("A"), Cancellation);
        Assert.Equal((Verdict.NotSent, 2, 2), (reply.Verdict, portal.Logins, portal.Calls.Count));
    }

    [Fact]
    public async Task A_refusal_about_data_that_only_sounds_like_a_session_costs_one_login_ever()
    {
        await using var portal = new PortalStub(r => MisbehavingServer.Answer("""{"error_code":"7","message":"Hồ sơ 12 đã hết hạn bổ sung"}"""));
        var target = portal.Target();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Verdict.Refused, (await target.SendAsync(PortalStub.Batch($"A{i}"), Cancellation)).Verdict);
        }

        Assert.Equal((2, 6), (portal.Logins, portal.Calls.Count));
    }

    [Fact]
    public async Task An_answer_without_a_code_is_never_repeated_but_its_session_is_given_up()
    {
        await using var portal = PortalStub.Answering("""{"message":"Vui lòng đăng nhập lại"}""");
        var target = portal.Target();
        Assert.Equal(Verdict.Unknown, (await target.SendAsync(PortalStub.Batch("A"), Cancellation)).Verdict);
        Assert.Single(portal.Calls);
        await target.SendAsync(PortalStub.Batch("B"), Cancellation);
        Assert.Equal(2, portal.Logins);
    }

    [Theory]
    [InlineData("""{"error_code":"-1","message":"Sai mật khẩu"}""", "200 OK", "login--1")]
    [InlineData("""{"session":"","error_code":0}""", "200 OK", "login-0")]
    [InlineData("", "401 Unauthorized", "login-http-401")]
    [Trait("Fault", "H2")]
    public async Task Refused_credentials_are_not_tried_again_within_a_minute(string body, string status, string code)
    {
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        portal.Login = _ => MisbehavingServer.Answer(body, status);
        var clock = new FakeTimeProvider();
        var target = portal.Target(clock: clock);
        for (var i = 0; i < 10; i++)
        {
            var reply = await target.SendAsync(PortalStub.Batch("A"), Cancellation);
            Assert.Equal((Verdict.NotSent, code), (reply.Verdict, reply.Code));
            Assert.InRange(reply.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(1, portal.Logins);
        portal.Login = n => MisbehavingServer.Answer($$"""{"session":"S{{n}}"}""");
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(Verdict.Accepted, (await target.SendAsync(PortalStub.Batch("A"), Cancellation)).Verdict);
    }

    [Fact]
    public async Task A_login_page_instead_of_a_session_sends_nothing_and_may_be_tried_at_once()
    {
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        portal.Login = n => n == 1 ? MisbehavingServer.Answer("<html>") : MisbehavingServer.Answer("""{"session":"S2"}""");
        var target = portal.Target();
        Assert.Equal((Verdict.NotSent, 0), ((await target.SendAsync(PortalStub.Batch("A"), Cancellation)).Verdict, portal.Calls.Count));
        Assert.Equal(Verdict.Accepted, (await target.SendAsync(PortalStub.Batch("A"), Cancellation)).Verdict);
    }

    [Fact]
    public async Task A_changed_password_file_needs_no_restart()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "cũ\n", Cancellation);
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        var clock = new FakeTimeProvider();
        var target = portal.Target(clock: clock, settings: [("Password", ""), ("PasswordFile", file)]);
        await target.SendAsync(PortalStub.Batch("A"), Cancellation);
        await File.WriteAllTextAsync(file, "mới\n", Cancellation);
        clock.Advance(TimeSpan.FromMinutes(11));
        await target.SendAsync(PortalStub.Batch("A"), Cancellation);
        Assert.Equal(["cũ", "mới"], portal.LoginRequests.Select(r => (string)Newtonsoft.Json.Linq.JObject.Parse(r.Text)["password"]!).Order(StringComparer.Ordinal));

        File.Delete(file);
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal((Verdict.NotSent, "password-file"), ((await target.SendAsync(PortalStub.Batch("A"), Cancellation)) is var r ? (r.Verdict, r.Code) : default));
    }
}
