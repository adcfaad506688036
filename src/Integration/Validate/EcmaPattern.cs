using System.Text;
using System.Text.RegularExpressions;

namespace Integration.Validate;

/// <summary>
/// A <c>pattern</c> of JSON Schema with the meaning ECMA-262 gives it: <c>\d</c> and <c>\w</c> are ASCII, <c>$</c> is the very end.
/// </summary>
internal static class EcmaPattern
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    /// <exception cref="ArgumentException">It is not a regular expression.</exception>
    public static Regex Compile(string pattern)
    {
        var translated = Translate(pattern);
        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            // Look-around and back references need the other engine; a time limit keeps one record from holding up the rest.
            return new Regex(translated, RegexOptions.Compiled | RegexOptions.CultureInvariant, Longest);
        }
    }

    private static string Translate(string pattern)
    {
        var translated = new StringBuilder(pattern.Length + 16);
        var isInClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                translated.Append(Escape(pattern[++i], isInClass));
            }
            else if (c == '$' && !isInClass)
            {
                translated.Append("\\z");
            }
            else
            {
                isInClass = c == '[' || (isInClass && c != ']');
                translated.Append(c);
            }
        }

        return translated.ToString();
    }

    private static string Escape(char c, bool isInClass) => (c, isInClass) switch
    {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('D', false) => "[^0-9]",
        ('w', true) => "a-zA-Z0-9_",
        ('w', false) => "[a-zA-Z0-9_]",
        ('W', false) => "[^a-zA-Z0-9_]",
        ('D' or 'W', true) => throw new ArgumentException($"\\{c} inside [] is not supported."),
        _ => $"\\{c}",
    };
}
