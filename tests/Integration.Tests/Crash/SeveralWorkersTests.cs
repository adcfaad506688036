using Demo.Province;
using Integration.Records;
using Integration.Tests.Support;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.Crash;

/// <summary>Several real workers on one PostgreSQL ledger share the work, and whatever befalls one of them the others go on.</summary>
public sealed class SeveralWorkersTests(PostgresCluster cluster, ITestOutputHelper output)
{
    private static readonly FaultRule SlowBefore = new() { Mode = FaultModes.Slow, DelayMs = 20 };
    private static readonly FaultRule SlowAfter = new() { Mode = FaultModes.Slow, DelayMs = 20, When = "after" };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Workers_side_by_side_run_every_pipeline_once_and_deliver_every_record_once_and_in_order(int count)
    {
        // No lease may end while its holder is merely slow: a run that changes hands may overlap the one it takes over.
        await using var crew = await CreateAsync(250, SlowBefore, SlowAfter);
        crew.Set("Delivery__Lease", "00:01:00");
        await crew.StartAsync(count);
        await crew.SettleAsync();

        // Runs come round every minute; two of one pipeline never at the same time, and everything came in one of them.
        Assert.Equal(0L, await crew.SqlAsync<long>("SELECT count(*) FROM run a JOIN run b ON b.pipeline_id = a.pipeline_id AND b.id > a.id AND b.started < a.ended"));
        Assert.Equal(3L, await crew.SqlAsync<long>("SELECT count(*) FROM run WHERE added > 0"));
        var shares = await crew.SqlAsync<long>("SELECT count(DISTINCT worker) FROM attempt");
        output.WriteLine($"{count} workers, {shares} of them sent; {crew.Portal.Summary().Effects} effects by {crew.Portal.Summary().Requests} calls");
        Assert.Equal(count, shares);

        // A second version of some keys, brought by whichever worker: after the first, once.
        var before = crew.Portal.Summary().Effects;
        var edited = crew.Province.EditOneDossier(note: "Lần hai.");

        // Refused while a scheduled run of one of the workers is under way.
        await crew.UntilAsync(async () => (await crew.RunBesideAsync("sync", PipelineNames.Dossiers)).Code == 1, "the edited dossier is read");
        await crew.UntilAsync(() => Task.FromResult(crew.Portal.Summary().Effects == before + 1), "the edited dossier is applied");
        Assert.Equal(["create", "update"], crew.Portal.Effects().Where(e => e.Key == edited && e.Service == "DongBoHoSoMC").Select(e => e.Kind));
        await crew.TerminateAllAsync();
        Assert.Equal(before + 1, crew.Portal.Summary().Effects);
    }

    [Fact]
    public async Task Of_four_workers_two_are_killed_in_the_middle_and_the_others_take_over_what_they_held()
    {
        await using var crew = await CreateAsync(250, SlowBefore, SlowAfter);
        var workers = await crew.StartAsync(4);
        foreach (var (worker, calls) in ((Crew.Member, int)[])[(workers[0], 15), (workers[1], 40)])
        {
            await crew.CallsAsync(calls);
            await Crew.KillAsync(worker);
            output.WriteLine($"killed after {crew.Calls()} calls. {await crew.LookAsync()}");
        }

        await crew.SettleAsync();
        await crew.TerminateAllAsync();
    }

    [Fact]
    public async Task Workers_restarted_one_after_the_other_while_work_flows_leave_nothing_unknown_and_end_in_order()
    {
        // So slow that there is work until the last of them was restarted; then as fast as it can.
        await using var crew = await CreateAsync(150, new FaultRule { Mode = FaultModes.Slow, DelayMs = 700 });
        crew.Set("Delivery__InFlight", "1");
        crew.Set("Delivery__Lease", "00:00:30");
        var workers = (await crew.StartAsync(2)).ToList();
        for (var i = 0; i < 3; i++)
        {
            await crew.CallsAsync(3, after: crew.Calls());
            await Crew.TerminateAsync(workers[0]);
            workers.RemoveAt(0);
            workers.AddRange(await crew.StartAsync(1));
        }

        Assert.True((await crew.LookAsync()).Count(RecordState.Ready) > 0, "No work was left for the last of them.");
        crew.Portal.Faults = new FaultPlan();
        await crew.SettleAsync();
        await crew.TerminateAllAsync();

        // Nobody was ever in doubt, so nobody ever had to ask.
        Assert.Equal(0L, await crew.SqlAsync<long>("SELECT count(*) FROM attempt WHERE kind = 1"));
        Assert.DoesNotContain(crew.Portal.Requests(), r => r.Status is null or 0);
    }

    [Fact]
    public async Task A_worker_frozen_while_its_call_is_on_the_wire_changes_nothing_when_it_wakes()
    {
        // Every first call is applied and answered while the worker stands still.
        var slow = new FaultRule { Mode = FaultModes.Slow, DelayMs = 1000, When = "after", Times = 2, Service = "DongBoHoSoMC" };
        await using var crew = await CreateAsync(120, slow);
        var frozen = (await crew.StartAsync(1))[0];
        await crew.CallsAsync(1, "DongBoHoSoMC");
        await Crew.SignalAsync(frozen, "STOP");

        // A call of another pipeline may be frozen with half of its body sent: that one is never answered, and must change nothing either.
        await crew.UntilAsync(() => Task.FromResult(crew.Portal.Requests().All(r => r.Status is not null || r.Service != "DongBoHoSoMC")), "the portal has answered into nowhere");
        var held = (await crew.LookAsync()).Count(RecordState.Leased);
        Assert.True(held > 0, "The worker held nothing when it was frozen.");

        await crew.StartAsync(1);
        await crew.SettleAsync();
        var (settled, calls) = (await StateAsync(crew), crew.Calls());

        await Crew.SignalAsync(frozen, "CONT");
        await crew.UntilAsync(() => Task.FromResult(frozen.Said("trả lời đến sau khi hết hạn giữ")), "the woken worker sees that it is late");
        await crew.UntilAsync(() => crew.IsReadyAsync(frozen), "the woken worker is ready");
        await crew.SettleAsync();
        Assert.Equal(settled, await StateAsync(crew));
        Assert.Equal(calls, crew.Calls());

        // It is not only harmless, it works on.
        await crew.TerminateAllAsync();
    }

