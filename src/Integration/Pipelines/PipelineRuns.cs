using System.Collections.Concurrent;
using Integration.Ledger;

namespace Integration.Pipelines;

/// <summary>When pipelines are read: what is due, what was missed, and what broke off and is still owed.</summary>
/// <param name="stop">Ends what runs, and every wait.</param>
internal sealed class PipelineRuns(
    ILedger ledger, WorkerIdentity identity, WorkerSettings settings, TimeProvider clock, ILoggerFactory loggers, ILogger<Worker> log, CancellationToken stop)
{
    private readonly ConcurrentDictionary<string, bool> _owing = new(StringComparer.Ordinal);

    /// <summary>
    /// At the start of a worker. Until no run is owed: the lease of a worker that died in its run and a source that is away for a moment both end by themselves.
    /// </summary>
    public async Task CatchUpAsync(Pipeline pipeline)
    {
        while (!stop.IsCancellationRequested && !await QuietlyAsync(pipeline, () => MapAgainAsync(pipeline)))
        {
            await Task.Delay(settings.Delivery.Backoff.After(1), clock, stop);
        }

        if (settings.RunAtStart)
        {
            await QuietlyAsync(pipeline, () => SyncAsync(pipeline, RunKind.Request));
        }

        await RunOwedAsync(pipeline);
    }

    /// <summary>When the schedule says so. A run that broke off is not left to the next day's.</summary>
    public async Task RunDueAsync(Pipeline pipeline, RunKind kind)
    {
        var brokenOff = true;
        await QuietlyAsync(pipeline, async () => brokenOff = await SyncAsync(pipeline, kind) == RunOutcome.BrokenOff);
        if (brokenOff)
        {
            await RunOwedAsync(pipeline);
        }
    }

    private async Task RunOwedAsync(Pipeline pipeline)
    {
        if (!_owing.TryAdd(pipeline.Name, true))
        {
            return;
        }

        try
        {
            var owed = true;
            for (var tries = 1; owed; tries++)
            {
                await QuietlyAsync(pipeline, async () => owed = await CatchUpOnceAsync(pipeline));
                await Task.Delay(settings.Delivery.Backoff.After(tries), clock, stop);
            }
        }
        finally
        {
            _owing.TryRemove(pipeline.Name, out _);
        }
    }

    /// <returns>False when no run was owed.</returns>
    private async Task<bool> CatchUpOnceAsync(Pipeline pipeline)
    {
        if (await FindOwedAsync(pipeline) is not { } since)
        {
            return false;
        }

        log.RunCaughtUp(pipeline.Name, TimeZoneInfo.ConvertTime(since, pipeline.Definition.Schedule.Zone));
        await SyncAsync(pipeline, RunKind.CatchUp);
        return true;
    }

    private async Task MapAgainAsync(Pipeline pipeline)
    {
        var control = await ledger.ReadControlAsync(pipeline.Name, stop);
        if (control.MappingVersion is { } version && version != pipeline.Definition.Version.ToString())
        {
            await new Remapping(pipeline, ledger, identity, loggers.CreateLogger<Remapping>()).RunAsync(new FailureFilter(), stop);
        }
    }

    /// <summary>Since when a run is owed: one was missed, or the last one did not come to its end. Null when none is, or a person paused it.</summary>
    private async Task<DateTimeOffset?> FindOwedAsync(Pipeline pipeline)
    {
        if ((await ledger.ReadControlAsync(pipeline.Name, stop)).Paused is not null)
        {
            return null;
        }

        // What was only mapped again was not read.
        var last = (await ledger.ReadRunsAsync(pipeline.Name, 20, stop)).FirstOrDefault(r => r.Kind != RunKind.Replay);
        return last is { Outcome: RunOutcome.Running or RunOutcome.BrokenOff }
            ? last.Started
            : Schedule.Missed(pipeline.Definition.Schedule, last?.Started, clock.GetUtcNow());
    }

    /// <returns>Null when another worker runs it, or a person paused it.</returns>
    private async Task<RunOutcome?> SyncAsync(Pipeline pipeline, RunKind kind)
    {
        var result = await new SyncRun(pipeline, ledger, identity, settings.Delivery.Lease, clock, loggers.CreateLogger<SyncRun>(), settings.Limits)
            .RunAsync(new SyncRequest(kind, WaitForRoom: true), stop);
        if (result.Outcome is null)
        {
            log.RunSkipped(pipeline.Name, identity.Say(result.Detail!));
        }

        return result.Outcome;
    }

    // The schedule comes round again; a ledger that is away for one run is told and no more.
    /// <returns>False when the ledger was away; every caller tries again.</returns>
    private async Task<bool> QuietlyAsync(Pipeline pipeline, Func<Task> run)
    {
        try
        {
            await run();
            return true;
        }
        catch (LedgerUnavailableException e)
        {
            log.RunPutOff(pipeline.Name, identity.Say(e.What));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopping is not a failure.
        }

        return false;
    }
}
