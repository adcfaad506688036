using Demo.Province;
using Integration.Tests.House;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.Commands;

/// <summary>Commands that only look, on a province whose records are all where they belong.</summary>
public sealed class LookingTests(DeliveredProvince delivered) : IClassFixture<DeliveredProvince>
{
    private readonly CommandRig _rig = delivered.Rig;

    [Fact]
    public async Task Check_passes_and_names_every_pipeline()
    {
        var (vi, en, json) = await _rig.RunInAllAsync("check");
        vi.Is(0, "dossiers", "progress", "services", "mẫu đạt");
        en.Is(0, "samples pass");
        Assert.Equal(PipelineNames.All.Order(StringComparer.Ordinal), json.Json["pipelines"]!.Select(p => (string)p["name"]!));
    }

    [Fact]
    public async Task Status_counts_every_record_once()
    {
        var (vi, en, json) = await _rig.RunInAllAsync("status");
        vi.Is(0, "Đã xác nhận", "lượt tới");
        en.Is(0, "Acknowledged", "next run");
        foreach (var expected in Expectations.Read(_rig.Province))
        {
            var states = json.Json["pipelines"]!.Single(p => (string)p["pipeline"]! == expected.Pipeline)["states"]!;
            Assert.Equal(
                (expected.Acknowledged, expected.Waiting, expected.Refused), ((long)states["acknowledged"]!, (long)states["waiting"]!, (long)states["quarantined"]!));
        }
    }

    [Fact]
    public async Task Explain_walks_a_delivered_record_to_its_receipt()
    {
        var key = Expectations.ReadFates(_rig.Province, PipelineNames.Dossiers).First(f => f.Fate == Fate.Acknowledged).Key;
        var (vi, en, json) = await _rig.RunInAllAsync("explain", PipelineNames.Dossiers, key);
        vi.Is(0, "Biên nhận", "Cổng xác nhận lúc", "gửi  HTTP 200");
        en.Is(0, "Receipt", "Acknowledged at", "sent  HTTP 200");
        Assert.True((bool)json.Json["delivered"]!);
        Assert.Equal("acknowledged", (string)json.Json["versions"]![0]!["state"]!);
    }

    [Fact]
    public async Task Explain_names_the_reason_of_a_refusal_once_and_what_to_do()
    {
        var (vi, en, json) = await _rig.RunInAllAsync("explain", PipelineNames.Dossiers, _rig.FirstOf(PipelineNames.Dossiers, DirtKind.UnmappedProcedure));
        vi.Is(1, "chưa có trong bảng mã procedures", "→ Thêm dòng vào bảng mã");
        en.Is(1, "has no row in lookup procedures", "→ Add a row");
        Assert.Equal(2, vi.Out.Split("bảng mã procedures").Length);
        Assert.False((bool)json.Json["delivered"]!);
        Assert.Equal(["passed", "stopped"], json.Json["gates"]!.Select(g => (string)g["result"]!));
    }

    [Fact]
    public async Task Explain_says_which_refused_dossier_a_step_waits_for()
    {
        var (step, _) = Expectations.ReadFates(_rig.Province, PipelineNames.Progress).First(f => f.Fate == Fate.Waiting);
        var dossier = _rig.Read("SELECT dossier_no FROM progress WHERE step_id = @step", ("@step", step));
        var (vi, en, json) = await _rig.RunInAllAsync("explain", PipelineNames.Progress, step);
        vi.Is(1, $"Chờ dossiers {dossier}: bản ghi đó bị từ chối.", $"integration explain dossiers {dossier}");
        en.Is(1, $"Waits for dossiers {dossier}, which was refused.");
        Assert.Equal(dossier, (string)json.Json["versions"]![0]!["waitsFor"]!["key"]!);
    }

    [Fact]
    public async Task Explain_tells_a_record_that_the_source_does_not_have()
    {
        var (vi, en, _) = await _rig.RunInAllAsync("explain", PipelineNames.Dossiers, "H60.99-000000-0000");
        vi.Is(1, "Chưa bao giờ đọc được, và truy vấn của luồng này không trả về khóa đó");
        en.Is(1, "Never extracted, and this pipeline's query does not return that key");
    }

