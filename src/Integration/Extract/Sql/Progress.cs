using System.Text.Json;
using System.Text.Json.Serialization;
using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>
/// The stored watermark. Every row stamped at or before <see cref="Safe"/> has been handed out, whoever committed it and when, save for rows
/// stamped by clocks that lag more than the source's <c>lag</c>.
/// </summary>
/// <param name="Safe">A watermark value in the database's own text form; null: nothing is safe yet.</param>
/// <param name="Probe">Where <paramref name="Safe"/> goes next; null when nothing holds it back.</param>
/// <param name="Page">Set while a reading is under way: where it goes on if it breaks off.</param>
internal sealed record Progress(string? Safe, Probe? Probe, PageMark? Page)
{
    public static readonly Progress Start = new(null, null, null);

    private const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public int V { get; init; } = CurrentVersion;

    /// <exception cref="SourceBrokenException">The text is no watermark of a sql source.</exception>
    public static Progress Parse(string? watermark)
    {
        try
        {
            var progress = watermark is null ? Start : JsonSerializer.Deserialize<Progress>(watermark, Form);
            return progress is { V: CurrentVersion } ? progress : throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new SourceBrokenException(new Text(
                "Mốc đã lưu không phải của nguồn sql này. Chạy đồng bộ toàn bộ một lần (--full) để lập mốc mới.",
                "The stored watermark is not one of this sql source. Run one full sync (--full) to make a new one."), e);
        }
    }

    public override string ToString() => JsonSerializer.Serialize(this, Form);
}

/// <summary>Once none of <paramref name="Running"/> runs any more, a reading from the safe watermark shows all that is stamped up to <paramref name="To"/>.</summary>
/// <param name="At">When it was made, by the database's clock.</param>
/// <param name="Running">Virtual transaction ids (<c>3/17</c>; <c>-1/…</c> when prepared).</param>
internal sealed record Probe(string To, DateTime At, string[] Running);

/// <param name="At">Watermark and key of the last row handed out.</param>
/// <param name="From">Watermark of the row at which the reading broke off the first time.</param>
/// <param name="Running">Transactions that ran when any part of the reading began.</param>
internal sealed record PageMark(string[] At, string From, string[] Running);
