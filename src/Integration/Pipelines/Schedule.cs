using Coravel;
using Coravel.Scheduling.Schedule.Interfaces;
using Cronos;
using Integration.Ledger;

namespace Integration.Pipelines;

/// <summary>
/// When pipelines run; the one file that knows Coravel. Coravel says when, and nothing more: that a run does not overlap another, here or in
/// another process, is the ledger's lease, and a run missed while no worker was up is caught up once at the next start.
/// </summary>
internal static class Schedule
{
    public static void Add(IServiceCollection services) => services.AddScheduler();

    /// <param name="run">Runs one pipeline; its failures are its own.</param>
    public static void Start(IServiceProvider services, IEnumerable<Pipeline> pipelines, Func<Pipeline, RunKind, Task> run, ILogger log) =>
        services.UseScheduler(scheduler =>
        {
            foreach (var pipeline in pipelines)
            {
                // A worker of its own for each, or a long run would hold up the others.
                var entry = scheduler.OnWorker(pipeline.Name).ScheduleAsync(() => run(pipeline, RunKind.Schedule)).Cron(pipeline.Definition.Schedule.Cron);
                ((IScheduledEventConfiguration)entry).Zoned(pipeline.Definition.Schedule.Zone);
            }
        }).OnError(e => log.ScheduleFailed("*", e.GetType().Name)).LogScheduledTaskProgress();

    /// <summary>The latest time at which a run was due and did not begin; null when none was missed. A pipeline that never ran is due at once.</summary>
    /// <param name="lastStart">When the newest run of the pipeline began; null when it never ran.</param>
    public static DateTimeOffset? Missed(Definitions.Timetable schedule, DateTimeOffset? lastStart, DateTimeOffset now)
    {
        if (lastStart is not { } last)
        {
            return now;
        }

        var next = CronExpression.Parse(schedule.Cron).GetNextOccurrence(last, schedule.Zone);
        return next <= now ? next : null;
    }

    /// <summary>When it runs next; null when never.</summary>
    public static DateTimeOffset? Next(Definitions.Timetable schedule, DateTimeOffset now) =>
        CronExpression.Parse(schedule.Cron).GetNextOccurrence(now, schedule.Zone);
}
