using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>A record that ends every worker that handles it: it is found among the others, set aside, and they flow.</summary>
public sealed class PoisonTests(ITestOutputHelper output)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("send")]
    [InlineData("ask")]
    public async Task A_record_that_kills_the_worker_is_set_aside_after_few_deaths_and_the_others_are_delivered(string how)
    {
        // What is to be asked for must first have lost its answer.
        var drops = new FaultRule { Mode = FaultModes.CommitThenDrop, Service = "DongBoHoSoMC", Times = 4 };
        await using var work = await WorkerAtRisk.CreateAsync(12, null, new FaultPlan { Faults = how == "ask" ? [drops] : [] });
        var poison = Expectations.ReadFates(work.Province, PipelineNames.Dossiers).First(static f => f.Fate == global::Demo.Province.Fate.Acknowledged).Key;
        work.Tell("CRASH_ON_KEY", $"{how}:{poison}");

        var deaths = 0;
        work.Launch();
        for (; deaths < 12 && !await IsSetAsideAsync(work, poison); deaths++)
        {
            work.Launch();
        }

        await work.LedgerAsync(
            static l => l.Extracted("progress") > 0 && l.Count(RecordState.Ready) + l.Count(RecordState.Leased) == 0, "the others are delivered");
        output.WriteLine($"{how}: {deaths} deaths; {await work.LookAsync(DateTimeOffset.MinValue)}");
        await using var ledger = work.OpenLedger();
        var failure = Assert.Single(await ledger.ReadFailuresAsync(new FailureFilter(Rule: Rules.CrashSuspect.Code), 0, 10, Cancelled));
        Assert.Equal((poison, how == "ask" ? RecordState.Unknown : RecordState.Quarantined), (failure.Key, failure.State));
        Assert.Equal($"The worker died {(how == "ask" ? 3 : 2)} times while it handled this record alone; it is set aside and the others flow.", Rules.What(failure.Rejection).En);
        Assert.InRange(deaths, 2, 9);
    }

    /// <returns>False when the worker died before.</returns>
    private static async Task<bool> IsSetAsideAsync(WorkerAtRisk work, string key)
    {
        while (!work.Worker.Ended.IsCompleted)
        {
            if ((await work.LookAsync(DateTimeOffset.MinValue)).Extracted(PipelineNames.Dossiers) > 0)
            {
                await using var ledger = work.OpenLedger();
                if ((await ledger.ReadHistoryAsync(PipelineNames.Dossiers, key, Cancelled)).Any(static v => v.Rejections.Count > 0))
                {
                    return true;
                }
            }

            await Task.Delay(100, Cancelled);
        }

        return false;
    }
}
