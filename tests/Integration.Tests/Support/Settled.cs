using Demo.Province;
using Integration.Ledger;
using Integration.Records;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.Support;

/// <summary>What must be true of ledger and portal once a province is delivered; told from the province's own list of dirt and the portal's effects.</summary>
internal static class Settled
{
    private static readonly Dictionary<string, string> Services = new(StringComparer.Ordinal)
    {
        [PipelineNames.Services] = "DongBoDVC",
        [PipelineNames.Dossiers] = "DongBoHoSoMC",
        [PipelineNames.Progress] = "CapNhatTienDoHoSoMC",
    };

    /// <summary>Nothing is on its way any more; what waits does so for a refused record.</summary>
    public static bool Is(IReadOnlyList<PipelineStatus> status) =>
        status.Sum(s => Count(s, RecordState.Ready) + Count(s, RecordState.Leased) + Count(s, RecordState.Unknown)) == 0;

    public static async Task AssertAsync(SampleProvince province, ILedger ledger, Portal portal, CancellationToken cancellationToken)
    {
        var status = await ledger.ReadStatusAsync(cancellationToken);
        foreach (var expected in Expectations.Read(province))
        {
            var found = status.Single(s => s.Pipeline == expected.Pipeline);
            Assert.Equal(
                (expected.Acknowledged, expected.Waiting, expected.Refused),
                (Count(found, RecordState.Acknowledged), Count(found, RecordState.Waiting), Count(found, RecordState.Quarantined)));
            Assert.Equal(expected.Extracted, found.States.Values.Sum());
        }

        AssertEffects(province, portal);
    }

    /// <summary>The portal's own append-only list: each record that must arrive did so exactly once, and nothing else did.</summary>
    public static void AssertEffects(SampleProvince province, Portal portal)
    {
        var effects = portal.Effects().ToArray();
        foreach (var pipeline in PipelineNames.All)
        {
            var mine = effects.Where(e => e.Service == Services[pipeline]).ToArray();
            var twice = mine.GroupBy(e => (e.Key, e.Sha256)).Where(g => g.Count() > 1).Select(g => g.Key).ToArray();
            Assert.Empty(twice);
            var fates = Expectations.ReadFates(province, pipeline).ToArray();
            var arrived = fates.Where(f => f.Fate == Fate.Acknowledged).Select(f => f.Key);
            if (pipeline == PipelineNames.Progress)
            {
                // A step's own id does not travel; its dossier and its content do.
                Assert.Equal(arrived.Count(), mine.Length);
            }
            else
            {
                Assert.Equal(arrived.Order(StringComparer.Ordinal), mine.Select(e => e.Key).Order(StringComparer.Ordinal));
            }
        }

        var order = effects.Where(e => e.Service == Services[PipelineNames.Progress]).GroupBy(e => e.Key)
            .Where(g => g.Select(e => Newtonsoft.Json.Linq.JObject.Parse(e.Raw)["ThoiDiemXuLy"]!.ToString()).ToArray() is var times && !times.SequenceEqual(times.Order(StringComparer.Ordinal)))
            .Select(g => g.Key);
        Assert.Empty(order);
    }

    private static long Count(PipelineStatus status, RecordState state) => status.States.GetValueOrDefault(state);
}
