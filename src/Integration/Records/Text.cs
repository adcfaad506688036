namespace Integration.Records;

/// <summary>A sentence for people, in both languages. Vietnamese first: it is what operators read.</summary>
internal sealed record Text(string Vi, string En)
{
    public string In(Language language) => language == Language.Vietnamese ? Vi : En;

    /// <summary>
    /// What was said about a call, as a text: our own findings are kept as "Vietnamese / English" under a code in small letters; the words of a
    /// receiver stand for both languages as they are.
    /// </summary>
    public static Text OfMessage(string code, string message) =>
        code.Length > 0 && char.IsAsciiLetterLower(code[0]) && message.Split(" / ") is [var vi, var en] ? new Text(vi, en) : new Text(message, message);

    /// <summary>Fills {0}, {1}… in both languages alike.</summary>
    public Text With(params object?[] args) => new(
        string.Format(System.Globalization.CultureInfo.InvariantCulture, Vi, args),
        string.Format(System.Globalization.CultureInfo.InvariantCulture, En, args));
}

internal enum Language
{
    Vietnamese,
    English,
}
