using System.Collections.Concurrent;

namespace Integration.Deliver.Dvcqg;

/// <summary>One portal connection: its sockets, its limits and its session, shared by all pipelines that name it.</summary>
internal sealed class Portal : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly HttpExchange _exchange;
    private readonly Pacing _pacing;
    private readonly Session _session;
    private readonly TimeProvider _clock;

    // Refusals that a fresh login did not cure: the word in them was about the data. Bounded, since it is only there to save logins.
    private readonly ConcurrentDictionary<string, bool> _notAboutSession = new(StringComparer.Ordinal);
    private const int MostRemembered = 200;

    private Portal(DvcqgConnection connection, string name, TimeProvider clock, ILogger logger)
    {
        Connection = connection;
        Name = name;
        _clock = clock;
        _client = connection.Http.Open();
        _exchange = new HttpExchange(_client, connection.Http);
        _pacing = new Pacing(connection.Http, name, clock, logger);
        var login = connection.At(connection.LoginPath);
        _session = new Session(connection, name, (body, token) => _pacing.AskAsync(t => _exchange.PostAsync(login, default, body, t), token), clock, logger);
    }

    public DvcqgConnection Connection { get; }

    public string Name { get; }

    /// <exception cref="SettingsException">The connection's settings are wrong, or it is another kind of connection.</exception>
    public static Portal Of(TargetContext context)
    {
        lock (context.Shared)
        {
            if (context.Shared.TryGetValue(context.ConnectionName, out var shared))
            {
                return shared as Portal ?? throw new SettingsException([new(
                    $"Kết nối {context.ConnectionName} đang được dùng cho một loại đích khác.", $"Connection {context.ConnectionName} is used by another kind of target.")]);
            }

            var portal = new Portal(DvcqgConnection.Read(context.Connection), context.ConnectionName, context.Clock, context.Loggers.CreateLogger("Integration.Deliver.Dvcqg"));
            context.Shared[context.ConnectionName] = portal;
            return portal;
        }
    }

    /// <summary>One call, and exactly one repeat after a new login if the portal let it be known that the session had ended.</summary>
    /// <param name="stillHeld">See <see cref="DeliveryBatch.StillHeld"/>.</param>
    /// <exception cref="OperationCanceledException">Cancelled while nothing that could have been applied had left this machine.</exception>
    public async Task<PortalReply> CallAsync(
        Uri uri, Envelope envelope, bool changes, ReplyReader reader, CancellationToken cancellationToken, Func<bool>? stillHeld = null)
    {
        var hash = envelope.Hash();
        for (var isRepeat = false; ; isRepeat = true)
        {
            var (pass, reply) = await _pacing.InTurnAsync<(Pass? Pass, PortalReply Reply)>(OnceAsync, busy => (null, reader.Read(busy, hash)), cancellationToken);
            if (pass is null || reply.Session == SessionSign.None || IsAboutData(reply))
            {
                return reply;
            }

            if (isRepeat)
            {
                Remember(reply);
                return reply.Session == SessionSign.Certain ? reply with { RetryAfter = reply.RetryAfter ?? Connection.Http.RestAfterDenial } : reply;
            }

            await _session.EndAsync(pass, CancellationToken.None);
            // An answer that speaks of single records may have applied some of them, whatever its message sounds like.
            if (changes && (reply.Session == SessionSign.WordWithoutCode || reply.Result is { HasValues: true }))
            {
                return reply;
            }
        }

        async Task<(Pass? Pass, PortalReply Reply)> OnceAsync(CancellationToken token)
        {
            var now = _clock.GetUtcNow();
            if (Connection.Http.Closed.At(now) is { } closing)
            {
                var closed = Finding.Of(Verdict.NotSent, "closed", closing.What, closing.Until - now);
                return (null, new PortalReply(closed.Verdict, closed.Code, closed.Message) { RetryAfter = closed.RetryAfter, Exchange = new Exchange(hash, default, 0) });
            }

            var pass = envelope.HasSession ? await _session.GetAsync(token) : null;
            if (pass?.Refusal is { } refusal)
            {
                return (null, new PortalReply(refusal.Verdict, refusal.Code, refusal.Message) { RetryAfter = refusal.RetryAfter, Exchange = pass.Exchange with { RequestHash = hash } });
            }

            var head = envelope.Head(pass?.Token ?? "");
            Task<HttpReply> PostAsync(CancellationToken t) => _exchange.PostAsync(uri, head, envelope.Tail, t, stillHeld);
            envelope.Lend();
            var reply = changes ? await _pacing.ChangeAsync(PostAsync, token) : await _pacing.AskAsync(PostAsync, token);
            // A question may have been asked before, and been cut short then; what changes something is tried once.
            if (changes && reply.IsWritten)
            {
                envelope.Regain();
            }

            return (pass, reader.Read(reply, hash));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pacing.DisposeAsync();
        _session.Dispose();
        _client.Dispose();
    }

    private bool IsAboutData(PortalReply reply) => reply.Session == SessionSign.Word && _notAboutSession.ContainsKey(WithoutDigits(reply.Message));

    private void Remember(PortalReply reply)
    {
        if (reply.Session == SessionSign.Word && _notAboutSession.Count < MostRemembered)
        {
            _notAboutSession.TryAdd(WithoutDigits(reply.Message), true);
        }
    }

    // Messages name the record they are about; what is left of them is the portal's own sentence.
    private static string WithoutDigits(string message) => string.Concat(message.Where(c => !char.IsDigit(c)));
}
