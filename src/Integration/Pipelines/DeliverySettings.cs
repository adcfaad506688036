using System.ComponentModel.DataAnnotations;

namespace Integration.Pipelines;

/// <summary>How lanes work; section <c>Delivery</c> of the configuration.</summary>
internal sealed class DeliverySettings
{
    /// <summary>Calls of one pipeline under way at the same time.</summary>
    [Range(1, 64)]
    public int InFlight { get; set; } = 2;

    /// <summary>How long a worker keeps what it took. A worker that is gone for longer loses it, and its records are asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a lane looks by itself; a sync in the same process wakes it at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after a lost answer the receiver is asked: what it was still working on must be visible by then.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a lane rests after a first failure; each further one in a row doubles it, up to <see cref="LongestRest"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan FirstRest { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest rest that the worker chooses by itself; a receiver may ask for more.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LongestRest { get; set; } = TimeSpan.FromMinutes(5);

    public Backoff Backoff => new(FirstRest, LongestRest);

    /// <summary>Records the receiver refuses one after another, none accepted between them, before the pipeline is paused by itself.</summary>
    [Range(1, 100_000)]
    public int PauseAfterRefusals { get; set; } = 50;

    /// <summary>How often in a row a worker may die while it handles one record alone before that record is set aside.</summary>
    [Range(1, 100)]
    public int CrashesAlone { get; set; } = 2;

    /// <summary>Largest batch in bytes of payload.</summary>
    [Range(1024, 1 << 30)]
    public int BatchBytes { get; set; } = 8 << 20;

    /// <summary>How often leases that ran out and waiting records are looked after.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan UpkeepEvery { get; set; } = TimeSpan.FromSeconds(5);
}
