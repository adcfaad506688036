using PortalSimulator;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class RelayTests : IAsyncLifetime
{
    private Portal _portal = null!;
    private PortalClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _portal = await Portal.StartAsync(new PortalOptions(), TestContext.Current.CancellationToken);
        _client = new PortalClient(_portal.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task The_relay_takes_a_bare_array_and_no_session()
    {
        const string Create = "/relay/DongBoHoSoMC?MaDinhDanhDV=H00.1&isUpdating=False";

        Assert.Equal(0, PortalClient.Code(await _client.PostAsync(Create, $"[{Sample.Dossier("HS-1")}]")));
        Assert.Equal("-3", (string?)(await _client.PostAsync(Create, $"[{Sample.Dossier("HS-1")}]"))["error_code"]);
        Assert.Equal(0, PortalClient.Code(await _client.PostAsync("/relay/DongBoHoSoMC?MaDinhDanhDV=H00.1&isUpdating=True", $"[{Sample.Dossier("HS-1")}]")));
        Assert.Equal(0, PortalClient.Code(await _client.PostAsync("/relay/CapNhatTienDoHoSoMC?MaDinhDanhDV=H00.1", $"[{Sample.Step("HS-1")}]")));
        Assert.Equal(["create", "update", "append"], _portal.Effects().Select(e => e.Kind));
    }

    [Fact]
    public async Task Both_doors_lead_to_the_same_portal()
    {
        using var envelope = await PortalClient.LoggedInAsync(_portal.Url);
        await envelope.CreateAsync(Sample.Dossier("HS-1"));

        Assert.Equal(-3, PortalClient.Code(await _client.PostAsync("/relay/DongBoHoSoMC?MaDinhDanhDV=H00.1&isUpdating=False", $"[{Sample.Dossier("HS-1")}]")));
        var found = await _client.PostAsync("/relay/TraCuuHoSo?MaDinhDanhDV=H00.1&mahoso=HS-1", "[]");
        Assert.Equal("HS-1", (string?)found["result"]![0]!["MaHoSo"]);
    }

    [Fact]
    public async Task The_portals_answer_can_come_as_a_text_in_message()
    {
        await _client.ControlAsync(HttpMethod.Put, "/sim/options", """{"doubleEncodedRelay":true}""");
        const string Create = "/relay/DongBoHoSoMC?MaDinhDanhDV=H00.1&isUpdating=False";
        await _client.PostAsync(Create, $"[{Sample.Dossier("HS-1")}]");

        var outer = await _client.PostAsync(Create, $"[{Sample.Dossier("HS-1")}]");

        Assert.Equal(["message"], outer.Properties().Select(p => p.Name));
        Assert.Equal("-3", (string?)PortalClient.Parse((string)outer["message"]!)["error_code"]);
    }

    [Fact]
    public async Task The_relay_needs_a_unit_and_a_plain_array()
    {
        Assert.Equal(-5, PortalClient.Code(await _client.PostAsync("/relay/DongBoHoSoMC?isUpdating=False", $"[{Sample.Dossier("HS-1")}]")));
        Assert.Equal(-5, PortalClient.Code(await _client.PostAsync("/relay/DongBoHoSoMC?MaDinhDanhDV=H00", $"[{Sample.Dossier("HS-1")}]")));
        const string Create = "/relay/DongBoHoSoMC?MaDinhDanhDV=H00&isUpdating=";
        Assert.Equal(-1, PortalClient.Code(await _client.PostAsync($"{Create}true", "[]", System.Net.HttpStatusCode.BadRequest)));
        Assert.Equal(-1, PortalClient.Code(await _client.PostAsync($"{Create}True", Sample.Dossier("HS-1"), System.Net.HttpStatusCode.BadRequest)));
        Assert.Equal(-6, PortalClient.Code(await _client.PostAsync("/relay/KhongCo?MaDinhDanhDV=H00", "[]")));
        Assert.Empty(_portal.Effects());
    }
}
