using Integration.Records;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Integration.Deliver.Dvcqg;

/// <summary>Leave to call the portal, or why there is none.</summary>
/// <param name="Number">Which login it came from; counts up.</param>
/// <param name="Refusal">Set when there is no token.</param>
internal sealed record Pass(string Token, long Number, Finding? Refusal = null, Exchange Exchange = default);

/// <summary>One login at a time for a connection, kept until it is old or the portal ends it.</summary>
internal sealed class Session(DvcqgConnection connection, string name, Func<ReadOnlyMemory<byte>, CancellationToken, Task<HttpReply>> post, TimeProvider clock, ILogger logger)
    : IDisposable
{
    private TimeSpan RestAfterRefusal => connection.Http.RestAfterDenial;

    private readonly SemaphoreSlim _turn = new(1);
    private volatile Pass? _pass;
    private long _number;
    private long _since;
    private Pass? _refused;

    /// <exception cref="OperationCanceledException">Cancelled while waiting; nothing was sent with the pass.</exception>
    public async Task<Pass> GetAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_pass is { } held && clock.GetElapsedTime(_since) < connection.SessionLifetime)
            {
                return held;
            }

            if (_refused is { } refused && clock.GetElapsedTime(_since) < RestAfterRefusal)
            {
                var rest = RestAfterRefusal - clock.GetElapsedTime(_since);
                return refused with { Refusal = refused.Refusal!.Value with { RetryAfter = rest }, Exchange = default };
            }

            return await LogInAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The portal no longer takes this pass; the next caller logs in, unless another already has.</summary>
    public async Task EndAsync(Pass pass, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_pass?.Number == pass.Number)
            {
                _pass = null;
                Log.SessionEnded(logger, name);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<Pass> LogInAsync(CancellationToken cancellationToken)
    {
        _pass = null;
        _refused = null;
        if (ReadPassword() is not { } password)
        {
            return Refused(Finding.Of(Verdict.NotSent, "password-file", new(
                "Không đọc được tệp mật khẩu của kết nối; kiểm tra PasswordFile.", "The connection's password file cannot be read; check PasswordFile.")), default, lasting: false);
        }

        var reply = await post(Credentials(password), cancellationToken);
        Failpoint.Reach("P21 logged in, session not kept");
        var exchange = new Exchange(default, reply.Body.IsEmpty ? default : ContentHash.Of(reply.Body.Span), reply.Status);
        if (Triage.ByEnd(reply) is { } unanswered)
        {
            // A login that timed out changed nothing that matters: no record was sent with it.
            return Refused(unanswered with { Verdict = Verdict.NotSent }, exchange, lasting: false);
        }

        var answer = StrictJson.Object(reply.Body.Span, reply.Charset);
        var code = ReplyCode.Read(answer?["error_code"]);
        if (reply.Status is 200 or 201 && code is null or "0" && answer?["session"] is JValue { Value: string { Length: > 0 } token })
        {
            _pass = new Pass(token, ++_number);
            _since = clock.GetTimestamp();
            Log.LoggedIn(logger, name);
            return _pass;
        }

        return NoToken(reply, answer, code, exchange);
    }

    private Pass NoToken(HttpReply reply, JObject? answer, string? code, Exchange exchange)
    {
        if (reply.Status is 200 or 201 or 400 or 401 or 403 && (answer is not null || reply.Status >= 400))
        {
            var said = ReplyText.Clean((answer?["message"] as JValue)?.Value as string, 300);
            var refusal = Finding.Of(Verdict.NotSent, $"login-{ReplyText.Clean(code ?? $"http-{reply.Status}", 40)}", new Text(
                "Cổng từ chối đăng nhập ({0}: {1}). Kiểm tra tài khoản kết nối; thử lại sau {2:0.#} giây.",
                "The portal refuses the login ({0}: {1}). Check the connection's account; it is tried again in {2:0.#} s.").With(ReplyText.Clean(code ?? $"HTTP {reply.Status}", 40), said, RestAfterRefusal.TotalSeconds), RestAfterRefusal);
            return Refused(refusal, exchange, lasting: true);
        }

        var wait = RetryAfter.Read(reply.RetryAfter, clock.GetUtcNow(), connection.Http.LongestRest).Wait;
        return Refused(Finding.Of(Verdict.NotSent, "login-not-understood", new Text(
            "Không hiểu trả lời đăng nhập của cổng (HTTP {0}); chưa gửi bản ghi nào, sẽ tự thử lại.",
            "The portal's answer to the login is not understood (HTTP {0}); no record was sent, it is tried again.").With(reply.Status), wait), exchange, lasting: false);
    }

    private Pass Refused(Finding refusal, Exchange exchange, bool lasting)
    {
        var pass = new Pass("", 0, refusal, exchange);
        if (lasting)
        {
            _refused = pass;
            _since = clock.GetTimestamp();
            Log.LoginRefused(logger, name, refusal.Code, RestAfterRefusal.TotalSeconds);
        }
        else
        {
            Log.LoginFailed(logger, name, refusal.Code);
        }

        return pass;
    }

    private string? ReadPassword()
    {
        try
        {
            return connection.Password();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private ReadOnlyMemory<byte> Credentials(string password) => System.Text.Encoding.UTF8.GetBytes(
        $$"""{"username":{{JsonConvert.ToString(connection.Username)}},"password":{{JsonConvert.ToString(password)}}}""");
}
