using Microsoft.Extensions.Time.Testing;
using Newtonsoft.Json.Linq;
using PortalSimulator;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class LookUpTests : IAsyncLifetime
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
    public async Task A_dossier_the_portal_does_not_have_is_success_without_a_result() =>
        Assert.Empty(await _client.LookUpAsync("TraCuuHoSo", "mahoso", "HS-1"));

    [Fact]
    public async Task A_look_up_that_lags_shows_what_was_there_before()
    {
        var clock = new FakeTimeProvider();
        var lag = TimeSpan.FromSeconds(30);
        await using var portal = await Portal.StartAsync(new PortalOptions { Clock = clock, LookUpLag = lag }, TestContext.Current.CancellationToken);
        using var client = await PortalClient.LoggedInAsync(portal.Url);
        await client.CreateAsync(Sample.Dossier("HS-1"));
        Assert.Empty(await client.LookUpAsync("TraCuuHoSo", "mahoso", "HS-1"));

        clock.Advance(lag);
        await client.ProgressAsync(Sample.Step("HS-1"));
        Assert.Empty(Assert.Single(await client.LookUpAsync("TraCuuHoSo", "mahoso", "HS-1"))["DanhSachTienDo"]!);

        clock.Advance(lag);
        Assert.Single(Assert.Single(await client.LookUpAsync("TraCuuHoSo", "mahoso", "HS-1"))["DanhSachTienDo"]!);
    }

    [Fact]
    public async Task A_dossier_comes_back_field_by_field_as_last_applied_with_its_steps_in_order()
    {
        await _client.CreateAsync(Sample.Dossier("HS-1"));
        await _client.ProgressAsync(Sample.Step("HS-1", "Tiếp nhận"));
        await _client.CreateAsync(Sample.Dossier("HS-2"));
        await _client.ProgressAsync(Sample.Step("HS-2", "Khác"), Sample.Step("HS-1", "Thụ lý"));
        var updated = Sample.Dossier("HS-1", d => d["TrangThaiHoSo"] = "9");
        await _client.UpdateAsync(updated);
        await _client.ProgressAsync(Sample.Step("HS-1", "Trả kết quả"));

        var found = (JObject)Assert.Single(await _client.LookUpAsync("TraCuuHoSo", "mahoso", "HS-1"));

        Assert.Equal(["Tiếp nhận", "Thụ lý", "Trả kết quả"], found["DanhSachTienDo"]!.Select(s => (string?)s["NoiDungXuLy"]));
        found.Remove("DanhSachTienDo");
        Assert.Equal(PortalClient.Parse(updated), found, JToken.EqualityComparer);
    }

    [Fact]
    public async Task Spaces_and_escapes_of_the_sender_survive_in_the_result()
    {
        var sent = Sample.Dossier("HS-1").Replace("Người Mẫu", "Ng\\u01b0\\u1eddi\\tM\u1eabu \\ud83d\\ude00", StringComparison.Ordinal)[..^1] + " \r\n }";
        await _client.CreateAsync(sent);

        using var response = await _client.PostRawAsync(
            "/mapi/g", $$"""{"session":"{{_client.Session}}","madonvi":"H00","service":"TraCuuHoSo","mahoso":"HS-1"}""");
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains(sent[..^1].TrimEnd() + ",\"DanhSachTienDo\":[]}", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_come_back_one_or_all()
    {
        await _client.ServicesAsync("False", Sample.Service("DVC-1"), Sample.Service("DVC-2"));
        await _client.ServicesAsync("True", Sample.Service("DVC-1", s => s["TENDVC"] = "Tên mới"));

        Assert.Equal(["DVC-1", "DVC-2"], (await _client.LookUpAsync("LayDVC")).Select(s => (string?)s["MADVC"]));
        Assert.Equal("Tên mới", (string?)Assert.Single(await _client.LookUpAsync("LayDVC", "MADVC", "DVC-1"))["TENDVC"]);
        Assert.Empty(await _client.LookUpAsync("LayDVC", "MADVC", "DVC-9"));
    }

    [Fact]
    public async Task Procedures_are_listed_by_code_and_name_and_told_in_full()
    {
        var first = (await _client.LookUpAsync("LayDanhSachTTHC"))[0];
        Assert.Equal(["MATTHC", "TENTTHC"], ((JObject)first).Properties().Select(p => p.Name));

        var whole = Assert.Single(await _client.LookUpAsync("LayThuTuc", "maTTHC", (string)first["MATTHC"]!));
        Assert.NotEmpty(whole["LINHVUCTHUCHIEN"]!);
        Assert.Empty(await _client.LookUpAsync("LayThuTuc", "maTTHC", "9.999999"));
    }

    [Fact]
    public async Task Procedures_can_be_replaced()
    {
        await _client.ControlAsync(HttpMethod.Put, "/sim/procedures", """[{"MATTHC":"1.000001","TENTTHC":"Một"}]""");
        Assert.Equal("1.000001", (string?)Assert.Single(await _client.LookUpAsync("LayDanhSachTTHC"))["MATTHC"]);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, await _client.ControlAsync(HttpMethod.Put, "/sim/procedures", """[{"MATTHC":"1.000001"}]"""));
    }

    [Fact]
    public async Task A_look_up_without_its_argument_is_refused() => Assert.Equal(-5, PortalClient.Code(await _client.SendAsync("TraCuuHoSo", null)));

    [Fact]
    public async Task A_forgotten_dossier_is_absent_and_can_be_created_again()
    {
        await _client.CreateAsync(Sample.Dossier("HS-1"));
        await _client.ControlAsync(HttpMethod.Post, "/sim/forget", """{"service":"DongBoHoSoMC","key":"HS-1"}""");

        Assert.Empty(await _client.LookUpAsync("TraCuuHoSo", "mahoso", "HS-1"));
        Assert.Equal(0, PortalClient.Code(await _client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(2, _portal.Effects().Count());
        Assert.Equal(
            System.Net.HttpStatusCode.BadRequest,
            await _client.ControlAsync(HttpMethod.Post, "/sim/forget", """{"service":"DongBoHoSoMC","key":"HS-9"}"""));
    }
}
