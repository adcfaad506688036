using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Integration.Tests.Support;

/// <summary>What befalls a COMMIT on its way.</summary>
internal enum CommitFate
{
    Pass,

    /// <summary>The connection is cut before the server sees the COMMIT, or what is sent together with it: nothing was committed.</summary>
    CutBefore,

    /// <summary>The server committed, and the connection is cut before its answer is passed on.</summary>
    CutAfter,

    /// <summary>The server committed, and its answer is passed on when the proxy's hold is let go.</summary>
    HoldAnswer,

    /// <summary>The COMMIT, and what is sent together with it, never arrives, and the connection stays: a client that stands still in its transaction.</summary>
    Swallow,
}

/// <summary>
/// Stands between a client and PostgreSQL and knows enough of the protocol to see a COMMIT go by. The startup message has a length and no
/// type; every later one a type and a length. Without TLS, which it refuses by being asked for none (<c>SSL Mode=Disable</c>).
/// </summary>
internal sealed class CommitProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPEndPoint _server;
    private readonly Func<int, string, CommitFate> _fate;
    private readonly Func<Task>? _before;
    private readonly List<Task> _clients = [];
    private readonly Task _accepting;
    private int _commits;
    private int _cutBefore;
    private int _cutAfter;

    /// <param name="connectionString">Of the server itself.</param>
    /// <param name="fate">Given the number of the COMMIT, from 1, and the statements of its transaction as text.</param>
    /// <param name="before">Awaited before what goes to the server together is passed on.</param>
    public CommitProxy(string connectionString, Func<int, string, CommitFate> fate, Func<Task>? before = null)
    {
        _before = before;
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        (_server, _fate) = (new IPEndPoint(IPAddress.Loopback, settings.Port), fate);
        _listener.Start();
        (settings.Port, settings.SslMode) = (((IPEndPoint)_listener.LocalEndpoint).Port, SslMode.Disable);
        settings["GSS Encryption Mode"] = "Disable";
        ConnectionString = settings.ConnectionString;
        _accepting = AcceptAsync();
    }

    /// <summary>Of the server, through here.</summary>
    public string ConnectionString { get; }

    public (int Before, int After) Cuts => (Volatile.Read(ref _cutBefore), Volatile.Read(ref _cutAfter));

    public int Held { get; private set; }

    /// <summary>Passes on the answers that are held.</summary>
    public void LetGo() => _letGo.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_clients);
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _clients.Add(ServeAsync(await _listener.AcceptSocketAsync(_over.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                (client.NoDelay, server.NoDelay) = (true, true);
                await server.ConnectAsync(_server, _over.Token);
                await using var up = new NetworkStream(server);
                await using var down = new NetworkStream(client);
                var answers = new Answers(up, down);
                await Task.WhenAny(answers.PassOnAsync(_over.Token), RequestsAsync(down, up, answers));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or EndOfStreamException or ObjectDisposedException)
            {
                // Either side has gone.
            }

            // A reset, as a cut cable or a dead process makes it.
            client.LingerState = new LingerOption(true, 0);
            server.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task RequestsAsync(NetworkStream client, NetworkStream server, Answers answers)
    {
        var statements = new StringBuilder();
        var prepared = new Dictionary<string, string>(StringComparer.Ordinal);
        var together = new List<byte>();
        var commits = false;
        for (var isStartup = true; ; isStartup = false)
        {
            var message = await ReadMessageAsync(client, isStartup, _over.Token);
            together.AddRange(message);
            switch (isStartup ? 0 : message[0])
            {
                case (byte)'P':
                    var (name, sql) = Names(message);
                    prepared[name] = sql;
                    continue;
                case (byte)'B':
                    var bound = prepared[Names(message).Second];
                    statements.Append(bound).Append('\n');
                    commits |= bound == "COMMIT";
                    continue;
                case (byte)'D' or (byte)'E' or (byte)'C':
                    continue;
            }

            // What is answered together goes together.
            byte[] all = [.. together];
            together.Clear();
            await (_before?.Invoke() ?? Task.CompletedTask);
            if (!commits)
            {
                await server.WriteAsync(all, _over.Token);
                continue;
            }

            var fate = _fate(Interlocked.Increment(ref _commits), statements.ToString());
            statements.Clear();
            commits = false;
            if (!await FollowAsync(fate, all, server, answers))
            {
                return;
            }
        }
    }

    /// <returns>The two texts that a Parse (statement, SQL) and a Bind (portal, statement) begin with.</returns>
    private static (string First, string Second) Names(byte[] message)
    {
        var first = message.AsSpan(5);
        var second = first[(first.IndexOf((byte)0) + 1)..];
        return (Encoding.UTF8.GetString(first[..first.IndexOf((byte)0)]), Encoding.UTF8.GetString(second[..second.IndexOf((byte)0)]));
    }

    /// <returns>False when the connection is to be cut.</returns>
    private async Task<bool> FollowAsync(CommitFate fate, byte[] commit, NetworkStream server, Answers answers)
    {
        switch (fate)
        {
            case CommitFate.CutBefore:
                Interlocked.Increment(ref _cutBefore);
                return false;
            case CommitFate.Swallow:
                Held++;
                await _letGo.Task.WaitAsync(_over.Token);
                return false;
            case CommitFate.CutAfter:
                await answers.KeepAsync(server, commit, _over.Token);
                Interlocked.Increment(ref _cutAfter);
                return false;
            case CommitFate.HoldAnswer:
                var kept = await answers.KeepAsync(server, commit, _over.Token);
                Held++;
                await _letGo.Task.WaitAsync(_over.Token);
                await answers.GiveAsync(kept, _over.Token);
                return true;
            default:
                await server.WriteAsync(commit, _over.Token);
                return true;
        }
    }

    private static async Task<byte[]> ReadMessageAsync(NetworkStream from, bool isStartup, CancellationToken cancellationToken)
    {
        var head = new byte[isStartup ? 4 : 5];
        await from.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(isStartup ? 0 : 1)) - 4;
        var message = new byte[head.Length + length];
        head.CopyTo(message, 0);
        await from.ReadExactlyAsync(message.AsMemory(head.Length), cancellationToken);
        return message;
    }

    /// <summary>What the server says, passed on as it comes or kept back.</summary>
    private sealed class Answers(NetworkStream server, NetworkStream client)
    {
        private TaskCompletionSource<byte[]>? _kept;

        public async Task PassOnAsync(CancellationToken cancellationToken)
        {
            var piece = new byte[64 * 1024];
            while (await server.ReadAsync(piece, cancellationToken) is > 0 and var read)
            {
                if (Volatile.Read(ref _kept) is { } kept)
                {
                    kept.TrySetResult(piece[..read]);
                    Volatile.Write(ref _kept, null);
                    continue;
                }

                await client.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            }
        }

        /// <summary>Sends a message and keeps its answer, which is then known to exist.</summary>
        public async Task<byte[]> KeepAsync(NetworkStream to, byte[] message, CancellationToken cancellationToken)
        {
            var kept = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _kept, kept);
            await to.WriteAsync(message, cancellationToken);
            return await kept.Task.WaitAsync(cancellationToken);
        }

        public async Task GiveAsync(byte[] kept, CancellationToken cancellationToken) => await client.WriteAsync(kept, cancellationToken);
    }
}
