using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Integration.Tests.Deliver;

/// <summary>A TCP server that does to each connection, byte by byte, what its script says, and counts what reached it.</summary>
internal sealed class MisbehavingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Conversation, Task> _script;
    private readonly X509Certificate2? _certificate;
    private readonly List<Task> _conversations = [];
    private readonly Task _accepting;
    private int _connections;
    private int _requests;

    public MisbehavingServer(Func<Conversation, Task> script, X509Certificate2? certificate = null)
    {
        _script = script;
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"{(_certificate is null ? "http" : "https")}://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Request heads that were read.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>A whole HTTP answer, ready to be sent.</summary>
    public static string Answer(string body, string status = "200 OK", string headers = "Content-Type: application/json\r\n") =>
        $"HTTP/1.1 {status}\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_conversations);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _conversations.Add(ConverseAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The server was stopped.
        }
    }

    private async Task ConverseAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                Stream stream = new NetworkStream(socket);
                if (_certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    stream = tls;
                }

                await _script(new Conversation(socket, stream, () => Interlocked.Increment(ref _requests), _stop.Token));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The client went away or the server was stopped: both are part of the game.
            }
        }
    }
}

/// <summary>One connection, from the server's side.</summary>
internal sealed class Conversation(Socket socket, Stream stream, Action onRequest, CancellationToken stopped)
{
    public CancellationToken Stopped => stopped;

    /// <returns>Request line and headers, or null when the client closed.</returns>
    public async Task<string?> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stopped) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        onRequest();
        return head.ToString();
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, stopped);
        return bytes;
    }

    /// <returns>Null when the client closed.</returns>
    public async Task<StubRequest?> ReadRequestAsync()
    {
        if (await ReadHeadAsync() is not { } head)
        {
            return null;
        }

        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        return new StubRequest(lines[0].Split(' ')[1], headers, await ReadAsync(int.Parse(headers["Content-Length"], System.Globalization.CultureInfo.InvariantCulture)));
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes, stopped);
        await stream.FlushAsync(stopped);
    }

    /// <summary>Ends with RST instead of FIN.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public Task WaitForStopAsync() => Task.Delay(Timeout.Infinite, stopped);
}

/// <param name="Path">With its query.</param>
internal sealed record StubRequest(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}
