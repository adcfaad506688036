namespace Integration.Records;

/// <summary>What a row of a source is known by, before anything is made of it.</summary>
/// <param name="Key">The record's key; null: the row has none.</param>
/// <param name="Hash">Of everything that decides what becomes of the row; null: it must be looked at whatever is known.</param>
internal readonly record struct SourceRow(string? Key, Guid? Hash);
