using System.Globalization;
using Integration.Records;
using Spectre.Console;

namespace Demo.Screen;

/// <summary>Sentences and numbers in the reader's language, safe to be put into Spectre's markup.</summary>
internal sealed class Wording(Language language)
{
    private readonly CultureInfo _culture = CultureInfo.GetCultureInfo(language == Language.Vietnamese ? "vi-VN" : "en-US");

    public string Say(string vi, string en, params object?[] values)
    {
        var text = new Integration.Records.Text(vi, en);
        return Say(values.Length == 0 ? text : text.With(values));
    }

    public string Say(Integration.Records.Text text) => Markup.Escape(text.In(language));

    public string Say(long number) => number.ToString("N0", _culture);
}
