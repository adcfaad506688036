using Newtonsoft.Json.Linq;

namespace Integration.Deliver.Dvcqg;

/// <summary>One entry of <c>result[]</c>.</summary>
/// <param name="Key">As <see cref="KeyText"/> has it; empty when it names no record.</param>
internal readonly record struct ResultEntry(ReadOnlyMemory<byte> Key, string? Code, string? Message, string? Receipt)
{
    /// <summary>Says something about a record.</summary>
    public bool Speaks => Code is not null || !Key.IsEmpty;

    public static ResultEntry Of(JObject entry, EntryFields fields) => new(
        KeyText.Join(PayloadFields.Read(entry, fields.RecordKey)),
        ReplyCode.Read(entry[EntryFields.Code]),
        (entry[EntryFields.Message] as JValue)?.Value as string,
        fields.Receipt is null ? null : PayloadFields.Read(entry, [fields.Receipt])[0]);
}
