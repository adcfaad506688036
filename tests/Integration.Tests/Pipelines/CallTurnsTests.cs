using System.Collections.Concurrent;
using Integration.Deliver;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Integration.Tests.Pipelines;

/// <summary>A lane has its next batch in hand while its calls are away, makes no more calls at once than it may, and none that an answer forbids.</summary>
public sealed class CallTurnsTests : IAsyncLifetime
{
    private const int Batch = 5;
    private const string Services = "services";

    private readonly Receiver _receiver = new();
    private ProvinceAtWork? _province;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _province = await ProvinceAtWork.StartAsync(10, null, Cancelled);
        await _province.SyncAsync(Services);
    }

    public ValueTask DisposeAsync() => _province!.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_next_batch_is_claimed_while_the_calls_are_away(int inFlight)
    {
        await using var lane = Start(inFlight);
        await UntilAsync(async () => _receiver.Waiting.Count == inFlight && await LeasedAsync() == (inFlight + 1) * Batch);

        while (await LeasedAsync() + await ReadyAsync() > 0)
        {
            _receiver.Answer(new DeliveryReply(Verdict.Accepted, "0", "", null, null, default));
            await Task.Delay(5, Cancelled);
        }

        Assert.Equal(inFlight, _receiver.MostAtOnce);
        Assert.Equal(_receiver.Sent.Count, _receiver.Sent.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task An_answer_that_asks_for_rest_holds_back_the_batch_in_hand()
    {
        var ready = await ReadyAsync();
        await using var lane = Start(1);
        await UntilAsync(async () => _receiver.Waiting.Count == 1 && await LeasedAsync() == 2 * Batch);
        _receiver.Answer(new DeliveryReply(Verdict.TryLater, "429", "", null, TimeSpan.FromHours(1), default));

        await UntilAsync(async () => await LeasedAsync() == 0 && await ReadyAsync() == ready);
        Assert.Equal(1, _receiver.Calls);
    }

    [Fact]
    public async Task A_pause_holds_back_the_batch_in_hand()
    {
        var ready = await ReadyAsync();
        await using var lane = Start(1);
        await UntilAsync(async () => _receiver.Waiting.Count == 1 && await LeasedAsync() == 2 * Batch);
        await _province!.Ledger.PauseAsync(Services, new Decision("Lan", "Cổng bảo trì"), Cancelled);
        _receiver.Answer(new DeliveryReply(Verdict.Accepted, "0", "", null, null, default));

        await UntilAsync(async () => await LeasedAsync() == 0 && await ReadyAsync() == ready - Batch);
        Assert.Equal(1, _receiver.Calls);
    }

    [Fact]
    public async Task A_lane_that_stops_finishes_its_call_and_gives_back_the_batch_in_hand()
    {
        await using var lane = Start(1);
        await UntilAsync(async () => _receiver.Waiting.Count == 1 && await LeasedAsync() == 2 * Batch);
        var ready = await ReadyAsync();
        var stopped = lane.StopAsync();
        await UntilAsync(async () => await LeasedAsync() == Batch && await ReadyAsync() == ready + Batch);
        _receiver.Answer(new DeliveryReply(Verdict.Accepted, "0", "", null, null, default));

        await stopped;
        Assert.Equal((1, 0L), (_receiver.Calls, await LeasedAsync()));
    }

    [Fact]
    public async Task Nothing_is_kept_in_hand_for_a_receiver_that_can_neither_be_asked_nor_called_twice()
    {
        _receiver.Traits = _receiver.Traits with { RepeatIsSafe = false };
        await using var lane = Start(1);
        await UntilAsync(() => Task.FromResult(_receiver.Waiting.Count == 1));
        await Task.Delay(5 * _province!.Delivery.LookEvery, Cancelled);

        Assert.Equal(Batch, await LeasedAsync());
    }

    [Fact]
    public async Task A_batch_in_hand_stays_leased_however_long_the_call_before_it_takes()
    {
        await using var lane = Start(1);
        await UntilAsync(async () => _receiver.Waiting.Count == 1 && await LeasedAsync() == 2 * Batch);
        await Task.Delay(2 * _province!.Delivery.Lease, Cancelled);
        await _province.Ledger.UpkeepAsync(Cancelled);

        Assert.Equal(2 * Batch, await LeasedAsync());
        Assert.Equal(1, _receiver.Calls);
    }

    private Lane Start(int inFlight)
    {
        var delivery = new DeliverySettings { InFlight = inFlight, Lease = _province!.Delivery.Lease, LookEvery = _province.Delivery.LookEvery };
        var pipeline = _province.Pipelines.Find(Services)!;
        return new Lane(new DeliveryLane(
            new Pipeline(pipeline.Definition, pipeline.Source, _receiver), _province.Ledger, new WorkerIdentity("test", Language.English), delivery, TimeProvider.System, NullLogger<DeliveryLane>.Instance));
    }

    private Task<long> LeasedAsync() => CountAsync(RecordState.Leased);

    private Task<long> ReadyAsync() => CountAsync(RecordState.Ready);

    private async Task<long> CountAsync(RecordState state) =>
        (await _province!.Ledger.ReadStatusAsync(Cancelled)).Single(s => s.Pipeline == Services).States.GetValueOrDefault(state);

    private Task UntilAsync(Func<Task<bool>> done) => Until.TrueAsync(
        done, TimeSpan.FromSeconds(30), async () => $"{_receiver.Waiting.Count} calls under way, {await LeasedAsync()} leased, {await ReadyAsync()} ready");

    /// <summary>The loops of a lane, aborted at the end.</summary>
    private sealed class Lane : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _abort = new();
        private readonly IReadOnlyList<Task> _loops;

        public Lane(DeliveryLane lane) => _loops = lane.Start(_stop.Token, _abort.Token);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_loops);
        }

        public async ValueTask DisposeAsync()
        {
            await _abort.CancelAsync();
            await StopAsync();
            _stop.Dispose();
            _abort.Dispose();
        }
    }

    /// <summary>Answers when it is told to.</summary>
    private sealed class Receiver : ITarget
    {
        private int _atOnce;

        public TargetTraits Traits { get; set; } = new(Batch, CanLookUp: false, RepeatIsSafe: true, CanWithdraw: false);

        public ConcurrentQueue<TaskCompletionSource<DeliveryReply>> Waiting { get; } = new();

        public ConcurrentQueue<string> Sent { get; } = new();

        public int Calls { get; private set; }

        public int MostAtOnce { get; private set; }

        public void Answer(DeliveryReply reply)
        {
            if (Waiting.TryDequeue(out var call))
            {
                call.SetResult(reply);
            }
        }

        public async Task<DeliveryReply> SendAsync(DeliveryBatch batch, CancellationToken cancellationToken)
        {
            var call = new TaskCompletionSource<DeliveryReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (Waiting)
            {
                Calls++;
                MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
            }

            foreach (var item in batch.Items)
            {
                Sent.Enqueue(item.Key);
            }

            Waiting.Enqueue(call);
            var reply = await call.Task.WaitAsync(cancellationToken);
            lock (Waiting)
            {
                _atOnce--;
            }

            return reply;
        }

        public Closing? ClosedAt(DateTimeOffset now) => null;

        public Task<LookUpReply> LookUpAsync(DeliveryItem item, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
