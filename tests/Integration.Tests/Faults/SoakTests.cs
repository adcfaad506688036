using System.Diagnostics;
using System.Globalization;
using Demo.Province;
using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Memory, handles and threads are those of the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Row L4: a long time in a short one.</summary>
[Collection(nameof(Alone))]
public sealed class SoakTests
{
    /// <summary>Polls, edits and faults without a pause. INTEGRATION_TEST_SOAK_SECONDS makes it longer than the 15 seconds of every test run.</summary>
    [Fact, Trait("Fault", "L4")]
    public async Task Many_polls_with_faults_leave_memory_handles_and_threads_where_they_were()
    {
        var seconds = Environment.GetEnvironmentVariable("INTEGRATION_TEST_SOAK_SECONDS") is { } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : 15;
        await using var work = await ProvinceAtWork.StartAsync(120, null, TestContext.Current.CancellationToken);
        await work.SyncAllAsync();
        await work.DeliverAsync();
        var dice = new Random(20280);
        var modes = new[] { FaultModes.Drop, FaultModes.CommitThenDrop, FaultModes.Answer500, FaultModes.CutBody, FaultModes.Html200, FaultModes.SessionLost };
        var (polls, warm, edited) = (0, default(Usage), work.Province.EditOneDossier());
        var started = Stopwatch.StartNew();
        while (started.Elapsed < TimeSpan.FromSeconds(seconds) || polls < 8)
        {
            work.Portal.Faults = new FaultPlan { Seed = polls, Faults = [new FaultRule { Mode = modes[dice.Next(modes.Length)], Times = 1 }] };
            work.Province.EditOneDossier(edited, $"lần {polls}");
            await work.SyncAllAsync();
            await work.DeliverAsync();
            polls++;
            if (polls == 4)
            {
                warm = Usage.Now();
            }
        }

        work.Portal.Faults = new FaultPlan();
        var end = Usage.Now();
        TestContext.Current.TestOutputHelper!.WriteLine($"{polls} polls of all pipelines in {started.Elapsed.TotalSeconds:F0} s; after four: {warm}; at the end: {end}");

        // The portal's ledger of effects lives in this process too and grows by what it is sent: hence ratios, and generous ones.
        Assert.InRange((double)end.Memory / warm.Memory, 0, 1.5);
        Assert.InRange((double)end.Handles / warm.Handles, 0, 1.3);
        Assert.InRange((double)end.Threads / warm.Threads, 0, 1.5);
        Assert.Empty(work.Portal.Effects().GroupBy(e => (e.Service, e.Key, e.Sha256)).Where(g => g.Count() > 1).Select(g => $"{g.Key}"));
    }

    private readonly record struct Usage(long Memory, int Handles, int Threads)
    {
        public static Usage Now()
        {
            using var me = Process.GetCurrentProcess();
            var handles = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : me.HandleCount;
            return new Usage(GC.GetTotalMemory(forceFullCollection: true), handles, me.Threads.Count);
        }
    }
}
