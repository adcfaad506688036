namespace Integration.Pipelines;

/// <summary>How long to leave a receiver alone after the n-th failure in a row.</summary>
internal sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>
    /// Doubles from <see cref="First"/> to <see cref="Longest"/>, with the upper half random, so that many workers do not come back together.
    /// </summary>
    /// <param name="failures">Failures in a row so far, from 1.</param>
    public TimeSpan After(int failures)
    {
        var whole = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 16));
        var capped = whole < Longest ? whole : Longest;
        return capped * (0.5 + Random.Shared.NextDouble() / 2);
    }
}
