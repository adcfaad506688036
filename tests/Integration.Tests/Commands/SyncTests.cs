using Demo.Province;
using PortalSimulator.Faults;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.Commands;

public sealed class SyncTests
{
    [Fact]
    public async Task A_dry_run_shows_the_fields_an_edit_changes_masks_what_is_personal_and_sends_nothing()
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        var key = rig.Province.EditOneDossier(note: "Đã gọi điện.");
        var name = rig.Read("UPDATE dossier SET owner_name = 'Người Mẫu Mới', owner_id_no = '060999888777' WHERE dossier_no = @no RETURNING owner_name", ("@no", key));
        Assert.Equal("Người Mẫu Mới", name);
        var before = rig.Portal.Summary().Requests;

        var (vi, en, json) = await rig.RunInAllAsync("sync", PipelineNames.Dossiers, "--dry-run");
        vi.Is(0, $"{key}  gửi cập nhật", "GhiChu: ", "→ Đã gọi điện.", "ChuHoSo: ", "→ N***", "→ ***777", "Chạy thử");
        en.Is(0, "would be updated");
        Assert.DoesNotContain("Người Mẫu Mới", vi.All + en.All + json.All, StringComparison.Ordinal);
        Assert.DoesNotContain("060999888777", vi.All + en.All + json.All, StringComparison.Ordinal);
        var changes = Assert.Single(json.Json["records"]!)["changes"]!;
        Assert.Contains("GhiChu", changes.Select(c => (string)c["field"]!));
        Assert.Contains("DinhDanhCHS[0].SoDinhDanh", changes.Select(c => (string)c["field"]!));
        Assert.DoesNotContain("MaHoSo", changes.Select(c => (string)c["field"]!));
        Assert.Equal(before, rig.Portal.Summary().Requests);