    [Fact]
    public async Task Workers_under_which_a_newer_program_stepped_the_ledger_up_end_with_code_2_and_say_why()
    {
        await using var crew = await CreateAsync(20);
        var workers = await crew.StartAsync(2);
        Array.ForEach(workers, w => w.MayEnd = true);
        await crew.SqlAsync<int>("INSERT INTO schema_version (version) VALUES (99) RETURNING version");
        foreach (var worker in workers)
        {
            Assert.Equal(2, await worker.Process.Ended.WaitAsync(TimeSpan.FromSeconds(60), Cancelled));
            Assert.True(worker.Said("phiên bản 99, mới hơn"), worker.Log);
            Assert.DoesNotContain("Exception", worker.Log, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("DongBoHoSoMC", PipelineNames.Dossiers)]
    [InlineData("CapNhatTienDoHoSoMC", PipelineNames.Progress)]
    public async Task A_worker_frozen_after_its_claim_and_before_its_first_byte_sends_nothing_when_it_wakes(string service, string pipeline)
    {
        await using var crew = await CreateAsync(120);
        var elsewhere = (await crew.StartAsync(1))[0];
        await crew.LedgerAsync(l => l.Count(pipeline, RecordState.Ready) + l.Count(pipeline, RecordState.Waiting) + l.Count(pipeline, RecordState.Acknowledged) > 0, "extracted");
        await crew.SettleAsync();
        await Crew.TerminateAsync(elsewhere);

        // The next worker has something of this pipeline to send, and stands still in the login that must come first: its claims are taken, its
        // lease was looked at for the last time, and no byte of the records has left.
        var dossier = crew.Province.EditOneDossier();
        if (pipeline == PipelineNames.Progress)
        {
            crew.Province.AddStep(crew.Portal.Effects().Last(e => e.Service == service).Key);
        }

        foreach (var name in (string[])[PipelineNames.Dossiers, PipelineNames.Progress])
        {
            await crew.SqlAsync<object>($"UPDATE pipeline SET paused_at = 1, paused_by = 'test', paused_reason = 'test' WHERE name = '{name}' RETURNING 1");
        }

        await crew.SqlAsync<object>($"UPDATE pipeline SET paused_at = NULL, paused_by = NULL, paused_reason = NULL WHERE name = '{pipeline}' RETURNING 1");
        crew.Portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = FaultModes.Slow, DelayMs = 1500, When = "before", Times = 1, Service = "login" }] };
        var (seen, effects) = (crew.Portal.Requests().Count, crew.Portal.Summary().Effects);
        crew.Set("RunAtStart", "true");

        // However long it stands still, the login itself must not be what keeps it from sending.
        crew.Set("Connections__Portal__LookUpTimeout", "00:05:00");
        var frozen = (await crew.StartAsync(1))[0];
        await crew.UntilAsync(async () => crew.Portal.Requests(seen).Count == 1 && (await crew.LookAsync()).Count(pipeline, RecordState.Leased) > 0, "the claim is held in the login");
        await Crew.SignalAsync(frozen, "STOP");
        Assert.Single(crew.Portal.Requests(seen));

        await crew.StartAsync(1);
        await crew.UntilAsync(async () => crew.Portal.Summary().Effects == effects + 1 && (await crew.LookAsync()).Count(RecordState.Leased) == 0, "the other worker asked and sent");
        var calls = crew.Calls(service);
        var settled = await StateAsync(crew);

        await Crew.SignalAsync(frozen, "CONT");
        await crew.UntilAsync(() => Task.FromResult(frozen.Said("hết hạn giữ trước khi gửi 1 bản ghi, chưa gửi gì")), "the woken worker sees that its lease is over");
        await crew.UntilAsync(() => crew.IsReadyAsync(frozen), "the woken worker is ready");
        Assert.Equal(settled, await StateAsync(crew));
        Assert.Equal(calls, crew.Calls(service));
        Assert.Equal(effects + 1, crew.Portal.Summary().Effects);
        Assert.NotNull(dossier);
        await crew.TerminateAllAsync();
    }

    private async Task<Crew> CreateAsync(int dossiers, params FaultRule[] faults) =>
        await Crew.CreateAsync(dossiers, await cluster.CreateDatabaseAsync(Cancelled), new FaultPlan { Seed = 7, Faults = faults });

    /// <summary>Every state, receipt and acknowledgement there is, as one text.</summary>
    private static Task<string> StateAsync(Crew crew) => crew.SqlAsync<string>(
        """
        SELECT md5(concat(
            (SELECT string_agg(concat_ws('|', id, state, receiver_has, attempt_id, acknowledged_at, lease_token), ',' ORDER BY id) FROM every_version),
            (SELECT string_agg(concat_ws('|', id, receipt), ',' ORDER BY id) FROM version),
            (SELECT string_agg(concat_ws('|', id, receipts), ',' ORDER BY id) FROM pack)))
        """);
}
