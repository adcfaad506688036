using Demo.Province;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Integration.Tests.Commands;

/// <summary>Wrong words, wrong settings, wrong definitions: exit 2, all of it at once, in a language an operator reads.</summary>
public sealed class WrongUseTests(UntouchedProvince untouched) : IClassFixture<UntouchedProvince>
{
    private readonly CommandRig _rig = untouched.Rig;

    [Theory]
    [InlineData("Unrecognized command", "integration --help", "syncc")]
    [InlineData("Required command", "integration --help")]
    [InlineData("'--reason' is required", "integration pause --help", "pause", "dossiers")]
    [InlineData("cần nêu lý do", "integration resume --help", "resume", "dossiers", "--reason", "  ")]
    [InlineData("cần nêu lý do", "integration failures replay --help", "failures", "replay", "--reason", "")]
    [InlineData("Required argument missing", "integration explain --help", "explain", "dossiers")]
    [InlineData("not recognized", "integration status --help", "status", "--lang", "fr")]
    public async Task A_command_the_program_does_not_understand_is_followed_by_a_sentence_in_Vietnamese(string said, string help, params string[] arguments)
    {
        var answer = (await _rig.RunAsync(arguments)).Is(2, said, $"Lệnh không đúng, chưa có gì được chạy. Xem cách dùng: {help}");
        Assert.Equal("", answer.Out);
        var json = (await _rig.RunAsync([.. arguments, "--json"])).Is(2);
        Assert.Equal(2, (int)json.Json["exit"]!);
        Assert.Equal("", json.Error);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("pause")]
    [InlineData("explain")]
    [InlineData("failures")]
    public async Task An_unknown_pipeline_is_answered_with_the_list_of_those_there_are(string command)
    {
        string[] arguments = command switch
        {
            "pause" => ["pause", "dossier", "--reason", "x"],
            "explain" => ["explain", "dossier", "x"],
            "failures" => ["failures", "show", "dossier", "x"],
            _ => ["sync", "dossier"],
        };
        var (vi, en, json) = await _rig.RunInAllAsync(arguments);
        vi.Is(2, "Không có luồng 'dossier'. Các luồng: dossiers, progress, services.");
        en.Is(2, "There is no pipeline 'dossier'. There are: dossiers, progress, services.");
        Assert.Equal(2, (int)json.Json["exit"]!);
    }

    [Fact, Trait("Fault", "J1")]
    public async Task All_wrong_settings_are_told_at_once_by_their_names()
    {
        var answer = await _rig.RunAsync(
            null,
            ["check"],
            [
                ("Delivery__InFlight", "nhiều"), ("Delivery__Lease", "0"), ("Ledger__Provider", "oracle"), ("Ledger__PasswordFile", "nowhere"), ("Http__Url", "8080"),
                ("Connections__Portal__Timeout", "5"), ("Connections__Portal__Usernam", "x"), ("Connections__OneStop__Provider", "oracle"),
            ]);
        answer.Is(2, "Delivery:InFlight phải là số nguyên", "Delivery:Lease phải từ 00:00:01 đến 01:00:00", "Ledger:Provider phải là một trong: sqlite, postgres",
            "Ledger:PasswordFile: không có tệp này", "Http:Url phải có dạng", "Connections:Portal:Timeout phải là khoảng thời gian", "Connections:Portal:Usernam không phải là một thiết lập",
            "Connections:OneStop:Provider phải là postgres hoặc sqlite", "8 lỗi");
    }

