using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>The ledger's primary dies and its synchronous standby is promoted; the workers know both.</summary>
public sealed class FailOverTests(ITestOutputHelper output)
{
    private const string Acknowledged = "SELECT coalesce(string_agg(concat_ws('|', id, attempt_id, acknowledged_at), ',' ORDER BY id), '') FROM every_version WHERE state = 4";

    [Fact]
    public async Task A_primary_killed_in_the_middle_is_followed_by_its_standby_and_nothing_acknowledged_is_lost()
    {
        await using var pair = await PostgresPair.CreateAsync(withStandby: true);
        await using var crew = await Crew.CreateAsync(
            150, pair.First, new FaultPlan { Seed = 7, Faults = [new FaultRule { Mode = FaultModes.Slow, DelayMs = 20 }] }, pair.Both);
        var worker = (await crew.StartAsync(1))[0];
        await crew.CallsAsync(15);
        var known = (await crew.SqlAsync<string>(Acknowledged)).Split(',');
        await pair.KillAsync();
        await crew.UntilAsync(() => Task.FromResult(worker.Said("Mất kết nối tới sổ đồng bộ")), "the worker says that its ledger is gone");
        await pair.PromoteAsync();

        await crew.SettleAsync(pair.Second);
        var kept = ((string)(await PostgresPair.SqlAsync(pair.Second, Acknowledged))!).Split(',').ToHashSet(StringComparer.Ordinal);
        output.WriteLine($"{known.Length} acknowledged before the primary died, {kept.Count} in the end");
        Assert.True(known.Length > 1);
        Assert.All(known, k => Assert.Contains(k, kept));
        Assert.True(worker.Said("Sổ đồng bộ nay ở máy chủ"), worker.Log);
        await crew.UntilAsync(() => Task.FromResult(worker.Said("Sổ đồng bộ dùng lại được")), "the worker says that its ledger is back");
        Assert.DoesNotContain("Exception", worker.Log, StringComparison.Ordinal);
        await crew.TerminateAllAsync();
    }
}
