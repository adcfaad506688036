namespace Integration.Records;

/// <summary>What a contract demands of one field, for whoever writes it and would know at once that it is met.</summary>
/// <param name="NotBefore">Path of the date beside it that must not be later; null: none.</param>
/// <param name="ShowsTime">Its date has a time of day.</param>
internal sealed record FieldTerms(IValueTerms Value, bool IsRequired, string? NotBefore, bool ShowsTime);

/// <summary>Certain in its yes alone: what is not taken here may still pass the contract's own check, which alone says why something does not.</summary>
internal interface IValueTerms
{
    /// <param name="text">Empty: no value.</param>
    /// <param name="date">Ticks of the date that it holds; -1: none.</param>
    bool Takes(in WireText text, out long date);

    bool Takes(long number);

    /// <param name="items">How many a list has.</param>
    bool TakesList(int items);
}
