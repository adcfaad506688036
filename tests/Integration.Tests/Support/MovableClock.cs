namespace Integration.Tests.Support;

/// <summary>The real clock, and a jump forward when a test says so: hours pass at once, timers run as they always do.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long _ahead;

    public void Move(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    public void MoveTo(DateTimeOffset time) => Move(time - GetUtcNow());

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Volatile.Read(ref _ahead));

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Volatile.Read(ref _ahead) * ((double)System.TimestampFrequency / TimeSpan.TicksPerSecond));
}
