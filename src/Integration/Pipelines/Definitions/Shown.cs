using System.Text.RegularExpressions;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>What a message may repeat from a definition file: short, clean, and never a secret that was written there by mistake.</summary>
internal static partial class Shown
{
    private const int Longest = 60;

    public static string Word(string? text) => Short(text, LooksSecret(text));

    /// <summary>A message of a parser, which may quote the file.</summary>
    public static string Outside(string message) => message.Split(' ').Any(LooksSecret) || LooksSecret(message) ? "***" : Masking.Outside(message, 200);

    /// <summary>True for a value that is probably a password, a key or a connection string.</summary>
    public static bool LooksSecret(string? value) => !string.IsNullOrEmpty(value) && (Marked().IsMatch(value) || Random(value));

    /// <summary>True for the name of a setting that would hold a secret.</summary>
    public static bool NamesSecret(string word) => SecretName().IsMatch(word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal));

    private static string Short(string? text, bool secret)
    {
        if (secret)
        {
            return "***";
        }

        var clean = Masking.Outside(text, Longest);
        return text is { Length: > Longest } ? $"{clean}…" : clean;
    }

    // Keys and hashes are long and mix their letters; names and sentences do not.
    private static bool Random(string value)
    {
        if (value.Length < 32 || value.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '=' or '_' or '-')))
        {
            return false;
        }

        var digits = value.Count(char.IsAsciiDigit);
        return digits >= 3 && (value.All(char.IsAsciiHexDigit) || (value.Any(char.IsAsciiLetterUpper) && value.Any(char.IsAsciiLetterLower)));
    }

    [GeneratedRegex(@"(password|passwd|pwd|secret|access_?key|api_?key|token|mat_?khau)\s*[=:]\s*\S|://[^/\s:@]+:[^/\s@]+@|-----BEGIN|^eyJ[\w-]{8,}\.|^(bearer|basic)\s+\S{8,}",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Marked();

    [GeneratedRegex("(password|passwd|pwd|secret|accesskey|apikey|privatekey|token|credential|matkhau)$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex SecretName();
}
