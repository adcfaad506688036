using System.Net;
using System.Net.Sockets;
using System.Text;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class BadRequestTests : IAsyncLifetime
{
    private Portal _portal = null!;
    private PortalClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await Portal.StartAsync(new PortalOptions { LargestBody = 10_000 }, TestContext.Current.CancellationToken);
        _client = await PortalClient.LoggedInAsync(_portal.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("\uFEFF{}")]
    [InlineData("""{"session":"a","session":"b"}""")]
    [InlineData("""{"session":"a","se\u0073sion":"b"}""")]
    [InlineData("""{"session":1}""")]
    [InlineData("""{"session":"a","extra":"b"}""")]
    [InlineData("""{"session":"a","data":{}}""")]
    [InlineData("""{"session":"a","data":[1]}""")]
    [InlineData("""{"session":"a","data":[{]}""")]
    [InlineData("""{"session":"a","isUpdating":true}""")]
    [InlineData("""{"session":"a","isUpdating":"true"}""")]
    [InlineData("""{"session":"a","service":"TraCuuHoSo","maTTHC":"x"}""")]
    [InlineData("""{"session":"a"} {}""")]
    [InlineData("""{"session":"\ud800"}""")]
    public async Task A_body_that_is_no_envelope_is_answered_with_a_code(string body)
    {
        var answer = await _client.PostAsync("/mapi/g", body, HttpStatusCode.BadRequest);

        Assert.Equal(-1, PortalClient.Code(answer));
        Assert.DoesNotContain(" at ", (string?)answer["message"], StringComparison.Ordinal);
        Assert.Equal(["error_code", "message"], answer.Properties().Select(p => p.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"username":"province","username":"province"}""")]
    public async Task A_body_that_is_no_login_is_answered_with_a_code(string body) =>
        Assert.Equal(-1, PortalClient.Code(await _client.PostAsync("/mapi/login", body, HttpStatusCode.BadRequest)));

    [Fact]
    public async Task Bytes_that_are_no_text_are_answered_with_a_code()
    {
        var body = Encoding.UTF8.GetBytes(_client.Envelope("DongBoHoSoMC", "False", Sample.Dossier("HS-~")));
        body[Array.IndexOf(body, (byte)'~')] = 0xE1;
        using var http = new HttpClient { BaseAddress = new Uri(_portal.Url) };
        using var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } };

        using var response = await http.PostAsync("/mapi/g", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(_portal.Effects());
    }

    [Fact]
    public async Task Deep_nesting_is_answered_with_a_code() =>
        Assert.Equal(-1, PortalClient.Code(await _client.PostAsync("/mapi/g", $$"""{"data":[{"a":{{new string('[', 4000)}}""", HttpStatusCode.BadRequest)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_answered_with_413(bool chunked)
    {
        using var http = new HttpClient { BaseAddress = new Uri(_portal.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mapi/g")
        {
            Content = new StringContent(new string(' ', 10_001), Encoding.UTF8, "application/json"),
            Headers = { TransferEncodingChunked = chunked },
        };

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(-8, PortalClient.Code(PortalClient.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))));
    }

    [Fact]
    public async Task A_body_that_does_not_say_it_is_json_is_answered_with_415()
    {
        using var http = new HttpClient { BaseAddress = new Uri(_portal.Url) };
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");

        using var response = await http.PostAsync("/mapi/g", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task A_request_that_breaks_off_is_written_down_and_applies_nothing()
    {
        var url = new Uri(_portal.Url);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
            var half = $"POST /mapi/g HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
                + _client.Envelope("DongBoHoSoMC", "False", Sample.Dossier("HS-1"));
            await socket.GetStream().WriteAsync(Encoding.UTF8.GetBytes(half), TestContext.Current.CancellationToken);
        }

        while (_portal.Requests()[^1].Status is null or 200)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal("/mapi/g", _portal.Requests()[^1].Path);
        Assert.Null(_portal.Requests()[^1].Service);
        Assert.Empty(_portal.Effects());
    }

    [Fact]
    public async Task A_path_that_leads_nowhere_is_answered_and_written_down()
    {
        Assert.Equal(-1, PortalClient.Code(await _client.PostAsync("/mapi/x", "{}", HttpStatusCode.NotFound)));
        Assert.Equal("/mapi/x", _portal.Requests()[^1].Path);
    }

    [Fact]
    public async Task The_paths_of_the_security_server_mean_the_same()
    {
        var answer = await _client.PostAsync(
            "/XrdAdapter/RestService/forward/mapi/g?dstcode=VN:GOV:000.00.00.G22:vpcpdvcprovider",
            _client.Envelope("DongBoHoSoMC", "False", Sample.Dossier("HS-1")));

        Assert.Equal(0, PortalClient.Code(answer));
    }

    [Fact]
    public async Task A_property_twice_in_a_record_refuses_the_call()
    {
        var twice = $"{Sample.Dossier("HS-1")[..^1]},\"MaHoSo\":\"HS-2\"}}";

        Assert.Equal(-5, PortalClient.Code(await _client.CreateAsync(twice)));
        Assert.Equal("record 0: MaHoSo: duplicate-property", _portal.Requests()[^1].Detail);
        Assert.Empty(_portal.Effects());
    }
}
