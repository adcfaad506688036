using System.Text;
using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Integration.Tests.PortalSimulator;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;
using Simulator = PortalSimulator.Portal;
using Verdict = Integration.Deliver.Verdict;

namespace Integration.Tests.Deliver.Dvcqg;

/// <summary>The target against the simulator, which keeps its own books of what was applied.</summary>
public sealed class SimulatedPortalTests : IAsyncLifetime
{
    private readonly Dictionary<string, IAsyncDisposable> _shared = new(StringComparer.Ordinal);
    private Simulator _portal = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _portal = await Simulator.StartAsync(new PortalOptions(), Cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var shared in _shared.Values)
        {
            await shared.DisposeAsync();
        }

        await _portal.DisposeAsync();
    }

    [Theory]
    [InlineData(FaultModes.Answer500, nameof(Verdict.Unknown), 0)]
    [InlineData(FaultModes.Answer502, nameof(Verdict.Unknown), 0)]
    [InlineData(FaultModes.Empty200, nameof(Verdict.Unknown), 0)]
    [InlineData(FaultModes.Html200, nameof(Verdict.Unknown), 0)]
    [InlineData(FaultModes.Redirect302, nameof(Verdict.Unknown), 0)]
    [InlineData(FaultModes.Drop, nameof(Verdict.Unknown), 0)]
    [InlineData(FaultModes.CutBody, nameof(Verdict.Unknown), 1)]
    [InlineData(FaultModes.CutBodyLength, nameof(Verdict.Unknown), 1)]
    [InlineData(FaultModes.CommitThenDrop, nameof(Verdict.Unknown), 1)]
    [InlineData(FaultModes.CommitThen500, nameof(Verdict.Unknown), 1)]
    [InlineData(FaultModes.Answer429, nameof(Verdict.TryLater), 0)]
    [InlineData(FaultModes.Maintenance, nameof(Verdict.TryLater), 0)]
    [InlineData(FaultModes.Maintenance200, nameof(Verdict.TryLater), 0)]
    [InlineData(FaultModes.RefuseAll, nameof(Verdict.Refused), 0)]
    [InlineData(FaultModes.SessionLost, nameof(Verdict.Accepted), 1)]
    [Trait("Fault", "G9")]
    [Trait("Fault", "G12")]
    public async Task Whatever_goes_wrong_once_the_look_up_then_tells_the_truth(string mode, string verdict, int effects)
    {
        _portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = mode, Times = 1 }] };
        var target = Dossiers();
        var batch = Batch(DeliveryKind.Create, "HS-1");

        Assert.Equal(verdict, (await target.SendAsync(batch, Cancellation)).Verdict.ToString());
        Assert.Equal(effects, _portal.Summary().Effects);
        Assert.Equal(effects == 1 ? LookUpVerdict.Same : LookUpVerdict.Absent, (await target.LookUpAsync(batch.Items[0], Cancellation)).Verdict);
        Assert.Equal(effects == 1 ? Verdict.AlreadyThere : Verdict.Accepted, (await target.SendAsync(batch, Cancellation)).Verdict);
        Assert.Equal(1, _portal.Summary().Effects);
    }

    [Fact]
    public async Task Records_answered_one_by_one_find_their_own_outcome()
    {
        _portal.Switches = new Switches(PerRecordResults: true);
        var target = Dossiers();
        await target.SendAsync(Batch(DeliveryKind.Create, "HS-2"), Cancellation);
        var mixed = Batch(DeliveryKind.Create, "HS-1", "HS-2", "HS-3");
        var reply = await target.SendAsync(mixed with { Items = [.. mixed.Items, Item(4, Sample.Dossier("HS-4", d => d["TrangThaiHoSo"] = "99"))] }, Cancellation);
        Assert.Equal([Verdict.Accepted, Verdict.AlreadyThere, Verdict.Accepted, Verdict.Refused], reply.Outcomes!.Select(o => o.Verdict));
        Assert.Equal(["HS-2", "HS-1", "HS-3"], _portal.Effects().Select(e => e.Key));
    }

    [Fact]
    public async Task An_update_and_its_look_up_see_the_newer_content()
    {
        var target = Dossiers();
        await target.SendAsync(Batch(DeliveryKind.Create, "HS-1"), Cancellation);
        var newer = Item(2, Sample.Dossier("HS-1", d => d["TrangThaiHoSo"] = "9"));
        Assert.Equal(LookUpVerdict.Different, (await target.LookUpAsync(newer, Cancellation)).Verdict);
        Assert.Equal(Verdict.NotThere, (await target.SendAsync(Batch(DeliveryKind.Update, "HS-9"), Cancellation)).Verdict);
        Assert.Equal(Verdict.Accepted, (await target.SendAsync(new DeliveryBatch(DeliveryKind.Update, [newer]), Cancellation)).Verdict);
        Assert.Equal(LookUpVerdict.Same, (await target.LookUpAsync(newer, Cancellation)).Verdict);
    }

    [Fact]
    public async Task Progress_steps_are_told_apart_and_found_again()
    {
        _portal.Switches = new Switches(PerRecordResults: true);
        await Dossiers().SendAsync(Batch(DeliveryKind.Create, "HS-1"), Cancellation);
        var target = PortalStub.Target(_portal.Url, _shared, new DvcqgOptions
        {
            Connection = "Portal",
            Service = "CapNhatTienDoHoSoMC",
            Updating = "none",
            RecordKey = ["MaHoSo", "ThoiDiemXuLy", "TrangThai"],
            LookUp = new DvcqgLookUp { Service = "TraCuuHoSo", List = "DanhSachTienDo", Match = ["ThoiDiemXuLy", "TrangThai", "NoiDungXuLy"] },
            Codes = Codes,
        });
        DeliveryItem[] steps =
        [
            Item(1, Sample.Step("HS-1")),
            Item(2, Sample.Step("HS-1", change: s => s["ThoiDiemXuLy"] = "20260107090000")),
            Item(3, Sample.Step("HS-9")),
        ];
        var reply = await target.SendAsync(new DeliveryBatch(DeliveryKind.Create, steps), Cancellation);
        Assert.Equal([Verdict.Accepted, Verdict.Accepted, Verdict.Refused], reply.Outcomes!.Select(o => o.Verdict));
        Assert.Equal(
            [LookUpVerdict.Same, LookUpVerdict.Same, LookUpVerdict.Absent],
            await Task.WhenAll(steps.Select(async s => (await target.LookUpAsync(s, Cancellation)).Verdict)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_relay_is_delivered_to_and_asked(bool isDoubleEncoded)
    {
        _portal.Switches = new Switches(DoubleEncodedRelay: isDoubleEncoded);
        var target = Dossiers(("Shape", "relay"), ("DataPath", "relay/{service}"));
        var batch = Batch(DeliveryKind.Create, "HS-1", "HS-2");
        Assert.Equal(Verdict.Accepted, (await target.SendAsync(batch, Cancellation)).Verdict);
        Assert.Equal(LookUpVerdict.Same, (await target.LookUpAsync(batch.Items[1], Cancellation)).Verdict);
        Assert.Equal((2, 0), (_portal.Summary().Effects, _portal.Summary().Logins));
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once()
    {
        var target = Dossiers(("Password", "sai"));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Verdict.NotSent, (await target.SendAsync(Batch(DeliveryKind.Create, "HS-1"), Cancellation)).Verdict);
        }

        Assert.Equal((0, 1), (_portal.Summary().Logins, _portal.Summary().RefusedLogins));
    }

    [Fact]
    public async Task Twenty_lanes_under_scattered_faults_never_take_a_record_for_accepted_that_is_not_there()
    {
        string[] modes = [FaultModes.Answer500, FaultModes.CommitThenDrop, FaultModes.CutBody, FaultModes.Empty200, FaultModes.SessionLost, FaultModes.Drop, FaultModes.Html200];
        _portal.Faults = new FaultPlan { Seed = 7, Faults = [.. modes.Select(m => new FaultRule { Mode = m, Rate = m == FaultModes.SessionLost ? 0.02 : 0.08 })] };
        var target = Dossiers(("MaxConcurrency", "20"), ("Circuit:FailureRatio", "1"));
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i => (Key: $"HS-{i}", (await target.SendAsync(Batch(DeliveryKind.Create, $"HS-{i}"), Cancellation)).Verdict)));
        var applied = _portal.Effects().Select(e => e.Key).ToHashSet(StringComparer.Ordinal);
        Assert.All(replies.Where(r => r.Verdict == Verdict.Accepted), r => Assert.Contains(r.Key, applied));
        Assert.All(replies.Where(r => applied.Contains(r.Key)), r => Assert.True(r.Verdict is Verdict.Accepted or Verdict.Unknown, r.ToString()));
        Assert.Contains(replies, r => r.Verdict == Verdict.Unknown && applied.Contains(r.Key));
        Assert.Equal(applied.Count, _portal.Summary().Effects);
    }

    private static Dictionary<string, CodeMeaning> Codes => new()
    {
        ["-2"] = CodeMeaning.Session,
        ["-4"] = CodeMeaning.NotThere,
        ["-9"] = CodeMeaning.TryLater,
    };

    private DvcqgTarget Dossiers(params (string, string)[] settings) => PortalStub.Target(
        _portal.Url, _shared,
        new DvcqgOptions { Connection = "Portal", Service = "DongBoHoSoMC", Codes = Codes, LookUp = new DvcqgLookUp { Service = "TraCuuHoSo" } },
        clock: null, [("Username", "province"), ("Password", "simulated"), .. settings]);

    private static DeliveryBatch Batch(DeliveryKind kind, params string[] keys) => new(kind, [.. keys.Select((k, i) => Item(i + 1, Sample.Dossier(k)))]);

    private static DeliveryItem Item(long version, string payload) => new(version, $"key-{version}", Encoding.UTF8.GetBytes(payload));
}
