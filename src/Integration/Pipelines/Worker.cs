using System.Collections.Concurrent;
using System.Diagnostics;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// The worker: opens the ledger, catches up what was missed, runs pipelines on their schedule and keeps their lanes going. When told to stop
/// it takes no new work, finishes what is in flight, and gives the rest back.
/// </summary>
internal sealed class Worker(
    PipelineSet pipelines, ILedger ledger, WorkerIdentity identity, WorkerSettings settings, WorkerHealth health, TimeProvider clock,
    IServiceProvider services, IHostApplicationLifetime lifetime, ILoggerFactory loggers) : BackgroundService
{
    /// <summary>How much of the host's shutdown time is kept back for writing down what the last calls brought.</summary>
    private static readonly TimeSpan KeptBack = TimeSpan.FromSeconds(3);

    // As the command line tells wrong use or configuration: starting it again the same way does not help.
    private const int WrongProgram = 2;

    private readonly ILogger<Worker> _log = loggers.CreateLogger<Worker>();
    private readonly CancellationTokenSource _abort = new();
    private readonly List<Task> _runs = [];
    private readonly ConcurrentDictionary<string, bool> _owing = new(StringComparer.Ordinal);
    private CancellationToken _stop;
    private volatile bool _isOpen;

    /// <summary>How long the host waits for the worker to drain.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    // Before the host's clock ticks: an entry that a tick sees while it is being written down ends the whole process.
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Schedule.Start(
            services, pipelines.All, (pipeline, kind) => _isOpen ? Track(pipeline, RunDueAsync(pipeline, kind)) : Task.CompletedTask, _log);
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _log.Draining(identity.Name);
        _abort.CancelAfter(ShutdownTimeout - KeptBack);
        Failpoint.Reach("P22 told to stop, calls under way");
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _abort.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stop = stoppingToken;
        try
        {
            await OpenLedgerAsync();

            // What was due until now is caught up.
            _isOpen = true;
            foreach (var pipeline in pipelines.All)
            {
                _ = Track(pipeline, CatchUpAsync(pipeline));
            }

            var loops = pipelines.All.SelectMany(p => Lane(p).Start(_stop, _abort.Token).Select(loop => Guarded(p.Name, loop)));
            await Task.WhenAll(loops.Append(Guarded("*", UpkeepAsync())));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is not a failure.
        }
        catch (LedgerTooNewException e)
        {
            _log.LedgerTooNew(identity.Say(e.What));
            Die(WrongProgram);
        }

        Task[] running;
        lock (_runs)
        {
            running = [.. _runs];
        }

        await Task.WhenAll(running).WaitAsync(ShutdownTimeout, clock, CancellationToken.None);
    }

    // A ledger that is away is waited for: a worker that dies in a loop is no use to anyone when it comes back.
    private async Task OpenLedgerAsync()
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await ledger.OpenAsync(_stop);
                health.LedgerAnswered();
                _log.Ready(identity.Name, pipelines.All.Count, settings.Ledger.Provider, settings.Http.Url);
                return;
            }
            catch (LedgerUnavailableException e)
            {
                var wait = settings.Delivery.Backoff.After(Math.Min(failures, 5));
                _log.LedgerAway("*", wait.TotalSeconds, identity.Say(e.What));
                await Task.Delay(wait, clock, _stop);
            }
        }
    }

    // Until no run is owed: the lease of a worker that died in its run and a source that is away for a moment both end by themselves.
    private async Task CatchUpAsync(Pipeline pipeline)
    {
        while (!_stop.IsCancellationRequested && !await QuietlyAsync(pipeline, () => MapAgainAsync(pipeline)))
        {
            await Task.Delay(settings.Delivery.Backoff.After(1), clock, _stop);
        }

        if (settings.RunAtStart)
        {
            await QuietlyAsync(pipeline, () => SyncAsync(pipeline, RunKind.Request));
        }

        await RunOwedAsync(pipeline);
    }

    // A run that broke off is not left to the next day's schedule.
    private async Task RunDueAsync(Pipeline pipeline, RunKind kind)
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
                await Task.Delay(settings.Delivery.Backoff.After(tries), clock, _stop);
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

        _log.RunCaughtUp(pipeline.Name, TimeZoneInfo.ConvertTime(since, pipeline.Definition.Schedule.Zone));
        await SyncAsync(pipeline, RunKind.CatchUp);
        return true;
    }

    private async Task MapAgainAsync(Pipeline pipeline)
    {
        var control = await ledger.ReadControlAsync(pipeline.Name, _stop);
        if (control.MappingVersion is { } version && version != pipeline.Definition.Version.ToString())
        {
            await new Remapping(pipeline, ledger, identity, loggers.CreateLogger<Remapping>()).RunAsync(new FailureFilter(), _stop);
        }
    }

    /// <summary>Since when a run is owed: one was missed, or the last one did not come to its end. Null when none is, or a person paused it.</summary>
    private async Task<DateTimeOffset?> FindOwedAsync(Pipeline pipeline)
    {
        if ((await ledger.ReadControlAsync(pipeline.Name, _stop)).Paused is not null)
        {
            return null;
        }

        // What was only mapped again was not read.
        var last = (await ledger.ReadRunsAsync(pipeline.Name, 20, _stop)).FirstOrDefault(r => r.Kind != RunKind.Replay);
        return last is { Outcome: RunOutcome.Running or RunOutcome.BrokenOff }
            ? last.Started
            : Schedule.Missed(pipeline.Definition.Schedule, last?.Started, clock.GetUtcNow());
    }

    /// <returns>Null when another worker runs it, or a person paused it.</returns>
    private async Task<RunOutcome?> SyncAsync(Pipeline pipeline, RunKind kind)
    {
        var result = await new SyncRun(pipeline, ledger, identity, settings.Delivery.Lease, clock, loggers.CreateLogger<SyncRun>(), settings.Limits)
            .RunAsync(new SyncRequest(kind, WaitForRoom: true), _stop);
        if (result.Outcome is null)
        {
            _log.RunSkipped(pipeline.Name, identity.Say(result.Detail!));
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
            _log.RunPutOff(pipeline.Name, identity.Say(e.What));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping is not a failure.
        }

        return false;
    }

    private async Task UpkeepAsync()
    {
        var (failures, awaySince) = (0, 0L);
        while (!_stop.IsCancellationRequested)
        {
            var wait = settings.Delivery.UpkeepEvery;
            try
            {
                var counts = await ledger.UpkeepAsync(_stop);
                health.LedgerAnswered();
                if (failures > 0)
                {
                    _log.LedgerBack(clock.GetElapsedTime(awaySince).TotalSeconds);
                    failures = 0;
                }

                if (counts != default)
                {
                    _log.UpkeepDone(counts.LeasesExpired, counts.Released);
                    WakeLanes();
                }
            }
            catch (LedgerUnavailableException e)
            {
                awaySince = failures == 0 ? clock.GetTimestamp() : awaySince;
                wait = settings.Delivery.Backoff.After(Math.Min(++failures, 4));
                _log.LedgerAway("*", wait.TotalSeconds, identity.Say(e.What));
            }

            await Task.Delay(wait, clock, _stop);
        }
    }

    private void WakeLanes()
    {
        foreach (var pipeline in pipelines.All)
        {
            pipeline.Work.Set();
        }
    }

    private DeliveryLane Lane(Pipeline pipeline) => new(pipeline, ledger, identity, settings.Delivery, clock, loggers.CreateLogger<DeliveryLane>());

    private Task Track(Pipeline pipeline, Task work)
    {
        var run = Guarded(pipeline.Name, work);
        lock (_runs)
        {
            _runs.RemoveAll(r => r.IsCompleted);
            _runs.Add(run);
        }

        return run;
    }

    // Running but dead is the worst state a worker can be in: an unforeseen failure ends the process with a non-zero code.
    private async Task Guarded(string pipeline, Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping is not a failure.
        }
        catch (LedgerTooNewException e)
        {
            _log.LedgerTooNew(identity.Say(e.What));
            Die(WrongProgram);
        }
#pragma warning disable CA1031 // the last resort: whatever it is, the process must not live on without its loop
        catch (Exception e)
#pragma warning restore CA1031
        {
            var frame = new StackTrace(e).GetFrame(0)?.GetMethod();
            _log.Unexpected(pipeline, e.GetType().Name, $"{frame?.DeclaringType?.FullName}.{frame?.Name}");
            Die();
        }
    }

    private void Die(int exitCode = 1)
    {
        health.Fail();
        Environment.ExitCode = exitCode;
        lifetime.StopApplication();
    }
}
