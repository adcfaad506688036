namespace Integration.Tests.Crash;

/// <param name="Point">As <c>Failpoint.Reach</c> names it; null where the product has no such step.</param>
/// <param name="Why">Why there is none.</param>
internal sealed record FailpointRow(string Number, string? Point, string Meaning, string? Why = null);

/// <summary>All failpoints there are to be, in the order of docs/reliability.md.</summary>
internal static class Failpoints
{
    public static IReadOnlyList<FailpointRow> All { get; } =
    [
        new("P01", "P01 page read", "a page of the source is read and mapped, its transaction not begun"),
        new("P02", "P02 payloads inserted, versions not", "in the middle of a slice's inserts; on PostgreSQL some of them are not sent yet"),
        new("P03", "P03 versions inserted, watermark not", "all rows inserted, the watermark not moved, same transaction"),
        new("P04", "P04 before commit", "before COMMIT, of any writing transaction"),
        new("P05", "P05 commit sent, answer not read", "COMMIT sent; whether it took place nobody here knows"),
        new("P06", "P06 leased", "records claimed, nothing done with them"),
        new("P07", "P07 nothing sent", "a call prepared, not one byte on the wire"),
        new("P08", "P08 half body sent", "the body's first part on the wire"),
        new("P09", "P09 body sent", "the whole request on the wire, no answer"),
        new("P10", "P10 headers in, body not", "the answer's headers read, its body not"),
        new("P11", "P11 answer read, receipt not stored", "the answer read and understood, its transaction not begun"),
        new("P12", "P12 attempt stored, versions not", "in the middle of the receipt's transaction; on PostgreSQL the attempt is not sent yet"),
        new("P13", "P13 rows committed, file not moved", "a file's rows committed, the file still in the inbox"),
        new("P14", "P14 file moved, marker not", "the file moved, its marker still in the inbox; that the file was taken is stored before both"),
        new("P15", "P15 quarantined, reason not stored", "in the middle of a refusal"),
        new("P16", "P16 versions ready again, replay not whole", "in the middle of a replay"),
        new("P17", "P17 tables made, version not noted", "in the middle of a schema step"),
        new("P18", null, "in the middle of a retention purge", "the product does not purge yet"),
        new("P19", "P19 decision carried out, not audited", "between an operator's change and its line in the audit trail"),
        new("P20", null, "while configuration is reloaded", "the product reads its configuration once, at start"),
        new("P21", "P21 logged in, session not kept", "the login answered, the session not kept"),
        new("P22", "P22 told to stop, calls under way", "at the beginning of a graceful stop"),
    ];

    /// <summary>Those a worker comes to by itself while it works.</summary>
    public static IReadOnlyList<string> WhileWorking { get; } =
        [.. All.Where(f => f.Point is not null && f.Number is not ("P16" or "P17" or "P19" or "P22")).Select(f => f.Number)];
}
