namespace Integration.Records;

/// <summary>A sentence for people, in both languages. Vietnamese first: it is what operators read.</summary>
internal sealed record Text(string Vi, string En)
{
    public string In(Language language) => language == Language.Vietnamese ? Vi : En;

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
