using Integration.Tests.RealData;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.Pipelines;

/// <summary>What may and what may not come of mapping stored rows again; their files are long gone.</summary>
public sealed class RemappingTests
{
    private static readonly RealNames Small = new([new("1.000001", "Thủ tục thứ nhất", "Hộ tịch")], [new("00001", "Xã Mẫu")]);

    [Fact]
    public async Task A_second_row_of_the_same_key_does_not_win_by_a_replay()
    {
        await using var work = await CsvCatalogue.StartAsync(Small);
        await work.FeedLinesAsync("a,Tên a,1.000001,00001", "b,Tên đúng,1.000002,00001", "b,Tên đến sau,1.000002,00001", ",Không khóa,1.000001,00001");
        var refused = await work.FailuresAsync();
        Assert.Equal(["lookup-missing", "duplicate-key", "key-missing"], refused.OrderBy(f => f.Key == "b" ? "" : f.Key, StringComparer.Ordinal).Select(f => f.Rule));

        work.AddProcedure("1.000002");
        Assert.Equal(1, await work.MapAgainAsync());

        Assert.Equal(refused.Where(f => f.Key != "b"), await work.FailuresAsync());
        Assert.Equal(["a", "b"], work.Portal.Effects().Select(e => e.Key));
        Assert.Equal("Tên đúng", (string)JObject.Parse(work.Portal.Effects().Last().Raw)["TENDVC"]!);
    }

    [Fact]
    public async Task A_column_the_stored_row_never_had_is_not_taken_for_empty()
    {
        await using var work = await CsvCatalogue.StartAsync(Small);
        await work.FeedLinesAsync("b,Tên b,1.000002,00001");
        work.AddProcedure("1.000002");
        work.MoreMap = "THOIGIANGIAIQUYET: processing_time";
        Assert.Equal(0, await work.MapAgainAsync());
        Assert.Empty(work.Portal.Effects());

        work.MoreMap = null;
        Assert.Equal(1, await work.MapAgainAsync());
        Assert.Single(work.Portal.Effects());
    }

    [Fact]
    public async Task More_refused_rows_than_fit_one_transaction_are_all_mapped_again()
    {
        const int Rows = 1200;
        await using var work = await CsvCatalogue.StartAsync(Small);
        var counts = await work.FeedLinesAsync(Enumerable.Range(0, Rows).Select(i => $"k{i:0000},Tên {i},1.000002,00001"));
        Assert.Equal(Rows, counts.Rejected);
        work.AddProcedure("1.000002");
        Assert.Equal(Rows, await work.MapAgainAsync());
        Assert.Equal(Rows, work.Portal.Summary().Services["DongBoDVC"].DistinctKeys);
        Assert.Equal(0, await work.MapAgainAsync());
    }

    [Fact]
    public async Task A_lookup_corrected_before_the_next_run_is_taken_up_by_that_run()
    {
        await using var work = await CsvCatalogue.StartAsync(Small);
        await work.FeedLinesAsync("b,Tên b,1.000002,00001");
        work.AddProcedure("1.000002");
        await work.FeedLinesAsync("a,Tên a,1.000001,00001");
        Assert.Equal(["a", "b"], work.Portal.Effects().Select(e => e.Key).Order());
        Assert.Empty(await work.FailuresAsync());
    }
}
