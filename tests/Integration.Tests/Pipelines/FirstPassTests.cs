using Demo.Province;
using Integration.Records;
using Integration.Tests.Support;
using Xunit;

namespace Integration.Tests.Pipelines;

public sealed class FirstPassTests(PostgresCluster cluster)
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Every_record_ends_acknowledged_waiting_or_refused_and_a_second_pass_sends_nothing(string store)
    {
        await using var work = await StartAsync(store, 300);
        await work.SyncAllAsync();
        await work.DeliverAsync();
        await work.AssertAllAsExpectedAsync();
        Assert.Equal(254, work.Portal.Summary().Services["DongBoDVC"].DistinctKeys);

        var before = work.Portal.Summary();
        await work.SyncAllAsync();
        await work.DeliverAsync();
        Assert.Equal(before.Effects, work.Portal.Summary().Effects);
        Assert.Equal(before.Requests, work.Portal.Summary().Requests);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Editing_one_row_sends_exactly_one_record_as_an_update(string store)
    {
        await using var work = await StartAsync(store, 120);
        await work.SyncAllAsync();
        await work.DeliverAsync();
        var before = work.Portal.Summary().Effects;

        var edited = work.Province.EditOneDossier();
        await work.SyncAllAsync();
        await work.DeliverAsync();

        var effect = Assert.Single(work.Portal.Effects(before));
        Assert.Equal((edited, "update"), (effect.Key, effect.Kind));
    }

    [Fact]
    public async Task A_corrected_record_leaves_the_quarantine_and_takes_its_waiting_steps_with_it()
    {
        await using var work = await StartAsync("sqlite", 300);
        await work.SyncAllAsync();
        await work.DeliverAsync();
        var refused = work.Province.Dirt.Planted.First(p => p.Pipeline == PipelineNames.Dossiers && p.Kind == DirtKind.UnknownStatus).Key;
        var before = work.Portal.Summary().Effects;

        work.Province.CorrectStatus(refused);
        await work.SyncAsync(PipelineNames.Dossiers);
        await work.DeliverAsync();

        Assert.Contains(work.Portal.Effects(before), e => e.Key == refused && e.Kind == "create");
        Assert.Contains(work.Portal.Effects(before), e => e.Key == refused && e.Kind == "append");
        var history = await work.Ledger.ReadHistoryAsync(PipelineNames.Dossiers, refused, TestContext.Current.CancellationToken);
        Assert.Equal([RecordState.Acknowledged, RecordState.Superseded], history.Select(v => v.State));
    }

    private async Task<ProvinceAtWork> StartAsync(string store, int dossiers) => await ProvinceAtWork.StartAsync(
        dossiers, store == "postgres" ? await cluster.CreateDatabaseAsync(TestContext.Current.CancellationToken) : null, TestContext.Current.CancellationToken);
}
