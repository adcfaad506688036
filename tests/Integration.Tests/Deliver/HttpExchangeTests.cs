using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Integration.Deliver;
using Integration.Tests.Deliver.Dvcqg;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class HttpExchangeTests
{
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes(new string('x', 400_000));

    [Fact]
    public async Task A_reset_before_a_byte_was_read_reaches_the_server_once()
    {
        await using var server = new MisbehavingServer(c =>
        {
            c.Reset();
            return Task.CompletedTask;
        });
        Assert.NotEqual(HttpEnd.Answered, (await PostAsync(server)).End);
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("half the body, then reset", nameof(HttpEnd.Broken))]
    [InlineData("whole body, then reset", nameof(HttpEnd.Broken))]
    [InlineData("whole body, then close", nameof(HttpEnd.Broken))]
    [InlineData("headers, then reset", nameof(HttpEnd.Broken))]
    [InlineData("half the answer, then close", nameof(HttpEnd.Broken))]
    [InlineData("half the answer in chunks, then close", nameof(HttpEnd.Broken))]
    [InlineData("half the answer without a length, then close", nameof(HttpEnd.Answered))]
    [InlineData("garbage", nameof(HttpEnd.Broken))]
    [InlineData("302", nameof(HttpEnd.Answered))]
    [InlineData("500", nameof(HttpEnd.Answered))]
    [InlineData("401", nameof(HttpEnd.Answered))]
    [InlineData("silence", nameof(HttpEnd.TimedOut))]
    [InlineData("headers, then silence", nameof(HttpEnd.TimedOut))]
    [InlineData("endless answer", nameof(HttpEnd.TooLarge))]
    [Trait("Fault", "F3")]
    public async Task Every_request_reaches_the_server_exactly_once(string fault, string end)
    {
        await using var server = new MisbehavingServer(c => FailAsync(c, fault));
        var reply = await PostAsync(server, settings: ("Timeout", "1s"));
        Assert.Equal(end, reply.End.ToString());
        Assert.False(reply.IsUnsent);
        Assert.True(reply.End != HttpEnd.Answered || reply.IsWritten);
        Assert.False(reply.IsWritten && fault is ("half the body, then reset" or "silence"));
        Assert.Equal((1, 1), (server.Connections, server.Requests));
    }

    [Fact]
    [Trait("Fault", "F2")]
    public async Task A_refused_connection_sent_nothing()
    {
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var reply = await PostAsync($"http://127.0.0.1:{port}");
        Assert.Equal((HttpEnd.NotReached, "ConnectionRefused"), (reply.End, reply.Detail));
    }

    [Fact]
    [Trait("Fault", "F2")]
    public async Task A_connection_that_is_gone_in_the_moment_it_was_made_sent_nothing()
    {
        using var client = new HttpClient(new GoneAtOnce());
        var reply = await new HttpExchange(client, Connection("http://127.0.0.1")).PostAsync(new Uri("http://127.0.0.1"), default, Payload, TestContext.Current.CancellationToken);
        Assert.Equal((HttpEnd.NotReached, "NotConnected"), (reply.End, reply.Detail));
    }

    [Fact]
    [Trait("Fault", "F1")]
    public async Task A_name_that_does_not_exist_sent_nothing() =>
        Assert.Equal(HttpEnd.NotReached, (await PostAsync("https://portal.invalid")).End);

    [Fact]
    [Trait("Fault", "F2")]
    public async Task A_handshake_that_never_ends_sent_nothing()
    {
        await using var server = new MisbehavingServer(c => c.WaitForStopAsync());
        Assert.Equal(HttpEnd.NotReached, (await PostAsync(server.Url.Replace("http:", "https:", StringComparison.Ordinal), settings: ("ConnectTimeout", "300ms"))).End);
    }

    [Fact]
    public async Task A_server_that_speaks_no_TLS_was_sent_nothing()
    {
        await using var server = new MisbehavingServer(c => c.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"));
        Assert.Equal(HttpEnd.NotReached, (await PostAsync(server.Url.Replace("http:", "https:", StringComparison.Ordinal))).End);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    [Trait("Fault", "F6")]
    public async Task A_certificate_nobody_vouches_for_is_refused_with_its_dates_and_nothing_is_sent()
    {
        using var certificate = SelfSigned(TimeSpan.FromDays(10));
        await using var server = new MisbehavingServer(c => FailAsync(c, "500"), certificate);
        var reply = await PostAsync(server);
        Assert.Equal(HttpEnd.NotReached, reply.End);
        Assert.Matches(@"^TLS: RemoteCertificateChainErrors.*\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$", reply.Detail);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData(10, nameof(HttpEnd.Answered))]
    [InlineData(-1, nameof(HttpEnd.NotReached))]
    public async Task A_named_authority_is_trusted_while_its_certificate_lasts(int days, string end)
    {
        using var certificate = SelfSigned(TimeSpan.FromDays(days));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using var server = new MisbehavingServer(c => FailAsync(c, "500"), certificate);
        Assert.Equal(end, (await PostAsync(server, settings: ("CaFile", file))).End.ToString());
        File.Delete(file);
    }

    [Fact]
    public async Task A_connection_the_server_closed_while_it_lay_idle_costs_no_request()
    {
        var closed = new TaskCompletionSource();
        await using var server = new MisbehavingServer(async c =>
        {
            await c.ReadRequestAsync();
            await c.SendAsync(MisbehavingServer.Answer("{}"));
            closed.TrySetResult();
        });
        var connection = Connection(server.Url);
        using var client = connection.Open();
        var exchange = new HttpExchange(client, connection);
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(200, (await exchange.PostAsync(new Uri(server.Url), default, Payload, cancellation)).Status);
        await closed.Task;
        var second = await exchange.PostAsync(new Uri(server.Url), default, Payload, cancellation);
        Assert.True(second.Status == 200 || second.End == HttpEnd.Broken, second.ToString());
        Assert.Equal(second.Status == 200 ? 2 : 1, server.Requests);
    }

    [Theory]
    [InlineData(1, nameof(HttpEnd.Withheld), true)]
    [InlineData(2, nameof(HttpEnd.Broken), false)]
    [InlineData(3, nameof(HttpEnd.Answered), false)]
    public async Task A_sender_whose_hold_has_ended_begins_nothing_and_ends_nothing(int endsAt, string end, bool unsent)
    {
        var whole = 0;
        await using var server = new MisbehavingServer(async c =>
        {
            if (await c.ReadRequestAsync() is null)
            {
                return;
            }

            Interlocked.Increment(ref whole);
            await c.SendAsync(MisbehavingServer.Answer("{}"));
        });
        var connection = Connection(server.Url);
        using var client = connection.Open();
        var looks = 0;
        var reply = await new HttpExchange(client, connection).PostAsync(
            new Uri(server.Url), default, Payload, TestContext.Current.CancellationToken, () => ++looks < endsAt);
        Assert.Equal((end, unsent), (reply.End.ToString(), reply.IsUnsent));
        Assert.Equal(endsAt == 3 ? 1 : 0, whole);
        Assert.Equal(Math.Min(endsAt, 2), looks);
    }

    [Fact]
    [Trait("Fault", "G4")]
    public async Task A_small_answer_that_unpacks_to_a_bomb_is_not_read()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[64 << 20], TestContext.Current.CancellationToken);
        }

        await using var server = new MisbehavingServer(async c =>
        {
            await c.ReadRequestAsync();
            await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n");
            await c.SendAsync(packed.ToArray());
        });
        Assert.Equal(HttpEnd.TooLarge, (await PostAsync(server)).End);
    }

    [Fact]
    public async Task A_compressed_answer_is_unpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync("{\"a\":1}"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await using var server = new MisbehavingServer(async c =>
        {
            await c.ReadRequestAsync();
            await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n");
            await c.SendAsync(packed.ToArray());
        });
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString((await PostAsync(server)).Body.Span));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(16 * 1024, false)]
    [InlineData(50_000, true)]
    [InlineData(50_000, false)]
    [InlineData(1 << 20, true)]
    [InlineData(1 << 20, false)]
    [InlineData((1 << 20) + 1, true)]
    [InlineData((1 << 20) + 1, false)]
    public async Task An_answer_up_to_the_limit_is_read_whole_whether_its_length_is_told_or_not(int length, bool told)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);
        await using var server = new MisbehavingServer(async c =>
        {
            await c.ReadRequestAsync();
            await c.SendAsync(told ? $"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n" : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            await c.SendAsync(body);
        });
        var reply = await PostAsync(server);
        Assert.Equal(length <= 1 << 20 ? HttpEnd.Answered : HttpEnd.TooLarge, reply.End);
        Assert.Equal(length <= 1 << 20 ? body : [], reply.Body.ToArray());
    }

    [Fact]
    public async Task Cancelling_before_the_first_byte_throws_and_after_it_does_not()
    {
        using var before = new CancellationTokenSource();
        await before.CancelAsync();
        await using var idle = new MisbehavingServer(c => c.WaitForStopAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PostAsync(idle.Url, before.Token));

        using var after = new CancellationTokenSource();
        await using var server = new MisbehavingServer(async c =>
        {
            await c.ReadHeadAsync();
            await after.CancelAsync();
            await c.WaitForStopAsync();
        });
        Assert.Equal(HttpEnd.TimedOut, (await PostAsync(server.Url, after.Token)).End);
    }

    [Fact]
    public async Task A_request_carries_a_length_and_nothing_that_invites_a_repeat()
    {
        StubRequest? seen = null;
        await using var server = new MisbehavingServer(async c =>
        {
            seen = await c.ReadRequestAsync();
            await c.SendAsync(MisbehavingServer.Answer("{}", headers: "Set-Cookie: a=b\r\n"));
        });
        await PostAsync(server, settings: ("Headers:X-Key", "k"));
        Assert.Equal("application/json", seen!.Headers["Content-Type"]);
        Assert.Equal("application/json", seen.Headers["Accept"]);
        Assert.Equal("k", seen.Headers["X-Key"]);
        Assert.False(seen.Headers.ContainsKey("Expect") || seen.Headers.ContainsKey("Transfer-Encoding") || seen.Headers.ContainsKey("Cookie"));
    }

    private sealed class GoneAtOnce : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new SocketException((int)SocketError.NotConnected);
    }

    private static Task<HttpReply> PostAsync(MisbehavingServer server, params (string, string)[] settings) => PostAsync(server.Url, TestContext.Current.CancellationToken, settings);

    private static Task<HttpReply> PostAsync(string url, params (string, string)[] settings) => PostAsync(url, TestContext.Current.CancellationToken, settings);

    private static async Task<HttpReply> PostAsync(string url, CancellationToken cancellation, params (string, string)[] settings)
    {
        var connection = Connection(url, settings);
        using var client = connection.Open();
        await using var pacing = new Pacing(connection, "Portal", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var exchange = new HttpExchange(client, connection);
        return await pacing.ChangeAsync(t => exchange.PostAsync(new Uri(url), default, Payload, t), cancellation);
    }

    private static HttpConnection Connection(string url, params (string, string)[] settings) => HttpConnection.Read(new Settings(PortalStub.Section([("Url", url), .. settings])));

    private static async Task FailAsync(Conversation c, string fault)
    {
        if (fault == "half the body, then reset")
        {
            await c.ReadHeadAsync();
            await c.ReadAsync(200_000);
            c.Reset();
            return;
        }

        await c.ReadRequestAsync();
        switch (fault)
        {
            case "whole body, then reset":
                c.Reset();
                break;
            case "headers, then reset":
                await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n");
                c.Reset();
                break;
            case "half the answer, then close":
                await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"error_code\":0");
                break;
            case "half the answer in chunks, then close":
                await c.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"error_code\":0,\r\n");
                break;
            case "half the answer without a length, then close":
                await c.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"error_code\":0");
                break;
            case "garbage":
                await c.SendAsync("\0\0\0\0garbage\r\n\r\n");
                break;
            case "302":
                await c.SendAsync(MisbehavingServer.Answer("", "302 Found", "Location: /elsewhere\r\n"));
                await c.ReadHeadAsync();
                break;
            case "500":
                await c.SendAsync(MisbehavingServer.Answer("", "500 Oops"));
                await c.ReadHeadAsync();
                break;
            case "401":
                await c.SendAsync(MisbehavingServer.Answer("", "401 No", "WWW-Authenticate: Negotiate\r\n"));
                await c.ReadHeadAsync();
                break;
            case "silence":
                await c.WaitForStopAsync();
                break;
            case "headers, then silence":
                await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n");
                await c.WaitForStopAsync();
                break;
            case "endless answer":
                await c.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                for (var piece = new byte[64 * 1024]; ;)
                {
                    await c.SendAsync(piece);
                }
        }
    }

    private static X509Certificate2 SelfSigned(TimeSpan left)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-30), now + left);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
