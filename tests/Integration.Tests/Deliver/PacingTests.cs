using System.Diagnostics;
using Integration.Deliver;
using Integration.Tests.Deliver.Dvcqg;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class PacingTests
{
    private static readonly HttpReply Good = new(HttpEnd.Answered) { Status = 200 };
    private static readonly HttpReply Unreached = new(HttpEnd.NotReached);

    [Fact]
    [Trait("Fault", "H7")]
    public async Task No_more_calls_are_under_way_than_allowed()
    {
        await using var pacing = Make(settings: [("MaxConcurrency", "3"), ("RequestsPerSecond", "0")]);
        var (now, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => InTurnAsync(pacing, async t =>
        {
            var under = Interlocked.Increment(ref now);
            InterlockedMax(ref most, under);
            await Task.Delay(5, t);
            Interlocked.Decrement(ref now);
            return Good;
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(3, most);
    }

    [Fact]
    [Trait("Fault", "H7")]
    public async Task A_backlog_released_at_once_never_exceeds_the_rate()
    {
        await using var pacing = Make(settings: [("MaxConcurrency", "50"), ("RequestsPerSecond", "50")]);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => pacing.ChangeAsync(_ => Task.FromResult(Good), TestContext.Current.CancellationToken)));

        // 40 turns at 50 a second, the first 5 at once.
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(600), $"took {watch.Elapsed}");
    }

    [Fact]
    public async Task A_full_queue_turns_calls_away_unsent()
    {
        await using var pacing = Make(settings: [("MaxConcurrency", "1"), ("MaxWaiting", "1"), ("RequestsPerSecond", "0")]);
        var hold = new TaskCompletionSource<HttpReply>();
        var first = InTurnAsync(pacing, _ => hold.Task, TestContext.Current.CancellationToken);
        var second = InTurnAsync(pacing, _ => Task.FromResult(Good), TestContext.Current.CancellationToken);
        var third = await InTurnAsync(pacing, _ => Task.FromResult(Good), TestContext.Current.CancellationToken);
        Assert.Equal((HttpEnd.Busy, true), (third.End, third.IsUnsent));
        hold.SetResult(Good);
        Assert.Equal([Good, Good], await Task.WhenAll(first, second));
    }

    [Fact]
    public async Task The_circuit_opens_holds_back_and_lets_one_call_try()
    {
        var clock = new FakeTimeProvider();
        await using var pacing = Make(clock, ("RequestsPerSecond", "0"), ("Circuit:MinimumCalls", "4"), ("Circuit:Break", "20s"));
        var calls = 0;
        Task<HttpReply> CallAsync(HttpReply reply) => pacing.ChangeAsync(_ =>
        {
            calls++;
            return Task.FromResult(reply);
        }, TestContext.Current.CancellationToken);

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(HttpEnd.NotReached, (await CallAsync(Unreached)).End);
        }

        var held = await CallAsync(Good);
        Assert.Equal((HttpEnd.CircuitOpen, true, 4), (held.End, held.IsUnsent, calls));
        Assert.InRange(held.Wait!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));

        clock.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal([Good, Good], [await CallAsync(Good), await CallAsync(Good)]);
    }

    [Fact]
    public async Task Refusals_of_records_never_open_the_circuit()
    {
        await using var pacing = Make(settings: [("RequestsPerSecond", "0"), ("Circuit:MinimumCalls", "2")]);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(422, (await pacing.ChangeAsync(_ => Task.FromResult(Good with { Status = 422 }), TestContext.Current.CancellationToken)).Status);
        }
    }

    [Fact]
    public async Task A_question_is_repeated_when_the_network_fails_it_and_a_change_never()
    {
        await using var pacing = Make(settings: ("RequestsPerSecond", "0"));
        var (asked, changed) = (0, 0);
        await pacing.AskAsync(_ => Task.FromResult(++asked < 3 ? Unreached : Good), TestContext.Current.CancellationToken);
        await pacing.ChangeAsync(_ => Task.FromResult(++changed < 3 ? Unreached : Good), TestContext.Current.CancellationToken);
        Assert.Equal((3, 1), (asked, changed));
    }

    [Fact]
    public async Task A_caller_who_gives_up_while_waiting_for_a_turn_is_told_by_exception()
    {
        await using var pacing = Make(settings: [("MaxConcurrency", "1"), ("RequestsPerSecond", "0")]);
        var hold = new TaskCompletionSource<HttpReply>();
        var first = InTurnAsync(pacing, _ => hold.Task, TestContext.Current.CancellationToken);
        using var impatient = new CancellationTokenSource();
        var second = InTurnAsync(pacing, _ => Task.FromResult(Good), impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        hold.SetResult(Good);
        await first;
    }

    private static Task<HttpReply> InTurnAsync(Pacing pacing, Func<CancellationToken, Task<HttpReply>> call, CancellationToken cancellation) =>
        pacing.InTurnAsync(t => pacing.ChangeAsync(call, t), busy => busy, cancellation);

    private static Pacing Make(TimeProvider? clock = null, params (string, string)[] settings) => new(
        HttpConnection.Read(new Settings(PortalStub.Section([("Url", "https://portal.example"), .. settings]))), "Portal", clock ?? TimeProvider.System, NullLogger.Instance);

    private static void InterlockedMax(ref int place, int value)
    {
        for (var seen = Volatile.Read(ref place); value > seen; seen = Volatile.Read(ref place))
        {
            Interlocked.CompareExchange(ref place, value, seen);
        }
    }
}
