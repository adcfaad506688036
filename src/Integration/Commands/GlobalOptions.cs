using System.CommandLine;

namespace Integration.Commands;

/// <summary>Options and arguments that several commands take.</summary>
internal static class GlobalOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Trả lời bằng JSON / answer in JSON", Recursive = true };

    public static readonly Option<string?> Lang = Choice("--lang", "vi | en");

    public static Argument<string> Pipeline() => new("pipeline") { Description = "Tên luồng / pipeline" };

    public static Argument<string> Key() => new("key") { Description = "Khóa của bản ghi / the record's key" };

    /// <summary>Why a person decides; never blank.</summary>
    public static Option<string> Reason()
    {
        var reason = new Option<string>("--reason") { Description = "Lý do, được lưu lại / why; it is kept", Required = true };
        reason.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
            {
                result.AddError("--reason: cần nêu lý do / a reason is needed");
            }
        });
        return reason;
    }

    private static Option<string?> Choice(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, Recursive = true };
        option.AcceptOnlyFromAmong("vi", "en");
        return option;
    }
}
