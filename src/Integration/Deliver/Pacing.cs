using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Timeout;

namespace Integration.Deliver;

/// <summary>How hard a receiver may be leaned on, and when it is left alone. One for all pipelines of a connection.</summary>
internal sealed class Pacing : IAsyncDisposable
{
    private readonly RateLimiter _rate;
    private readonly ConcurrencyLimiter _concurrency;
    private readonly ResiliencePipeline<HttpReply> _change;
    private readonly ResiliencePipeline<HttpReply> _ask;
    private readonly PacingSettings _settings;
    private volatile HttpReply? _opened;

    public Pacing(HttpConnection connection, string name, TimeProvider clock, ILogger logger)
    {
        _settings = connection.Pacing;
        _concurrency = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = _settings.MaxConcurrency, QueueLimit = _settings.MaxWaiting });
        _rate = _settings.RateLimiter();
        var shared = new ResiliencePipelineBuilder<HttpReply> { TimeProvider = clock }
            .AddRateLimiter(new RateLimiterStrategyOptions { RateLimiter = a => _rate.AcquireAsync(1, a.Context.CancellationToken) })
            .AddCircuitBreaker(Breaker(name, logger))
            .Build();
        _change = Around(shared, connection.Timeout, clock, retries: 0);
        _ask = Around(shared, connection.LookUpTimeout, clock, retries: 2);
    }

    /// <summary>
    /// Waits for one of the connection's turns, first come first served. What the call needs that may grow old (a session) is fetched in the
    /// turn, not before it.
    /// </summary>
    /// <returns>What the call returned, or what <paramref name="turnedAway"/> makes of it when too many wait already.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while waiting, or thrown by the call.</exception>
    public async Task<T> InTurnAsync<T>(Func<CancellationToken, Task<T>> call, Func<HttpReply, T> turnedAway, CancellationToken cancellationToken)
    {
        using var turn = await _concurrency.AcquireAsync(1, cancellationToken);
        return turn.IsAcquired ? await call(cancellationToken) : turnedAway(new HttpReply(HttpEnd.Busy) { Wait = TimeSpan.FromSeconds(1) });
    }

    /// <summary>One call that changes something: one try, whatever comes.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the first byte.</exception>
    public Task<HttpReply> ChangeAsync(Func<CancellationToken, Task<HttpReply>> call, CancellationToken cancellationToken) => RunAsync(_change, call, cancellationToken);

    /// <summary>One call that is safe to repeat, repeated twice if the network fails it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HttpReply> AskAsync(Func<CancellationToken, Task<HttpReply>> call, CancellationToken cancellationToken) => RunAsync(_ask, call, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _rate.DisposeAsync();
        await _concurrency.DisposeAsync();
    }

    private async Task<HttpReply> RunAsync(ResiliencePipeline<HttpReply> pipeline, Func<CancellationToken, Task<HttpReply>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.ExecuteAsync(static async (c, token) => await c(token), call, cancellationToken);
        }
        catch (BrokenCircuitException e)
        {
            return new HttpReply(HttpEnd.CircuitOpen) { Wait = e.RetryAfter ?? _settings.Break, Cause = _opened };
        }
        catch (RateLimiterRejectedException e)
        {
            return new HttpReply(HttpEnd.Busy) { Wait = e.RetryAfter ?? TimeSpan.FromSeconds(1) };
        }
        catch (TimeoutRejectedException)
        {
            // A call that had begun its body answers TimedOut by itself.
            return new HttpReply(HttpEnd.NotReached) { Detail = "timeout before the first byte" };
        }
    }

    // The time limit stands inside the rate, so that waiting does not eat a call's own time.
    private static ResiliencePipeline<HttpReply> Around(ResiliencePipeline<HttpReply> shared, TimeSpan timeout, TimeProvider clock, int retries)
    {
        var builder = new ResiliencePipelineBuilder<HttpReply> { TimeProvider = clock };
        if (retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpReply>
            {
                MaxRetryAttempts = retries,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = static a => ValueTask.FromResult(a.Outcome.Result is { End: HttpEnd.NotReached or HttpEnd.Broken } or { Status: 502 or 504 }),
            });
        }

        return builder.AddPipeline(shared).AddTimeout(new TimeoutStrategyOptions { Timeout = timeout }).Build();
    }

    private CircuitBreakerStrategyOptions<HttpReply> Breaker(string name, ILogger logger) => new()
    {
        FailureRatio = _settings.FailureRatio,
        MinimumThroughput = _settings.MinimumCalls,
        SamplingDuration = _settings.Sampling,
        BreakDuration = _settings.Break,
        ShouldHandle = static a => ValueTask.FromResult(
            a.Outcome.Exception is TimeoutRejectedException ||
            a.Outcome.Result is { End: HttpEnd.NotReached or HttpEnd.TimedOut or HttpEnd.Broken } or { Status: >= 500 }),
        OnOpened = a =>
        {
            _opened = a.Outcome.Result;
            Log.CircuitOpened(logger, name, a.BreakDuration.TotalSeconds);
            return default;
        },
        OnClosed = _ =>
        {
            Log.CircuitClosed(logger, name);
            return default;
        },
    };
}
