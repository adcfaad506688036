using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>How long a lane leaves its receiver alone. Shared by the loops of one lane.</summary>
internal sealed class LaneRest(Pipeline pipeline, ILedger ledger, DeliverySettings settings, TimeProvider clock, ILogger log)
{
    private int _failuresInARow;

    public void Answered() => Volatile.Write(ref _failuresInARow, 0);

    /// <param name="asked">What the receiver asked for; null: a rest that doubles with every failure in a row.</param>
    public DateTimeOffset Until(TimeSpan? asked) => clock.GetUtcNow() + (asked ?? settings.Backoff.After(Interlocked.Increment(ref _failuresInARow)));

    /// <summary>The whole lane rests, not one record: whatever kept this call from being answered will keep the next one too.</summary>
    public async Task ParkAsync(DateTimeOffset until, string code, string message)
    {
        var said = Text.OfMessage(code, message);
        var reason = new Text($"Nơi nhận chưa trả lời được ({code}): {said.Vi}", $"The receiver gave no usable answer ({code}): {said.En}");
        await ledger.ParkAsync(pipeline.Name, until, reason, CancellationToken.None);
        log.LaneParked(pipeline.Name, TimeZoneInfo.ConvertTime(until, pipeline.Definition.Schedule.Zone), code);
    }
}
