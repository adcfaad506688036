using System.CommandLine;
using System.CommandLine.Parsing;
using Integration.Records;

namespace Demo;

/// <summary>What the demo was asked for on its command line.</summary>
/// <param name="Once">Deliver everything, show the table and end; otherwise keep running with the status page until Ctrl+C.</param>
/// <param name="Fresh">Throw an earlier province and its ledger away.</param>
/// <param name="LedgerConnection">Null: a SQLite file in the folder.</param>
internal sealed record DemoOptions(bool Once, string Folder, bool Fresh, int Dossiers, Language Language, string? LedgerConnection)
{
    private const string _postgres = "postgres:";

    public static RootCommand Command(Func<DemoOptions, CancellationToken, Task<int>> run)
    {
        var once = new Option<bool>("--once") { Description = "Gửi hết, in bảng kết quả rồi dừng. / Deliver everything, show the table, end." };
        var folder = new Option<string>("--folder") { DefaultValueFactory = _ => "./demo", Description = "Thư mục của tỉnh mẫu. / Where the sample province is kept." };
        var fresh = new Option<bool>("--fresh") { Description = "Xóa tỉnh mẫu cũ và sổ đồng bộ cũ. / Start over." };
        var dossiers = new Option<int>("--dossiers") { DefaultValueFactory = _ => Province.SampleProvince.DefaultDossiers, Description = "Số hồ sơ khi tạo tỉnh mẫu, từ 100. / Number of dossiers when the province is made, from 100." };
        dossiers.Validators.Add(Positive);
        var language = new Option<string>("--lang") { DefaultValueFactory = _ => "vi", Description = "Ngôn ngữ: vi hoặc en. / Language: vi or en." };
        language.AcceptOnlyFromAmong("vi", "en");
        var ledger = new Option<string>("--ledger") { DefaultValueFactory = _ => "sqlite", Description = "sqlite, hoặc postgres:CHUỖI-KẾT-NỐI. / sqlite, or postgres:CONNECTION." };
        ledger.Validators.Add(Ledger);

        var command = new RootCommand("Tỉnh mẫu: hệ thống một cửa, cổng giả lập và tiến trình đồng bộ. / A sample province: one-stop system, stand-in portal and worker.")
        {
            once, folder, fresh, dossiers, language, ledger,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new DemoOptions(
                parsed.GetValue(once), Path.GetFullPath(parsed.GetValue(folder)!), parsed.GetValue(fresh), parsed.GetValue(dossiers),
                parsed.GetValue(language) == "en" ? Language.English : Language.Vietnamese,
                parsed.GetValue(ledger) is { } given && given.StartsWith(_postgres, StringComparison.Ordinal) ? given[_postgres.Length..] : null),
            cancellationToken));
        return command;
    }

    private static void Positive(OptionResult result)
    {
        if (result.Tokens is [var token, ..] && (!int.TryParse(token.Value, out var count) || count < 100))
        {
            result.AddError("--dossiers: phải là số nguyên từ 100. / must be a whole number from 100.");
        }
    }

    private static void Ledger(OptionResult result)
    {
        if (result.Tokens is [var token, ..] && token.Value != "sqlite" && !(token.Value.StartsWith(_postgres, StringComparison.Ordinal) && token.Value.Length > _postgres.Length))
        {
            result.AddError("--ledger: sqlite hoặc postgres:CHUỖI-KẾT-NỐI. / must be sqlite or postgres:CONNECTION.");
        }
    }
}
