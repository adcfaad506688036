using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>A worker that starts with a long backlog: soon at work, in bounded memory.</summary>
public sealed class LargeBacklogTests(PostgresCluster cluster, ITestOutputHelper output)
{
    private const int MostMegabytes = 300;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_hundred_thousand_ready_records_do_not_show_in_the_memory_of_the_worker() => WorkAsync("sqlite", 100_000);

    [Theory(Explicit = true)]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public Task A_million_ready_records_are_sent_at_once_and_in_bounded_memory(string store) => WorkAsync(store, 1_000_000);

    private async Task WorkAsync(string store, int records)
    {
        await using var work = await WorkerAtRisk.CreateAsync(5, store == "postgres" ? await cluster.CreateDatabaseAsync(Cancelled) : null, new FaultPlan());
        var filling = Stopwatch.StartNew();
        await FillAsync(work, records);
        output.WriteLine($"{store}: {records} ready records written in {filling.Elapsed.TotalSeconds:0.0} s");

        var clock = Stopwatch.StartNew();
        work.Launch();
        var before = work.Portal.Summary().Effects;
        while (!work.Portal.Effects(before).Any(static e => e.Key.StartsWith("BIG-", StringComparison.Ordinal)))
        {
            Assert.False(work.Worker.Ended.IsCompleted, string.Join('\n', work.Worker.LastLines));
            await Task.Delay(5, Cancelled);
        }

        var first = clock.Elapsed;
        await Until.TrueAsync(
            () => Task.FromResult(work.Portal.Summary().Effects - before > 3000), TimeSpan.FromSeconds(120), () => Task.FromResult("3,000 records sent"));
        await using (var ledger = work.OpenLedger())
        {
            var asked = Stopwatch.StartNew();
            var status = (await ledger.ReadStatusAsync(Cancelled)).Single(static s => s.Pipeline == "dossiers");
            output.WriteLine($"{store}: status of {status.States.Values.Sum()} versions in {asked.Elapsed.TotalMilliseconds:0} ms");
            Assert.True(status.States[RecordState.Acknowledged] > 1000);
        }

        var peak = Peak(work.Worker.Id);
        output.WriteLine($"{store}: first record at the portal after {first.TotalSeconds:0.00} s, 3,000 after {clock.Elapsed.TotalSeconds:0.0} s, peak memory {peak} MB");
        Assert.InRange(peak, 1, MostMegabytes);
    }

    private static long Peak(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture) / 1024;

    // Through the ledger itself, with a payload that the portal takes, so that all is as if it had been extracted.
    private static async Task FillAsync(WorkerAtRisk work, int records)
    {
        await using var ledger = work.OpenLedger();
        await ledger.OpenAsync(Cancelled);
        var sample = await SampleAsync();
        var ticket = (await ledger.TryLeaseAsync("sync:dossiers", "test", TimeSpan.FromHours(1), Cancelled))!;
        var run = await ledger.BeginRunAsync(new RunStart("dossiers", RunKind.Schedule, "test", "m", null), Cancelled);
        var slice = new Slice();
        for (var i = 0; i < records;)
        {
            slice.Clear();
            for (var end = Math.Min(records, i + 2000); i < end; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, sample, $"BIG-{i:0000000}"));
                var start = slice.Bytes.WrittenCount;
                slice.Bytes.Write(bytes);
                slice.Add(new SliceEntry { Key = $"BIG-{i:0000000}", Kind = EntryKind.Put, Hash = ContentHash.Of(bytes), Start = start, Length = bytes.Length });
            }

            await ledger.CommitSliceAsync(ticket, run, slice, Cancelled);
        }

        await ledger.ReleaseAsync(ticket, Cancelled);
    }

    private static async Task<string> SampleAsync()
    {
        await using var other = await ProvinceAtWork.StartAsync(5, null, Cancelled);
        await other.SyncAsync("dossiers");
        var key = Expectations.ReadFates(other.Province, PipelineNames.Dossiers).First(static f => f.Fate == global::Demo.Province.Fate.Acknowledged).Key;
        var version = (await other.Ledger.ReadHistoryAsync("dossiers", key, Cancelled))[0];
        var payload = Encoding.UTF8.GetString((await other.Ledger.ReadPayloadAsync(version.Version, Cancelled))!);
        return payload.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal).Replace(key, "{0}", StringComparison.Ordinal);
    }
}
