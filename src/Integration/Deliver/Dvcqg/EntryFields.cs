using System.Text;

namespace Integration.Deliver.Dvcqg;

/// <summary>Which fields of an entry of <c>result[]</c> say what record it is about, and which number the portal gave it.</summary>
internal sealed class EntryFields
{
    public const string Code = "error_code";
    public const string Message = "message";

    private const int MostFields = 30;

    /// <param name="receipt">Null: no entry has one.</param>
    public EntryFields(IReadOnlyList<string> recordKey, string? receipt)
    {
        (RecordKey, Receipt) = (recordKey, receipt);
        KeyNames = [.. recordKey.Select(Encoding.UTF8.GetBytes)];
        ReceiptName = receipt is null ? null : Encoding.UTF8.GetBytes(receipt);
        string[] all = [Code, Message, .. recordKey, .. receipt is null ? Array.Empty<string>() : [receipt]];
        AreApart = all.Distinct(StringComparer.OrdinalIgnoreCase).Count() == all.Length && all.Length <= MostFields && Array.TrueForAll(all, static n => Ascii.IsValid(n));
    }

    public IReadOnlyList<string> RecordKey { get; }

    public string? Receipt { get; }

    public byte[][] KeyNames { get; }

    public byte[]? ReceiptName { get; }

    /// <summary>No field has two parts to play, and case can be told byte by byte. Otherwise answers are read as a tree.</summary>
    public bool AreApart { get; }
}
