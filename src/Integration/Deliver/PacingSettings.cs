using System.Threading.RateLimiting;

namespace Integration.Deliver;

/// <summary>Limits of one connection, shared by all its pipelines.</summary>
/// <param name="MaxConcurrency">Calls under way at once.</param>
/// <param name="RequestsPerSecond">Calls begun in a second; 0: no limit.</param>
/// <param name="MaxWaiting">Calls that may wait for their turn, first come first served; more are turned away.</param>
/// <param name="FailureRatio">Share of failed calls that opens the circuit.</param>
/// <param name="MinimumCalls">Fewer calls than this in <paramref name="Sampling"/> never open it.</param>
/// <param name="Break">How long the circuit stays open before one call may try.</param>
internal sealed record PacingSettings(
    int MaxConcurrency, int RequestsPerSecond, int MaxWaiting, double FailureRatio, int MinimumCalls, TimeSpan Sampling, TimeSpan Break)
{
    public static PacingSettings Read(Settings settings)
    {
        var circuit = settings.Part("Circuit");
        return new(
            settings.Whole("MaxConcurrency", 4, 1, 256),
            settings.Whole("RequestsPerSecond", 20, 0, 10_000),
            settings.Whole("MaxWaiting", 1_000, 1, 100_000),
            circuit.Number("FailureRatio", 0.5, 0.01, 1),
            circuit.Whole("MinimumCalls", 10, 2, 10_000),
            circuit.Duration("Sampling", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            circuit.Duration("Break", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(1)));
    }

    /// <summary>
    /// Turns come spread over the second, so that a backlog released at once never bursts. The wait is real time: the limiter has no other clock.
    /// </summary>
    public RateLimiter RateLimiter()
    {
        if (RequestsPerSecond == 0)
        {
            return new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = int.MaxValue, QueueLimit = 0 });
        }

        var turns = Math.Max(1, RequestsPerSecond / 10);
        return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = turns,
            TokensPerPeriod = turns,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)turns / RequestsPerSecond),
            QueueLimit = MaxWaiting,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }
}
