using System.CommandLine;

namespace Integration.Commands;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Trả lời bằng JSON / answer in JSON", Recursive = true };

    public static readonly Option<string?> Lang = Choice("--lang", "vi | en");

    private static Option<string?> Choice(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, Recursive = true };
        option.AcceptOnlyFromAmong("vi", "en");
        return option;
    }
}
