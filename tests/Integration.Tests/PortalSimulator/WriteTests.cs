using PortalSimulator;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class WriteTests : IAsyncLifetime
{
    private Portal _portal = null!;
    private PortalClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await Portal.StartAsync(new PortalOptions(), TestContext.Current.CancellationToken);
        _client = await PortalClient.LoggedInAsync(_portal.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Creating_a_dossier_that_exists_is_refused_with_minus_three_and_its_number()
    {
        await _client.CreateAsync(Sample.Dossier("HS-1"));

        var answer = await _client.CreateAsync(Sample.Dossier("HS-1"));

        Assert.Equal("-3", (string?)answer["error_code"]);
        Assert.Equal("Mã hồ sơ HS-1 đã tồn tại trên CDVCQG", (string?)answer["message"]);
        Assert.Equal(1, _portal.Summary().Effects);
    }

    [Fact]
    public async Task One_existing_dossier_refuses_the_whole_call_and_is_not_named()
    {
        await _client.CreateAsync(Sample.Dossier("HS-2"));

        var answer = await _client.CreateAsync(Sample.Dossier("HS-1"), Sample.Dossier("HS-2"), Sample.Dossier("HS-3"));

        Assert.Equal("-3", (string?)answer["error_code"]);
        Assert.Equal("Mã hồ sơ đã tồn tại trên CDVCQG", (string?)answer["message"]);
        Assert.Null(answer["result"]);
        Assert.Equal(["HS-2"], _portal.Effects().Select(e => e.Key));
    }

    [Fact]
    public async Task Updating_a_dossier_that_is_not_there_is_refused_with_another_code()
    {
        var answer = await _client.UpdateAsync(Sample.Dossier("HS-1"));

        Assert.Equal("-4", (string?)answer["error_code"]);
        Assert.Equal(0, _portal.Summary().Effects);
    }

    [Fact]
    public async Task A_record_that_stands_twice_in_one_call_refuses_it()
    {
        Assert.Equal(-5, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"), Sample.Dossier("HS-1"))));
        Assert.Equal(0, _portal.Summary().Effects);
    }

    [Fact]
    public async Task Success_is_written_in_every_form_in_turn()
    {
        var forms = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            using var response = await _client.PostRawAsync("/mapi/g", _client.Envelope("DongBoHoSoMC", "False", Sample.Dossier($"HS-{i}")));
            forms.Add(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        // The login took the first form.
        Assert.Equal(
            [
                """{"error_code":"0","message":"Thành công"}""",
                """{"error_code":"00","message":"Thành công"}""",
                """{"error_code":" 0 ","message":"Thành công"}""",
                """{"error_code":0,"message":"Thành công"}""",
                """{"error_code":"0","message":"Thành công"}""",
            ],
            forms);
    }

    [Fact]
    public async Task Progress_waits_for_its_dossier_and_repeats_are_applied_again()
    {
        Assert.Equal(-4, PortalClient.Code(await _client.ProgressAsync(Sample.Step("HS-1"))));
        await _client.CreateAsync(Sample.Dossier("HS-1"));

        Assert.Equal(0, PortalClient.Code(await _client.ProgressAsync(Sample.Step("HS-1"), Sample.Step("HS-1", "Ký duyệt"))));
        Assert.Equal(0, PortalClient.Code(await _client.ProgressAsync(Sample.Step("HS-1"))));

        var counts = _portal.Summary().Services["CapNhatTienDoHoSoMC"];
        Assert.Equal(new ServiceCounts(0, 0, Append: 3, DistinctKeys: 1, DistinctVersions: 2, AppliedMoreThanOnce: 1, Unchanged: 0), counts);
    }

    [Fact]
    public async Task Services_are_created_and_updated_under_the_same_rule()
    {
        Assert.Equal(-4, PortalClient.Code(await _client.ServicesAsync("True", Sample.Service("DVC-1"))));
        Assert.Equal(0, PortalClient.Code(await _client.ServicesAsync("False", Sample.Service("DVC-1"))));
        Assert.Equal(-3, PortalClient.Code(await _client.ServicesAsync("False", Sample.Service("DVC-1"))));
        Assert.Equal(0, PortalClient.Code(await _client.ServicesAsync("True", Sample.Service("DVC-1", s => s["TENDVC"] = "Tên mới"))));
        Assert.Equal(0, PortalClient.Code(await _client.ServicesAsync("True", Sample.Service("DVC-1", s => s["TENDVC"] = "Tên mới"))));

        Assert.Equal(
            new ServiceCounts(Create: 1, Update: 2, Append: 0, DistinctKeys: 1, DistinctVersions: 2, AppliedMoreThanOnce: 1, Unchanged: 1),
            _portal.Summary().Services["DongBoDVC"]);
    }

    [Fact]
    public async Task Calls_that_race_to_create_one_dossier_have_one_effect()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _client.CreateAsync(Sample.Dossier("HS-1"))));

        Assert.Equal(1, answers.Count(a => PortalClient.Code(a) == 0));
        Assert.Equal(19, answers.Count(a => PortalClient.Code(a) == -3));
        Assert.Single(_portal.Effects());
    }

    [Theory]
    [InlineData("DongBoHoSoMC", null, -5)]
    [InlineData("KhongCo", "False", -6)]
    [InlineData("", "False", -6)]
    public async Task A_call_without_what_its_service_needs_is_refused(string service, string? isUpdating, int code) =>
        Assert.Equal(code, PortalClient.Code(await _client.SendAsync(service, isUpdating, Sample.Dossier("HS-1"))));

    [Fact]
    public async Task A_call_without_records_is_refused() => Assert.Equal(-5, PortalClient.Code(await _client.CreateAsync()));

    [Fact]
    public async Task More_records_than_the_limit_refuse_the_call()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions { LargestBatch = 2 }, TestContext.Current.CancellationToken);
        using var client = await PortalClient.LoggedInAsync(portal.Url);

        Assert.Equal(-8, PortalClient.Code(await client.CreateAsync(Sample.Dossier("1"), Sample.Dossier("2"), Sample.Dossier("3"))));
        Assert.Equal(0, PortalClient.Code(await client.CreateAsync(Sample.Dossier("1"), Sample.Dossier("2"))));
    }
}
