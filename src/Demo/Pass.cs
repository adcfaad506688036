using Demo.Province;
using Integration.Ledger;
using Integration.Records;

namespace Demo;

/// <summary>Watches one pass of the worker by reading its ledger, never by asking the worker.</summary>
internal sealed class Pass(ILedger ledger, DateTimeOffset since)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    /// <summary>Looks until every pipeline has run since the pass began and nothing is on its way any more.</summary>
    /// <param name="show">Told what the ledger holds, at every look.</param>
    /// <param name="gaveUp">Ends the watch with its own failure.</param>
    public async Task<IReadOnlyList<PipelineStatus>> WatchAsync(Action<IReadOnlyList<PipelineStatus>> show, Task gaveUp, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (gaveUp.IsCompleted)
            {
                await gaveUp;
            }

            var status = await ReadAsync(cancellationToken);
            show(status);
            if (PipelineNames.All.All(name => status.Any(s => s.Pipeline == name && IsDone(s))))
            {
                return status;
            }

            await Task.Delay(_look, cancellationToken);
        }
    }

    private bool IsDone(PipelineStatus status) =>
        status.LastRun is { Ended: not null } run && run.Started >= since
        && status.States.GetValueOrDefault(RecordState.Ready) + status.States.GetValueOrDefault(RecordState.Leased) + status.States.GetValueOrDefault(RecordState.Unknown) == 0;

    // The worker's first moments: there may be no ledger to read yet.
    private async Task<IReadOnlyList<PipelineStatus>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ledger.ReadStatusAsync(cancellationToken);
        }
        catch (LedgerUnavailableException)
        {
            return [];
        }
    }
}
