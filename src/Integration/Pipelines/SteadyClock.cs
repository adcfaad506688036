namespace Integration.Pipelines;

/// <summary>
/// A clock that is never set. When somebody sets the machine's, this one is only hurried or slowed until both agree again: a lease that
/// was to last a minute lasts between half a minute and two, instead of ending at once or tomorrow.
/// </summary>
internal sealed class SteadyClock(TimeProvider machine) : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset _now = machine.GetUtcNow();
    private long _at = machine.GetTimestamp();

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            var at = machine.GetTimestamp();
            var passed = machine.GetElapsedTime(_at, at);
            var off = machine.GetUtcNow() - (_now + passed);
            var most = off > TimeSpan.Zero ? passed : passed / 2;
            _now += passed + TimeSpan.FromTicks(Math.Clamp(off.Ticks, -most.Ticks, most.Ticks));
            _at = at;
            return _now;
        }
    }
}