    [Theory]
    [InlineData("sync", "dossiers")]
    [InlineData("explain", "dossiers", "x")]
    [InlineData("failures", "replay", "--reason", "x")]
    [InlineData("run")]
    public async Task A_connection_that_cannot_be_used_stops_what_needs_it_before_it_starts(params string[] arguments)
    {
        var answer = await _rig.RunAsync(null, arguments, ("Connections__Portal__Url", "ftp://cong.example"));
        answer.Is(2, "Connections:Portal:Url", "chưa có gì được khởi động");
        var json = await _rig.RunAsync(null, [.. arguments, "--json"], ("Connections__Portal__Url", "ftp://cong.example"));
        Assert.Contains("Connections:Portal:Url", (string)json.Is(2).Json["faults"]![0]!["what"]!["en"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_mistakes_in_a_definition_are_five_messages_with_file_and_line()
    {
        var mappings = Directory.CreateDirectory(Path.Combine(_rig.Folder, "spoilt")).FullName;
        Mappings.Shipped.CopyTo(mappings);
        var file = Path.Combine(mappings, "progress", "pipeline.yaml");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        (string Right, string Wrong)[] mistakes =
        [
            ("connection: OneStop,", "connection: OneStopp,"), ("batch: 10", "batch: nhiều"), ("cron: \"*/10 * * * *\"", "cron: \"*/99 * * * *\""),
            ("lookup: dossier-status", "lookup: dosier-status"), ("NoiDungXuLy: content", "NoiDungXuLi: content"),
        ];
        foreach (var (right, wrong) in mistakes)
        {
            Assert.Contains(right, text, StringComparison.Ordinal);
            text = text.Replace(right, wrong, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        var lines = text.Split('\n');
        var answer = await _rig.RunAsync(null, ["check"], ("Mappings", mappings));
        answer.Is(2);
        foreach (var (_, wrong) in mistakes)
        {
            answer.Is(2, $"progress/pipeline.yaml:{Array.FindIndex(lines, l => l.Contains(wrong, StringComparison.Ordinal)) + 1}: ");
        }

        var json = (await _rig.RunAsync(null, ["status", "--json"], ("Mappings", mappings))).Is(2).Json["faults"]!;
        Assert.All(json, f => Assert.Equal("progress/pipeline.yaml", (string)f["file"]!));
        Assert.True(json.Count() >= 5);
    }

    [Fact]
    public async Task A_broken_appsettings_file_is_told_in_a_sentence()
    {
        var file = Path.Combine(_rig.Folder, "appsettings.json");
        await File.WriteAllTextAsync(file, "{ \"Mappings\": ", TestContext.Current.CancellationToken);
        try
        {
            (await _rig.RunProcessAsync([], "status")).Is(2, "appsettings.json không phải JSON hợp lệ");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("C.UTF-8", "Luồng")]
    [InlineData("vi_VN.UTF-8", "Luồng")]
    [InlineData("en_US.UTF-8", "Pipeline")]
    public async Task The_locale_of_the_machine_is_no_wrong_setting(string locale, string said) =>
        (await _rig.RunProcessAsync([("LANG", locale)], "status")).Is(0, said);

    [Fact]
    public async Task A_ledger_of_a_newer_program_is_not_touched()
    {
        var path = Path.Combine(_rig.Folder, "newer.db");
        var newer = ("Ledger__ConnectionString", $"Data Source={path}");
        (await _rig.RunAsync(null, ["status"], newer)).Is(0);
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO schema_version (version) VALUES (99)";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await _rig.RunAsync(null, ["status"], newer)).Is(2, "Sổ đồng bộ có lược đồ phiên bản 99", "Hãy chạy chương trình bản mới hơn");
        (await _rig.RunAsync(null, ["status", "--lang", "en"], newer)).Is(2, "newer than version");
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_opened_is_exit_three() =>
        (await _rig.RunAsync(null, ["status"], ("Ledger__ConnectionString", $"Data Source={_rig.Province.Mappings}"))).Is(3);

    [Fact]
    public async Task A_record_nobody_has_read_yet_is_told_so() =>
        (await _rig.RunAsync("explain", PipelineNames.Dossiers, _rig.Read("SELECT min(dossier_no) FROM dossier")!)).Is(1, "Có ở nguồn nhưng chưa được đọc", "integration sync dossiers");
}

/// <summary>One province nothing was read from yet.</summary>
public sealed class UntouchedProvince : IAsyncLifetime
{
    internal CommandRig Rig { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Rig = await CommandRig.StartAsync(100);

    public ValueTask DisposeAsync() => Rig.DisposeAsync();
}
