using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Pipelines;

/// <summary>Each way the portal can misbehave, in the middle of a pass: afterwards everything settles, and effects equal records.</summary>
public sealed class FaultModeTests(PostgresCluster cluster)
{
    public static TheoryData<string, string> ModesAndStores()
    {
        var data = new TheoryData<string, string>();
        foreach (var mode in FaultModes.All.Where(m => m != FaultModes.RefuseAll).Order(StringComparer.Ordinal))
        {
            data.Add(mode, "sqlite");
        }

        // The store sees the same calls whatever the portal does; the three that leave the outcome open run on both.
        data.Add(FaultModes.CommitThenDrop, "postgres");
        data.Add(FaultModes.CutBody, "postgres");
        data.Add(FaultModes.Drop, "postgres");
        return data;
    }

    [Theory]
    [MemberData(nameof(ModesAndStores))]
    [Trait("Fault", "G1")]
    [Trait("Fault", "G2")]
    [Trait("Fault", "G4")]
    public async Task A_pass_settles_after_the_fault_with_every_record_applied_once(string mode, string store)
    {
        var postgres = store == "postgres" ? await cluster.CreateDatabaseAsync(TestContext.Current.CancellationToken) : null;
        await using var work = await ProvinceAtWork.StartAsync(120, postgres, TestContext.Current.CancellationToken);

        const int times = 6;
        work.Portal.Faults = new FaultPlan
        {
            Seed = 7,
            Faults = [new FaultRule { Mode = mode, Rate = 0.5, Times = times, RetryAfter = mode is FaultModes.Maintenance or FaultModes.Answer429 ? "1" : null, DelayMs = 300 }],
        };
        await work.SyncAllAsync();
        await work.DeliverAsync();
        Assert.InRange(work.Portal.Summary().Faults[mode], 1, times);
        await work.AssertAllAsExpectedAsync();
    }

    [Fact]
    public async Task A_portal_that_answers_record_by_record_is_taken_at_its_word()
    {
        await using var work = await ProvinceAtWork.StartAsync(120, null, TestContext.Current.CancellationToken, new() { PerRecordResults = true });
        await work.SyncAllAsync();
        await work.DeliverAsync();
        await work.AssertAllAsExpectedAsync();
    }
}
