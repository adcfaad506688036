using System.Net;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json.Linq;
using PortalSimulator;
using PortalSimulator.Effects;
using PortalSimulator.Faults;
using Xunit;

namespace Integration.Tests.PortalSimulator;

public sealed class SimTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("portal-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_effect_holds_the_bytes_as_they_were_sent_and_their_hash()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);
        var sent = "{  " + Sample.Dossier("HS-1")[1..^1] + "\n\t}";
        await client.SendAsync("DongBoHoSoMC", "False", $"   {sent}  \n");

        var line = PortalClient.Parse((await client.GetAsync("/sim/effects")).TrimEnd('\n'));

        Assert.Equal(["seq", "time", "service", "key", "kind", "sha256", "raw"], line.Properties().Select(p => p.Name));
        Assert.Equal(sent, (string?)line["raw"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent))), (string?)line["sha256"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string?)line["time"]);
    }

    [Fact]
    public async Task Effects_are_streamed_from_where_the_reader_stopped()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);
        for (var call = 0; call < 5; call++)
        {
            await client.CreateAsync([.. Enumerable.Range(call * 200, 200).Select(i => Sample.Dossier($"HS-{i}"))]);
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"HS-{i}"), Keys(await client.GetAsync("/sim/effects")));
        Assert.Equal(["HS-998", "HS-999"], Keys(await client.GetAsync("/sim/effects?after=998")));
        Assert.Equal(["HS-10", "HS-11"], Keys(await client.GetAsync("/sim/effects?after=10&limit=2")));
        Assert.Equal("", await client.GetAsync("/sim/effects?after=1000"));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"HS-{i}"), portal.Effects().Select(e => e.Key));
    }

    [Fact]
    public async Task What_was_applied_survives_a_restart_and_sessions_do_not()
    {
        var options = new PortalOptions { Data = _folder.FullName };
        string? session;
        Summary before;
        await using (var portal = await Portal.StartAsync(options, Token))
        {
            using var client = await PortalClient.LoggedInAsync(portal.Url);
            session = client.Session;
            await client.CreateAsync(Sample.Dossier("HS-1"), Sample.Dossier("HS-2"));
            await client.ProgressAsync(Sample.Step("HS-1", "Một"), Sample.Step("HS-1", "Hai"), Sample.Step("HS-1", "Hai"));
            await client.UpdateAsync(Sample.Dossier("HS-1", d => d["TrangThaiHoSo"] = "9"));
            await client.ServicesAsync("False", Sample.Service("DVC-1"));
            before = portal.Summary();
        }

        await File.AppendAllTextAsync(Path.Combine(_folder.FullName, "effects.ndjson"), "{\"seq\":8,", Token);
        await using var again = await Portal.StartAsync(options, Token);
        using var stale = new PortalClient(again.Url) { Session = session };
        Assert.Equal(-2, PortalClient.Code(await stale.CreateAsync(Sample.Dossier("HS-3"))));
        using var fresh = await PortalClient.LoggedInAsync(again.Url);

        Assert.Equal(before.Services, again.Summary().Services);
        Assert.Equal(7, again.Summary().Effects);
        Assert.Equal(-3, PortalClient.Code(await fresh.CreateAsync(Sample.Dossier("HS-2"))));
        var found = Assert.Single(await fresh.LookUpAsync("TraCuuHoSo", "mahoso", "HS-1"));
        Assert.Equal("9", (string?)found["TrangThaiHoSo"]);
        Assert.Equal(["Một", "Hai", "Hai"], found["DanhSachTienDo"]!.Select(s => (string?)s["NoiDungXuLy"]));
        Assert.Single(await fresh.LookUpAsync("LayDVC"));
    }

    [Fact]
    public async Task The_summary_counts_by_service_and_kind()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);
        await client.CreateAsync(Sample.Dossier("HS-1"), Sample.Dossier("HS-2"));
        await client.UpdateAsync(Sample.Dossier("HS-1", d => d["GhiChu"] = "b"));
        await client.UpdateAsync(Sample.Dossier("HS-1"));
        await client.CreateAsync(Sample.Dossier("HS-1"));

        var summary = JObject.Parse(await client.GetAsync("/sim/summary"));

        Assert.Equal(
            """{"effects":4,"services":{"DongBoHoSoMC":{"create":2,"update":2,"append":0,"distinctKeys":2,"distinctVersions":3,"appliedMoreThanOnce":1,"unchanged":0}},"requests":5,"logins":1,"refusedLogins":0,"faults":{}}""",
            summary.ToString(Newtonsoft.Json.Formatting.None));
    }

    [Fact]
    public async Task Every_request_is_written_down_with_its_outcome_and_true_reason()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);
        await client.CreateAsync(Sample.Dossier("HS-1"), Sample.Dossier("HS-2"));
        await client.CreateAsync(Sample.Dossier("HS-3"), Sample.Dossier("HS-2"));
        await client.CreateAsync(Sample.Dossier("HS-4"), Sample.Dossier("HS-5", d => d["KenhThucHien"] = "bưu điện"));
        await client.PostAsync("/mapi/g", "nonsense", HttpStatusCode.BadRequest);

        var lines = (await client.GetAsync("/sim/requests?after=1")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(PortalClient.Parse).ToList();

        Assert.Equal([2, 3, 4, 5], lines.Select(l => (int)l["seq"]!));
        Assert.Equal(("DongBoHoSoMC", 2, 2, "0", 200), ((string?)lines[0]["service"], (int)lines[0]["records"]!, (int)lines[0]["applied"]!, (string?)lines[0]["code"], (int)lines[0]["status"]!));
        Assert.Equal(("-3", 0, "record 1: exists"), ((string?)lines[1]["code"], (int)lines[1]["applied"]!, (string?)lines[1]["detail"]));
        Assert.Equal("record 1: KenhThucHien: no known code", (string?)lines[2]["detail"]);
        Assert.Equal(("-1", 400), ((string?)lines[3]["code"], (int)lines[3]["status"]!));
    }

    [Fact]
    public async Task A_reset_is_as_a_first_start()
    {
        await using var portal = await Portal.StartAsync(new PortalOptions { Data = _folder.FullName }, Token);
        using var client = await PortalClient.LoggedInAsync(portal.Url);
        await client.CreateAsync(Sample.Dossier("HS-1"));
        await client.ControlAsync(HttpMethod.Put, "/sim/options", """{"perRecordResults":true,"sessionSeconds":5}""");
        portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = FaultModes.Answer500 }] };

        Assert.Equal(HttpStatusCode.NoContent, await client.ControlAsync(HttpMethod.Post, "/sim/reset"));

        var summary = portal.Summary();
        Assert.Equal((0, 0, 0, 0), (summary.Effects, summary.Requests, summary.Logins, summary.Services.Count));
        Assert.Equal(new Switches(false, false, 600, 0), portal.Switches);
        Assert.Empty(portal.Faults.Faults);
        Assert.Equal(-2, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-1"))));
        client.Session = (string?)(await client.LoginAsync())["session"];
        Assert.Equal(0, PortalClient.Code(await client.CreateAsync(Sample.Dossier("HS-1"))));
        Assert.Equal(1, Assert.Single(portal.Effects()).Seq);
    }

    [Theory]
    [InlineData("GET", "/sim/effects?after=x", "")]
    [InlineData("GET", "/sim/requests?limit=-1", "")]
    [InlineData("PUT", "/sim/options", """{"perRecordResult":true}""")]
    [InlineData("PUT", "/sim/options", "")]
    [InlineData("PUT", "/sim/faults", """{"faults":[{"mode":"answer-501"}]}""")]
    [InlineData("PUT", "/sim/faults", """{"faults":[{"mode":"answer-500","rate":2}]}""")]
    [InlineData("PUT", "/sim/faults", """{"faults":[{"mode":"answer-500","service":"x"}]}""")]
    [InlineData("PUT", "/sim/faults", """{"faults":[{"mode":"answer-500","tims":2}]}""")]
    [InlineData("PUT", "/sim/faults", """{"faults":[{"mode":"commit-then-drop","when":"before"}]}""")]
    [InlineData("PUT", "/sim/faults", """{"seed":1}""")]
    [InlineData("PUT", "/sim/faults", "nonsense")]
    public async Task A_wrong_order_to_the_simulator_is_refused(string method, string path, string body)
    {
        await using var portal = await Portal.StartAsync(new PortalOptions(), Token);
        using var client = new PortalClient(portal.Url);

        Assert.Equal(HttpStatusCode.BadRequest, await client.ControlAsync(new HttpMethod(method), path, body));
    }

    [Fact]
    public async Task A_damaged_file_stops_the_start()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "effects.ndjson"), "nonsense\n", Token);

        await Assert.ThrowsAsync<InvalidDataException>(() => Portal.StartAsync(new PortalOptions { Data = _folder.FullName }, Token));
    }

    private static IEnumerable<string> Keys(string lines) =>
        lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Effect.Parse(Encoding.UTF8.GetBytes(l)).Key);
}
