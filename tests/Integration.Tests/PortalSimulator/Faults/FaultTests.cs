using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.PortalSimulator.Faults;

/// <summary>What each fault puts on the wire, read from a socket, and what it leaves applied.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 5, 1, 0, 0, TimeSpan.Zero));
    private Portal _portal = null!;
    private PortalClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await Portal.StartAsync(new PortalOptions { Clock = _clock }, Token);
        _client = await PortalClient.LoggedInAsync(_portal.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Theory]
    [InlineData("answer-500", "HTTP/1.1 500", "text/html", false)]
    [InlineData("answer-502", "HTTP/1.1 502", "text/html", false)]
    [InlineData("answer-429", "HTTP/1.1 429", "text/html", false)]
    [InlineData("empty-200", "HTTP/1.1 200", "Content-Length: 0", false)]
    [InlineData("html-200", "HTTP/1.1 200", "Đăng nhập", false)]
    [InlineData("maintenance", "HTTP/1.1 503", "Retry-After: 30", false)]
    [InlineData("maintenance-200", "HTTP/1.1 200", "bảo trì", false)]
    [InlineData("redirect-302", "HTTP/1.1 302", "Location: /login.html", false)]
    [InlineData("refuse-all", "HTTP/1.1 200", "\"-5\"", false)]
    [InlineData("commit-then-500", "HTTP/1.1 500", "text/html", true)]
    public async Task A_fault_answers_in_the_portals_place(string mode, string status, string holds, bool applied)
    {
        Switch(new FaultRule { Mode = mode, Times = 1 });

        var answer = await SendAsync(Sample.Dossier("HS-1"));

        Assert.StartsWith(status, answer, StringComparison.Ordinal);
        Assert.Contains(holds, answer, StringComparison.Ordinal);
        Assert.Equal(applied ? 1 : 0, _portal.Summary().Effects);
        Assert.Equal(1, _portal.Summary().Faults[mode]);
        Assert.Equal((mode, applied ? 1 : 0), (_portal.Requests()[^1].Fault, _portal.Requests()[^1].Applied));
        Assert.Equal(applied ? -3 : 0, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"))));
    }

    [Theory]
    [InlineData("answer-500")]
    [InlineData("answer-502")]
    [InlineData("empty-200")]
    [InlineData("html-200")]
    [InlineData("maintenance-200")]
    public async Task Any_of_them_can_strike_after_applying(string mode)
    {
        Switch(new FaultRule { Mode = mode, When = "after" });

        await SendAsync(Sample.Dossier("HS-1"));

        Assert.Equal(1, _portal.Summary().Effects);
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task A_cut_answer_without_a_length_looks_whole_but_for_its_text(string when, int effects)
    {
        Switch(new FaultRule { Mode = "cut-body", When = when });

        var answer = await SendAsync(Sample.Dossier("HS-1"));

        Assert.StartsWith("HTTP/1.0 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Length", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", answer, StringComparison.Ordinal);
        Assert.EndsWith("""{"error_code":"0","me""", answer, StringComparison.Ordinal);
        Assert.Equal(effects, _portal.Summary().Effects);
    }

    [Fact]
    public async Task A_careless_client_takes_the_cut_answer_for_whole()
    {
        Switch(new FaultRule { Mode = "cut-body" });

        using var response = await _client.PostRawAsync("/mapi/g", _client.Envelope("DongBoHoSoMC", "False", Sample.Dossier("HS-1")));

        Assert.Equal("""{"error_code":"0","me""", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task A_cut_answer_with_a_length_promises_more_than_it_gives()
    {
        Switch(new FaultRule { Mode = "cut-body-length" });

        var answer = await SendAsync(Sample.Dossier("HS-1"));

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 43\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("""{"error_code":"0","me""", answer, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.CreateAsync(Sample.Dossier("HS-2")));
        Assert.Equal(2, _portal.Summary().Effects);
    }

    [Theory]
    [InlineData("drop", 0)]
    [InlineData("commit-then-drop", 1)]
    public async Task A_dropped_connection_gives_no_answer(string mode, int effects)
    {
        Switch(new FaultRule { Mode = mode });

        await Assert.ThrowsAsync<HttpRequestException>(() => _client.CreateAsync(Sample.Dossier("HS-1")));

        Assert.Equal(effects, _portal.Summary().Effects);
        Assert.Equal(2, _portal.Summary().Requests);
        Assert.Equal(0, _portal.Requests()[^1].Status);
    }

    [Theory]
    [InlineData("5", "5")]
    [InlineData("-1", "-1")]
    [InlineData("864000", "864000")]
    [InlineData("soon", "soon")]
    [InlineData("date+90", "Mon, 05 Jan 2026 01:01:30 GMT")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task Retry_after_takes_any_form(string? told, string? sent)
    {
        Switch(new FaultRule { Mode = "answer-429", RetryAfter = told });

        var answer = await SendAsync(Sample.Dossier("HS-1"));

        var header = answer.Split("\r\n").SingleOrDefault(l => l.StartsWith("Retry-After: ", StringComparison.Ordinal));
        Assert.Equal(sent, header?["Retry-After: ".Length..]);
    }

    [Fact]
    public async Task A_lost_session_ends_all_of_them()
    {
        using var other = await PortalClient.LoggedInAsync(_portal.Url);
        Switch(new FaultRule { Mode = "session-lost", Times = 1 });

        Assert.Equal(-2, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(-2, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(-2, PortalClient.Code(await other.CreateAsync(Sample.Dossier("HS-1"))));
        _client.Session = (string?)(await _client.LoginAsync())["session"];
        Assert.Equal(0, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(1, _portal.Summary().Effects);
    }

    [Fact]
    public async Task A_slow_portal_applies_what_it_was_sent_though_the_sender_has_left()
    {
        Switch(new FaultRule { Mode = "slow", DelayMs = 60_000 });
        using var impatient = new CancellationTokenSource();
        using var http = new HttpClient { BaseAddress = new Uri(_portal.Url) };
        using var content = new StringContent(_client.Envelope("DongBoHoSoMC", "False", Sample.Dossier("HS-1")), Encoding.UTF8, "application/json");
        var sending = http.PostAsync("/mapi/g", content, impatient.Token);
        await UntilAsync(() => _portal.Requests()[^1].Fault == "slow");

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(0, _portal.Summary().Effects);

        await UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(60));
            return _portal.Summary().Effects == 1;
        });
    }

    [Fact]
    public async Task A_slow_answer_comes_after_its_effect()
    {
        Switch(new FaultRule { Mode = "slow", DelayMs = 60_000, When = "after" });

        var sending = _client.CreateAsync(Sample.Dossier("HS-1"));
        await UntilAsync(() => _portal.Summary().Effects == 1);
        Assert.False(sending.IsCompleted);

        await UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(60));
            return sending.IsCompleted;
        });
        Assert.Equal(0, PortalClient.Code(await sending));
    }

    [Fact]
    public async Task A_fault_can_be_switched_over_http_for_one_service_and_off_again()
    {
        Assert.Equal(
            HttpStatusCode.NoContent,
            await _client.ControlAsync(
                HttpMethod.Put,
                "/sim/faults",
                """{"seed":7,"faults":[{"mode":"answer-429","rate":1,"service":"TraCuuHoSo","retryAfter":12},{"mode":"refuse-all","service":"login","code":"-42","message":"Không"}]}"""));

        Assert.Equal(0, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(-42, PortalClient.Code(await _client.LoginAsync()));
        using (var response = await _client.PostRawAsync("/mapi/g", $$"""{"session":"{{_client.Session}}","madonvi":"H00","service":"TraCuuHoSo","mahoso":"HS-1"}"""))
        {
            Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(12)), (response.StatusCode, response.Headers.RetryAfter?.Delta));
        }

        Assert.Equal(["answer-429", "refuse-all"], PortalClient.Parse(await _client.GetAsync("/sim/faults"))["faults"]!.Select(f => (string?)f["mode"]));
        await _client.ControlAsync(HttpMethod.Delete, "/sim/faults");
        Assert.Equal(0, PortalClient.Code(await _client.LoginAsync()));
    }

    [Fact]
    public async Task Every_mode_is_known_and_the_portal_outlives_them_all()
    {
        foreach (var mode in FaultModes.All.Where(m => m != FaultModes.Slow).Order(StringComparer.Ordinal))
        {
            Switch(new FaultRule { Mode = mode });
            await SendAsync(Sample.Dossier(mode));
        }

        _portal.Faults = new FaultPlan();
        _client.Session = (string?)(await _client.LoginAsync())["session"];
        Assert.Equal(0, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.DoesNotContain(_portal.Requests(), r => r.Code == "-99");
    }

    [Fact]
    public async Task The_relay_meets_the_same_faults()
    {
        Switch(new FaultRule { Mode = "maintenance-200" });

        var answer = await _client.PostAsync("/relay/DongBoHoSoMC?MaDinhDanhDV=H00&isUpdating=False", $"[{Sample.Dossier("HS-1")}]");

        Assert.Equal(-9, PortalClient.Code(answer));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, Token);
        }
    }

    private void Switch(params FaultRule[] faults) => _portal.Faults = new FaultPlan { Faults = faults };

    /// <summary>Everything the portal puts on the wire until it closes.</summary>
    private async Task<string> SendAsync(string dossier)
    {
        var url = new Uri(_portal.Url);
        var body = Encoding.UTF8.GetBytes(_client.Envelope("DongBoHoSoMC", "False", dossier));
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /mapi/g HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        using var socket = new TcpClient();
        await socket.ConnectAsync(url.Host, url.Port, Token);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Token);
        await stream.WriteAsync(body, Token);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, Token);
        }
        catch (IOException)
        {
            // Reset: what came before it is the answer.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
