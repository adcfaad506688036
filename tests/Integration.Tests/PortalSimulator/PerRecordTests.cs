using Newtonsoft.Json.Linq;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class PerRecordTests : IAsyncLifetime
{
    private Portal _portal = null!;
    private PortalClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await Portal.StartAsync(new PortalOptions { PerRecordResults = true }, TestContext.Current.CancellationToken);
        _client = await PortalClient.LoggedInAsync(_portal.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Good_records_are_applied_and_each_is_answered_under_its_key()
    {
        await _client.CreateAsync(Sample.Dossier("HS-1"));

        var answer = await _client.CreateAsync(
            Sample.Dossier("HS-1"), Sample.Dossier("HS-2"), Sample.Dossier("HS-3", d => d["TrangThaiHoSo"] = "99"), Sample.Dossier("HS-2"), "{}");

        Assert.Equal(0, PortalClient.Code(answer));
        Assert.Equal([("HS-1", -3), ("HS-2", 0), ("HS-3", -5), ("HS-2", -5), ("", -5)], Results(answer, "MaHoSo"));
        Assert.Equal(["HS-1", "HS-2"], _portal.Effects().Select(e => e.Key));
    }

    [Fact]
    public async Task A_note_that_is_too_long_still_refuses_the_whole_call()
    {
        var answer = await _client.CreateAsync(Sample.Dossier("HS-1"), Sample.Dossier("HS-2", d => d["GhiChu"] = new string('a', 2001)));

        Assert.Equal(-5, PortalClient.Code(answer));
        Assert.Null(answer["result"]);
        Assert.Empty(_portal.Effects());
    }

    [Fact]
    public async Task A_step_is_answered_with_what_tells_it_from_the_others()
    {
        await _client.CreateAsync(Sample.Dossier("HS-1"));

        var answer = await _client.ProgressAsync(Sample.Step("HS-1"), Sample.Step("HS-2"));

        Assert.Equal([("HS-1", 0), ("HS-2", -4)], Results(answer, "MaHoSo"));
        Assert.Equal("20260106090000", (string?)answer["result"]![0]!["ThoiDiemXuLy"]);
        Assert.Equal("4", (string?)answer["result"]![0]!["TrangThai"]);
    }

    [Fact]
    public async Task Services_are_answered_under_their_own_key() =>
        Assert.Equal([("DVC-1", 0)], Results(await _client.ServicesAsync("False", Sample.Service("DVC-1")), "MADVC"));

    [Fact]
    public async Task It_can_be_switched_while_the_portal_runs()
    {
        await _client.ControlAsync(HttpMethod.Put, "/sim/options", """{"perRecordResults":false}""");
        Assert.Equal(-5, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"), "{}")));

        await _client.ControlAsync(HttpMethod.Put, "/sim/options", """{"perRecordResults":true}""");
        Assert.Equal([("HS-1", 0), ("", -5)], Results(await _client.CreateAsync(Sample.Dossier("HS-1"), "{}"), "MaHoSo"));
    }

    [Theory]
    [InlineData("results-reversed", "2 1")]
    [InlineData("results-missing", "1")]
    [InlineData("results-twice", "1 2 2")]
    [InlineData("results-extra", "1 2 2-KHAC")]
    public async Task Results_can_come_in_any_disorder_though_all_was_applied(string mode, string keys)
    {
        _portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = mode }] };

        var answer = await _client.CreateAsync(Sample.Dossier("1"), Sample.Dossier("2"));

        Assert.Equal(keys, string.Join(' ', answer["result"]!.Select(r => (string?)r["MaHoSo"])));
        Assert.Equal(["1", "2"], _portal.Effects().Select(e => e.Key));
    }

    private static IEnumerable<(string?, int)> Results(JObject answer, string key) =>
        answer["result"]!.Select(r => ((string?)r[key], PortalClient.Code(r)));
}
