namespace Demo.Province;

/// <summary>One dossier of the one-stop system with everything that belongs to it; each property is a column.</summary>
internal sealed record Dossier
{
    public required string No { get; init; }
    public required string Procedure { get; init; }
    public required string Agency { get; init; }
    public required string Channel { get; init; }
    public required string OwnerKind { get; init; }
    public required string OwnerName { get; init; }
    public required string OwnerId { get; init; }
    public required string OwnerIdKind { get; init; }
    public required string Phone { get; init; }
    public required string? Email { get; init; }
    public required string Summary { get; init; }
    public required string? Note { get; init; }
    public required string Status { get; init; }
    public required DateTime Submitted { get; init; }

    /// <summary>Null only where a clerk left it out.</summary>
    public required DateTime? Received { get; init; }
    public required DateTime Due { get; init; }
    public required DateTime? Finished { get; init; }
    public required DateTime? Returned { get; init; }
    public required DateTime? Refused { get; init; }
    public required string ReturnMethod { get; init; }
    public required string SubmittedTo { get; init; }
    public required bool HasDigitized { get; init; }
    public required bool VneidVerified { get; init; }
    public required string PaidOnline { get; init; }
    public required DateTime Updated { get; init; }
    public required IReadOnlyList<Fee> Fees { get; init; }
    public required IReadOnlyList<Attachment> Attachments { get; init; }
    public required IReadOnlyList<Result> Results { get; init; }
    public required IReadOnlyList<Step> Steps { get; init; }
}

/// <param name="Amount">A whole number of đồng; text where a clerk typed words.</param>
internal sealed record Fee(string Name, string Code, string Moment, object Amount, string Kind);

internal sealed record Attachment(string FileId, string Name, string Component, string Url, bool Digitized, string Reused, bool FromStore);

internal sealed record Result(string Name, string Component, string PaperId, string Url, string Code);

internal sealed record Step(
    string Id, int No, string Handler, string Title, DateTime At, string Department, string? Content, string Status,
    DateTime Started, DateTime Due, DateTime Updated);
