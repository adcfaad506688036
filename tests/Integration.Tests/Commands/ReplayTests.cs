using Demo.Province;
using Xunit;

namespace Integration.Tests.Commands;

/// <summary>A lookup is corrected; what was refused for it is mapped again from what the ledger kept, without the source.</summary>
public sealed class ReplayTests
{
    [Fact]
    public async Task Replay_after_a_lookup_was_corrected_maps_refused_dossiers_again_and_they_arrive()
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        var refused = Refused(rig, DirtKind.UnknownStatus);
        var before = rig.Portal.Summary().Effects;
        (await rig.RunAsync("failures", "replay", "--pipeline", PipelineNames.Dossiers, "--rule", "lookup-missing", "--reason", "thử lại khi chưa sửa"))
            .Is(1, "ánh xạ lại đạt 0");

        AddStatuses(rig);
        var json = (await rig.RunAsync("failures", "replay", "--pipeline", PipelineNames.Dossiers, "--reason", "đã thêm trạng thái", "--json")).Is(1).Json;
        Assert.Equal(refused.Length, (int)json["mappedAgain"]!);
        Assert.Equal(rig.Province.Dirt.RefusedKeys(PipelineNames.Dossiers).Count() - refused.Length, (int)json["stillRefused"]!);

        // The source is not asked: what arrives is made of the rows the ledger kept, empty lists included.
        File.Move(rig.Province.DatabasePath, rig.Province.DatabasePath + ".away");
        (await rig.RunAsync("sync", PipelineNames.Dossiers)).Is(3);
        var arrived = rig.Portal.Effects(before).Where(e => e.Kind == "create").ToArray();
        Assert.Equal(refused.Order(StringComparer.Ordinal), arrived.Select(e => e.Key).Order(StringComparer.Ordinal));
        Assert.Contains(arrived, e => e.Raw.Contains("\"DanhSachGiayToKetQua\":[]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sync_after_a_lookup_was_corrected_takes_up_what_was_refused_for_it_without_being_told()
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        var refused = Refused(rig, DirtKind.UnknownStatus);
        AddStatuses(rig);
        (await rig.RunAsync("sync", PipelineNames.Dossiers)).Is(1, $"Ánh xạ hoặc bảng mã đã thay đổi: {refused.Length} bản ghi từng bị từ chối nay đã đạt.");
        foreach (var key in refused)
        {
            (await rig.RunAsync("explain", PipelineNames.Dossiers, key)).Is(0);
        }

        Assert.DoesNotContain("đã thay đổi", (await rig.RunAsync("sync", PipelineNames.Dossiers)).All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_whose_key_stood_twice_does_not_overwrite_the_first_one_by_a_replay()
    {
        await using var rig = await CommandRig.StartAsync();
        await File.WriteAllTextAsync(
            Path.Combine(rig.Province.Mappings, PipelineNames.Services, "services.sql"),
            """
            SELECT service_code, procedure_code, service_name, issuing_agency, service_level, submit_url, processing_time, updated_at FROM service WHERE integrated = 1
            UNION ALL
            SELECT service_code, procedure_code, 'Tên đến sau', issuing_agency, service_level, submit_url, processing_time, updated_at FROM service
            WHERE service_code = (SELECT min(service_code) FROM service WHERE integrated = 1)
            """,
            TestContext.Current.CancellationToken);
        (await rig.RunAsync("sync", PipelineNames.Services)).Is(1);
        (await rig.RunAsync("failures", "list")).Is(1, "Khóa đứng hai lần");
        var effects = rig.Portal.Summary().Effects;
        Assert.Equal(254, effects);

        var json = (await rig.RunAsync("failures", "replay", "--rule", "duplicate-key", "--reason", "thử", "--json")).Is(1).Json;
        Assert.Equal((0, 1), ((int)json["mappedAgain"]!, (int)json["stillRefused"]!));
        (await rig.RunAsync("sync", PipelineNames.Services)).Is(1);
        Assert.Equal(effects, rig.Portal.Summary().Effects);
    }

    [Fact]
    public async Task A_dismissed_refusal_is_gone_from_the_list_and_stays_unsent()
    {
        await using var rig = await CommandRig.StartDeliveredAsync();
        var key = rig.FirstOf(PipelineNames.Dossiers, DirtKind.TooLong);
        (await rig.RunAsync("failures", "dismiss", "--reason", "x")).Is(2, "Cần nêu ít nhất một điều kiện");
        (await rig.RunAsync("failures", "dismiss", "--key", key, "--reason", "hồ sơ giấy")).Is(0, "Đã bỏ qua 1 bản ghi.");
        (await rig.RunAsync("failures", "list", "--key", key)).Is(0, "Không có bản ghi nào bị từ chối");
        var (vi, en, _) = await rig.RunInAllAsync("explain", PipelineNames.Dossiers, key);
        vi.Is(1, "Người vận hành đã quyết định bỏ qua.");
        en.Is(1, "An operator decided that it stays unsent.");
        Assert.Equal(0, (int)(await rig.RunAsync("failures", "dismiss", "--key", key, "--reason", "x", "--json")).Is(0).Json["dismissed"]!);
    }

    private static string[] Refused(CommandRig rig, DirtKind kind) => [.. rig.Province.Dirt.Planted.Where(p => p.Pipeline == PipelineNames.Dossiers && p.Kind == kind).Select(p => p.Key)];

    // Every status that the province's database holds and the lookup does not.
    private static void AddStatuses(CommandRig rig)
    {
        var file = Path.Combine(rig.Province.Mappings, "lookups", "dossier-status.csv");
        var known = File.ReadAllLines(file).Select(l => l.Split(',')[0]).ToHashSet(StringComparer.Ordinal);
        var all = rig.Read("SELECT group_concat(DISTINCT status) FROM dossier")!.Split(',');
        File.AppendAllLines(file, all.Where(s => !known.Contains(s)).Select(s => $"{s},4,Đang xử lý"));
    }
}
