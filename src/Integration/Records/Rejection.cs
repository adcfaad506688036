namespace Integration.Records;

/// <summary>
/// Why a record was not sent, or was sent and refused. Holds no value that a person may not see: <see cref="MaskedValue"/> is already masked.
/// What and advice are texts of the rule (<see cref="Rules"/>) filled with these facts, so they can be shown in either language later.
/// </summary>
/// <param name="Rule">Code of one of <see cref="Rules"/>, e.g. <c>lookup-missing</c>.</param>
/// <param name="TargetField">Path in the national payload (<c>DanhSachLePhi[2].Gia</c>); null when the whole record is meant.</param>
/// <param name="SourceField">Column of the source; null when there is none.</param>
/// <param name="MaskedValue">The offending value, masked when the field is personal; capped at 120 characters.</param>
/// <param name="Detail">What the rule needs to be understood: the limit, the lookup's name, the portal's message. Capped at 500 characters.</param>
internal sealed record Rejection(string Rule, string? TargetField, string? SourceField, string? MaskedValue, string? Detail);