    [Fact]
    public async Task Failures_are_listed_by_reason_with_advice_and_an_example()
    {
        var (vi, en, json) = await _rig.RunInAllAsync("failures", "list");
        vi.Is(1, "→ Thêm dòng vào bảng mã", "Ví dụ: integration explain dossiers");
        en.Is(1, "→ Add a row to the lookup", "Example: integration explain dossiers");
        var lines = vi.Out.Split('\n');
        Assert.Equal(1, lines.Count(l => l.Contains("chưa có trong bảng mã procedures", StringComparison.Ordinal)));
        var group = json.Json["groups"]!.First(g => (string)g["rejection"]!["rule"]! == "lookup-missing");
        Assert.Contains("chưa có trong bảng mã", (string)group["rejection"]!["what"]!["vi"]!, StringComparison.Ordinal);
        Assert.Contains("has no row", (string)group["rejection"]!["what"]!["en"]!, StringComparison.Ordinal);
        Assert.Contains("Add a row", (string)group["rejection"]!["advice"]!["en"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_are_listed_record_by_record_and_by_what_is_asked_for()
    {
        var json = (await _rig.RunAsync("failures", "list", "--all", "--take", "1000", "--json")).Is(1).Json["failures"]!;
        var expected = PipelineNames.All.SelectMany(p => _rig.Province.Dirt.RefusedKeys(p).Select(k => (p, k))).Order();
        Assert.Equal(expected, json.Select(f => ((string)f["pipeline"]!, (string)f["key"]!)).Distinct().Order());

        var key = _rig.FirstOf(PipelineNames.Dossiers, DirtKind.TooLong);
        (await _rig.RunAsync("failures", "list", "--all", "--pipeline", PipelineNames.Dossiers, "--rule", "too-long")).Is(1, $"dossiers {key}", "GhiChu dài quá giới hạn");
        (await _rig.RunAsync("failures", "list", "--pipeline", PipelineNames.Services)).Is(0, "Không có bản ghi nào bị từ chối");
        (await _rig.RunAsync("failures", "list", "--pipeline", "servics")).Is(2, "Không có luồng 'servics'", "services");
        (await _rig.RunAsync("failures", "list", "--rule", "to-long")).Is(2, "too-long", "Lệnh không đúng");
        (await _rig.RunAsync("failures", "list", "--take", "0")).Is(2, "phải từ 1");
    }

    [Fact]
    public async Task Failures_show_hides_what_is_personal_at_any_depth()
    {
        var key = _rig.Read("""
            SELECT dossier_no FROM dossier WHERE owner_id_no IS NOT NULL AND email IS NOT NULL AND phone IS NOT NULL
            AND status = 'dang-xu-ly' AND owner_id_kind IS NOT NULL
            """)!;
        var personal = ((string[])["owner_name", "owner_id_no", "email", "phone"]).Select(c => _rig.Read($"SELECT {c} FROM dossier WHERE dossier_no = @no", ("@no", key))!).ToArray();
        var (vi, _, json) = await _rig.RunInAllAsync("failures", "show", PipelineNames.Dossiers, key);
        Assert.All(personal, value => Assert.DoesNotContain(value, vi.Out, StringComparison.Ordinal));
        Assert.All(personal, value => Assert.DoesNotContain(value, json.Out, StringComparison.Ordinal));
        var content = json.Json["content"]!;
        Assert.Equal(key, (string)content["MaHoSo"]!);
        Assert.Equal($"***{personal[1][^3..]}", (string)content["SoGiayToChuHoSo"]!);
        Assert.Equal($"***{personal[1][^3..]}", (string)content["DinhDanhCHS"]![0]!["SoDinhDanh"]!);
        (await _rig.RunAsync("failures", "show", PipelineNames.Dossiers, "none")).Is(2, "Sổ không có bản ghi này");
    }

    [Fact]
    public async Task A_dry_run_after_everything_was_delivered_shows_no_change_and_sends_nothing()
    {
        var before = _rig.Portal.Summary().Requests;
        var (vi, _, json) = await _rig.RunInAllAsync("sync", PipelineNames.Services, "--dry-run");
        vi.Is(0, "Chạy thử: không ghi, không gửi gì.", "không đổi 254, mới 0");
        Assert.Empty(json.Json["records"]!);
        Assert.Equal(before, _rig.Portal.Summary().Requests);
    }

    [Fact]
    public async Task Every_field_of_every_answer_is_documented()
    {
        var refused = _rig.FirstOf(PipelineNames.Dossiers, DirtKind.UnknownStatus);
        string[][] commands =
        [
            ["check"], ["status"], ["sync", PipelineNames.Dossiers, "--dry-run", "--full"], ["explain", PipelineNames.Dossiers, refused], ["failures", "list"],
            ["failures", "list", "--all"], ["failures", "show", PipelineNames.Dossiers, refused], ["sync", "nope"], ["sync"],
        ];
        var documented = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "json-answers.md"), TestContext.Current.CancellationToken);
        foreach (var command in commands)
        {
            var names = ((JContainer)(await _rig.RunAsync([.. command, "--json"])).Json).DescendantsAndSelf().OfType<JProperty>().Where(p => !p.Path.StartsWith("content.", StringComparison.Ordinal)).Select(p => p.Name);
            Assert.Empty(names.Distinct().Where(n => !documented.Contains($"`{n}`", StringComparison.Ordinal)).Select(n => $"{string.Join(' ', command)}: {n}"));
        }
    }

    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public async Task Nothing_is_wider_than_the_terminal_and_no_key_is_broken(int columns)
    {
        string[][] commands = [["status"], ["failures", "list"], ["failures", "list", "--all"], ["check"], ["explain", PipelineNames.Dossiers, _rig.FirstOf(PipelineNames.Dossiers, DirtKind.FormerDistrict)]];
        foreach (var command in commands)
        {
            var answer = await _rig.RunAsync(columns, command);
            Assert.DoesNotContain(answer.Out.Split('\n'), l => l.Length > columns);
        }

        var keys = _rig.Province.Dirt.RefusedKeys(PipelineNames.Dossiers).ToArray();
        var list = await _rig.RunAsync(columns, ["failures", "list", "--all"]);
        Assert.All(keys, key => Assert.Contains(key, list.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_a_pipe_every_reason_is_one_whole_line()
    {
        var answer = await _rig.RunAsync("failures", "list", "--all", "--rule", "lookup-not-valid-then");
        Assert.Contains(answer.Out.Split('\n'), l => l.EndsWith("2025-06-30.", StringComparison.Ordinal) && l.Contains('✗'));
    }
}
