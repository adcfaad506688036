using System.Text;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.RealData;

/// <summary>
/// Real names of national procedures and of the communes of Tuyên Quang, by CSV, through the whole product: what the portal applied is compared
/// with the published names byte for byte.
/// </summary>
public sealed class RealProceduresTests
{
    public static TheoryData<string> Forms => ["nfc", "nfd", "windows-1258"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_real_name_arrives_byte_for_byte_in_NFC_whatever_form_it_was_fed_in(string first)
    {
        await using var work = await CsvCatalogue.StartAsync(RealNames.Load());
        await work.FeedAsync(first);

        var effects = work.Portal.Effects().ToArray();
        Assert.Equal(work.Services.Count, effects.Length);
        foreach (var service in work.Services)
        {
            var effect = Assert.Single(effects, e => e.Key == service.Code);
            Assert.True(effect.Raw.IsNormalized(NormalizationForm.FormC));
            var payload = JObject.Parse(effect.Raw);
            Bytes(service.Procedure.Code, payload["MATTHC"]);
            Bytes(service.Procedure.Name, payload["TENDVC"]);
            Bytes(service.Procedure.Name, payload["TENTTHC"]);
            Bytes(service.Procedure.Field, payload["TENLINHVUC"]);
            Bytes($"UBND {service.Commune.FullName}", payload["TENCOQUANBANHANH"]);
        }

        Assert.Equal(58, effects.Select(e => (string)JObject.Parse(e.Raw)["MATTHC"]!).Distinct().Count());
        Assert.Equal(124, effects.Select(e => (string)JObject.Parse(e.Raw)["TENCOQUANBANHANH"]!).Distinct().Count());

        foreach (var again in Forms.Select(f => f.Data).Where(f => f != first))
        {
            var counts = await work.FeedAsync(again);
            Assert.Equal((work.Services.Count, work.Services.Count), ((int)counts.Extracted, (int)counts.Unchanged));
            Assert.Equal(effects.Length, work.Portal.Summary().Effects);
        }
    }

    [Fact]
    public async Task A_file_dropped_twice_is_set_apart_and_changes_nothing()
    {
        await using var work = await CsvCatalogue.StartAsync(RealNames.Load());
        await work.FeedAsync("nfc");
        var before = work.Portal.Summary().Requests;

        var counts = await work.FeedAsync("nfc");

        Assert.Equal((0, before), (counts.Extracted, work.Portal.Summary().Requests));
        Assert.Single(Directory.GetFiles(Path.Combine(work.Inbox, "duplicate")));
    }

    [Fact]
    public async Task Bytes_of_another_encoding_than_declared_refuse_the_file_and_nothing_is_sent()
    {
        await using var work = await CsvCatalogue.StartAsync(RealNames.Load());
        var detail = await work.FeedWronglyAsync();

        Assert.Contains("services.csv", detail.Vi, StringComparison.Ordinal);
        Assert.Contains("refused/", detail.Vi, StringComparison.Ordinal);
        Assert.Empty(work.Portal.Effects());
    }

    private static void Bytes(string expected, JToken? found) => Assert.Equal(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes((string)found!));
}
