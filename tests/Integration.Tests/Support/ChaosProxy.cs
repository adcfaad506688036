using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Integration.Tests.Support;

/// <summary>Where in a call the proxy strikes.</summary>
internal enum Stage
{
    /// <summary>The connection is accepted and ended; nothing is read.</summary>
    BeforeBytes,

    /// <summary>Half of the request's body has gone on.</summary>
    HalfBody,

    /// <summary>The whole request has gone on and was answered; nothing of the answer comes back.</summary>
    WholeBody,

    /// <summary>Only the answer's headers come back.</summary>
    Headers,

    /// <summary>Headers and half of the answer's body come back.</summary>
    HalfAnswer,

    /// <summary>Everything goes through, byte by byte, a thousand a second.</summary>
    Drip,
}

/// <summary>Strikes the next <see cref="Times"/> calls whose body holds a text.</summary>
/// <param name="Resets">Ends with RST; FIN otherwise.</param>
internal sealed record Blow(Stage Stage, string Holds, bool Resets = true, int Times = 1);

/// <summary>A TCP proxy for HTTP/1.1 calls with a Content-Length that hurts some of them on their way, and counts all.</summary>
internal sealed class ChaosProxy : IAsyncDisposable
{
    private readonly Uri _receiver;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Task> _ways = [];
    private readonly List<Blow> _blows = [];
    private readonly Task _accepting;
    private int _under;

    public ChaosProxy(string receiver)
    {
        _receiver = new Uri(receiver);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Struck { get; private set; }

    /// <summary>The most calls that were under way at one time.</summary>
    public int MostAtOnce { get; private set; }

    public void Strike(params Blow[] blows)
    {
        lock (_gate)
        {
            _blows.AddRange(blows);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_ways);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                _ways.Add(CarryAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using (client)
        {
            try
            {
                if (Take("", Stage.BeforeBytes) is { } first)
                {
                    End(client, first);
                    return;
                }

                using var receiver = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await receiver.ConnectAsync(_receiver.Host, _receiver.Port, _stop.Token);
                client.NoDelay = true;
                await using var here = new NetworkStream(client);
                await using var there = new NetworkStream(receiver);
                while (await CarryOneAsync(client, here, there))
                {
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of both sides went away.
            }
        }
    }

    /// <returns>False when the connection is over.</returns>
    private async Task<bool> CarryOneAsync(Socket client, NetworkStream here, NetworkStream there)
    {
        if (await ReadHeadAsync(here) is not { } head)
        {
            return false;
        }

        var body = new byte[LengthIn(head)];
        var half = body.Length / 2;
        await here.ReadExactlyAsync(body.AsMemory(0, half), _stop.Token);
        if (Take(Encoding.UTF8.GetString(body, 0, half), Stage.HalfBody) is { } cut)
        {
            await there.WriteAsync(head, _stop.Token);
            await there.WriteAsync(body.AsMemory(0, half), _stop.Token);
            End(client, cut);
            return false;
        }

        await here.ReadExactlyAsync(body.AsMemory(half), _stop.Token);
        var blow = Take(Encoding.UTF8.GetString(body), Stage.WholeBody, Stage.Headers, Stage.HalfAnswer, Stage.Drip);
        Count(1);
        try
        {
            await WriteAsync(there, blow, head, body);
            if (await ReadHeadAsync(there) is not { } answerHead)
            {
                return false;
            }

            var answer = new byte[LengthIn(answerHead)];
            await there.ReadExactlyAsync(answer, _stop.Token);
            Count(-1);
            switch (blow?.Stage)
            {
                case Stage.WholeBody:
                    End(client, blow);
                    return false;
                case Stage.Headers:
                    await here.WriteAsync(answerHead, _stop.Token);
                    End(client, blow);
                    return false;
                case Stage.HalfAnswer:
                    await here.WriteAsync(answerHead, _stop.Token);
                    await here.WriteAsync(answer.AsMemory(0, answer.Length / 2), _stop.Token);
                    End(client, blow);
                    return false;
                default:
                    await WriteAsync(here, blow, answerHead, answer);
                    return true;
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }

    private async Task WriteAsync(NetworkStream stream, Blow? blow, params byte[][] parts)
    {
        foreach (var part in parts)
        {
            if (blow?.Stage != Stage.Drip)
            {
                await stream.WriteAsync(part, _stop.Token);
                continue;
            }

            for (var i = 0; i < part.Length; i++)
            {
                await stream.WriteAsync(part.AsMemory(i, 1), _stop.Token);
                await Task.Delay(1, _stop.Token);
            }
        }
    }

    private async Task<byte[]?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new List<byte>(512);
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        return [.. head];
    }

    private static int LengthIn(byte[] head)
    {
        var line = Encoding.ASCII.GetString(head).Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : int.Parse(line.AsSpan(15), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
    }

    private Blow? Take(string text, params Stage[] stages)
    {
        lock (_gate)
        {
            var at = _blows.FindIndex(b => stages.Contains(b.Stage) && text.Contains(b.Holds, StringComparison.Ordinal));
            if (at < 0)
            {
                return null;
            }

            var blow = _blows[at];
            Struck++;
            if (blow.Times > 1)
            {
                _blows[at] = blow with { Times = blow.Times - 1 };
            }
            else
            {
                _blows.RemoveAt(at);
            }

            return blow;
        }
    }

    private void Count(int change)
    {
        lock (_gate)
        {
            _under += change;
            MostAtOnce = Math.Max(MostAtOnce, _under);
        }
    }

    private static void End(Socket client, Blow blow)
    {
        if (blow.Resets)
        {
            client.LingerState = new LingerOption(true, 0);
        }
        else
        {
            client.Shutdown(SocketShutdown.Send);
        }

        client.Close();
    }
}