        var effects = rig.Portal.Summary().Effects;
        (await rig.RunAsync("sync", PipelineNames.Dossiers, "--json")).Is(1);
        Assert.Equal(key, Assert.Single(rig.Portal.Effects(effects)).Key);
    }

    [Fact]
    public async Task A_source_that_is_gone_is_exit_three_and_comes_back_by_itself()
    {
        await using var rig = await CommandRig.StartAsync();
        var away = rig.Province.DatabasePath + ".away";
        File.Move(rig.Province.DatabasePath, away);
        foreach (var command in (string[][])[["sync", PipelineNames.Services], ["sync", PipelineNames.Services, "--dry-run"]])
        {
            var (vi, en, json) = await rig.RunInAllAsync(command);
            vi.Is(3, "Kết nối OneStop", "lượt sau thử lại");
            en.Is(3, "the next run tries again");
            Assert.Contains("OneStop", json.Out, StringComparison.Ordinal);
        }

        (await rig.RunAsync("explain", PipelineNames.Services, "x")).Is(1, "hiện không hỏi được nguồn");
        (await rig.RunAsync("status")).Is(0, "lượt gần nhất không trọn: Kết nối OneStop");
        File.Move(away, rig.Province.DatabasePath);
        (await rig.RunAsync("sync", PipelineNames.Services)).Is(0);
        Assert.Equal(254, rig.Portal.Summary().Services["DongBoDVC"].DistinctKeys);
    }

    [Fact]
    public async Task A_portal_that_is_gone_is_exit_three_with_what_is_left_and_why()
    {
        await using var rig = await CommandRig.StartAsync();
        rig.Set("Connections__Portal__Url", "http://127.0.0.1:1");
        var (vi, en, json) = await rig.RunInAllAsync("sync", PipelineNames.Services);
        vi.Is(3, "Chưa gửi xong: còn 254 bản ghi trong sổ.", "Tiến trình đồng bộ sẽ tự gửi tiếp");
        en.Is(3, "Not all was sent: 254 records are left in the ledger.");
        Assert.Equal(3, (int)json.Json["exit"]!);
        Assert.Equal(254, (long)json.Json["status"]!["states"]!["ready"]!);

        rig.Set("Connections__Portal__Url", rig.Portal.Url);
        await Support.Until.TrueAsync(async () => (await rig.RunAsync("sync", PipelineNames.Services)).Exit == 0, TimeSpan.FromSeconds(60), () => Task.FromResult("still not delivered"));
        Assert.Equal(254, rig.Portal.Summary().Effects);
    }

    [Fact]
    public async Task A_lane_that_rests_or_is_paused_is_told_by_explain_status_and_sync()
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        rig.Portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = FaultModes.Maintenance, RetryAfter = "600" }] };
        var key = rig.Province.EditOneDossier();
        (await rig.RunAsync("sync", PipelineNames.Dossiers)).Is(3, "Chưa gửi xong: còn 1 bản ghi");
        var (vi, en, json) = await rig.RunInAllAsync("explain", PipelineNames.Dossiers, key);
        vi.Is(1, "Luồng nghỉ đến");
        en.Is(1, "The lane rests until");
        Assert.Equal("waits", (string)json.Json["gates"]!.Last()["result"]!);
        var rests = (await rig.RunAsync("status", "--json")).Json["pipelines"]!.Single(p => (string)p["pipeline"]! == PipelineNames.Dossiers)["rests"]!;
        Assert.Contains("503", (string)rests["reason"]!["vi"]!, StringComparison.Ordinal);

        (await rig.RunAsync("pause", PipelineNames.Dossiers, "--reason", "cổng bảo trì đến thứ hai", "--json")).Is(0);
        (vi, en, json) = await rig.RunInAllAsync("explain", PipelineNames.Dossiers, key);
        vi.Is(1, "Luồng đang tạm dừng bởi", "cổng bảo trì đến thứ hai", "integration resume dossiers");
        en.Is(1, "The pipeline is paused by");
        Assert.Equal("stopped", (string)json.Json["gates"]!.Last()["result"]!);
        (await rig.RunAsync("status")).Is(0, "tạm dừng bởi");
        (await rig.RunAsync("sync", PipelineNames.Dossiers)).Is(3, "đang tạm dừng bởi", "cổng bảo trì đến thứ hai");

        (await rig.RunAsync("resume", PipelineNames.Dossiers, "--reason", "cổng đã mở lại")).Is(0, "Đã cho chạy tiếp: dossiers");
        (await rig.RunAsync("explain", PipelineNames.Dossiers, key)).Is(1, "Luồng nghỉ đến");
    }

    [Theory]
    [InlineData(FaultModes.Html200)]
    [InlineData(FaultModes.Empty200)]
    [InlineData(FaultModes.CutBody)]
    public async Task A_portal_that_answers_nonsense_leaves_records_unknown_and_says_that_it_will_ask(string mode)
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        var before = rig.Portal.Summary().Effects;
        rig.Portal.Faults = new FaultPlan { Faults = [new FaultRule { Mode = mode }] };
        var key = rig.Province.EditOneDossier();
        (await rig.RunAsync("sync", PipelineNames.Dossiers)).Is(3, "Chưa gửi xong: còn 1 bản ghi");
        (await rig.RunAsync("explain", PipelineNames.Dossiers, key)).Is(1, "sẽ tự hỏi lại nơi nhận", "Không gửi lặp khi chưa hỏi");

        rig.Portal.Faults = new FaultPlan();
        await Support.Until.TrueAsync(async () => (await rig.RunAsync("explain", PipelineNames.Dossiers, key)).Exit == 0 || (await rig.RunAsync("sync", PipelineNames.Dossiers)).Exit == 0,
            TimeSpan.FromSeconds(90), async () => (await rig.RunAsync("explain", PipelineNames.Dossiers, key)).Out);
        Assert.Single(rig.Portal.Effects(before));
    }

    [Fact]
    public async Task A_source_that_is_read_no_further_is_told_by_status_until_there_is_room()
    {
        await using var rig = await CommandRig.StartAsync();
        rig.Set("Limits__Backlog", "1000");

        // No dossier is there yet, so every step waits.
        (await rig.RunAsync("sync", PipelineNames.Progress)).Is(3, "Ngừng đọc nguồn");
        var (vi, en, json) = await rig.RunInAllAsync("status");
        vi.Is(0, "Ngừng đọc nguồn: ", "giới hạn 1000 (Limits:Backlog)");
        en.Is(0, "The source is not read: ");
        Assert.Equal([PipelineNames.Progress], json.Json["pipelines"]!.Where(p => p["notRead"]!.Type != JTokenType.Null).Select(p => (string)p["pipeline"]!));

        rig.Set("Limits__Backlog", null);
        Assert.All((await rig.RunAsync("status", "--json")).Is(0).Json["pipelines"]!, p => Assert.Equal(JTokenType.Null, p["notRead"]!.Type));
    }
}
