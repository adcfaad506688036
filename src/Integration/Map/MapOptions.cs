using Integration.Records;

namespace Integration.Map;

/// <param name="Zone">The pipeline's zone: instants are written in it, local times are meant in it.</param>
/// <param name="Personal">Target fields whose values are masked: a name at any depth, or a path without indexes (<c>ThongTinNguoiNop.Email</c>).</param>
/// <param name="Terms">Of the contract's fields, by path; null: nothing is known to be proved.</param>
internal sealed record MapOptions(string Pipeline, TimeZoneInfo Zone, IReadOnlySet<string> Personal, IReadOnlyDictionary<string, FieldTerms>? Terms = null);
