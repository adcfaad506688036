using Integration.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Integration.Tests.Pipelines;

public sealed class SignalTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly Signal _signal = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_those_who_wait_a_signal_wakes_one()
    {
        Task[] waiting = [WaitAsync(), WaitAsync()];
        _signal.Set();
        var woken = await Task.WhenAny(waiting);
        Assert.False(waiting.Single(w => w != woken).IsCompleted);

        _signal.Set();
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_signal_that_nobody_waits_for_is_kept_for_the_next_and_several_are_one()
    {
        _signal.Set();
        _signal.Set();
        await WaitAsync();

        var next = WaitAsync();
        Assert.False(next.IsCompleted);
        _clock.Advance(Long);
        await next;
    }

    [Fact]
    public async Task Whoever_gave_up_waiting_takes_no_signal_with_him()
    {
        using var stop = new CancellationTokenSource();
        var stopped = _signal.WaitAsync(Long, _clock, stop.Token);
        var late = WaitAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        _clock.Advance(Long);
        await late;

        _signal.Set();
        await WaitAsync();
    }

    private Task WaitAsync() => _signal.WaitAsync(Long, _clock, Cancelled);
}
