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
    private readonly List<Task> _work = [];
    private CancellationToken _stop;
    private volatile PipelineRuns? _runs;

    /// <summary>How long the host waits for the worker to drain.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    // Before the host's clock ticks: an entry that a tick sees while it is being written down ends the whole process.
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Schedule.Start(
            services, pipelines.All, (pipeline, kind) => _runs is { } runs ? Track(pipeline, runs.RunDueAsync(pipeline, kind)) : Task.CompletedTask, _log);
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
            _runs = new PipelineRuns(ledger, identity, settings, clock, loggers, _log, _stop);
            foreach (var pipeline in pipelines.All)
            {
                _ = Track(pipeline, _runs.CatchUpAsync(pipeline));
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
        lock (_work)
        {
            running = [.. _work];
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
        lock (_work)
        {
            _work.RemoveAll(r => r.IsCompleted);
            _work.Add(run);
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
