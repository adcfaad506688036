using Integration.Records;

namespace Integration.Map;

/// <summary>The <c>map:</c> part of a pipeline as it was written, before it meets a source's columns.</summary>
/// <param name="Blank">How an optional value that is missing is written.</param>
internal sealed record MapDefinition(IReadOnlyList<FieldMap> Fields, BlankStyle Blank);

/// <summary>How "no value" looks on the wire. It never stands in for a required value.</summary>
internal enum BlankStyle : byte
{
    /// <summary>Empty text for texts, empty list for lists, left out for numbers and flags: what clients of the national API send.</summary>
    Empty,

    /// <summary>The field is left out.</summary>
    Omit,
}

/// <summary>One line of a map: where a field of the national payload comes from.</summary>
/// <param name="Target">Field name, exactly as on the wire.</param>
internal abstract record FieldMap(string Target, Mark At);

/// <summary>A field with a fixed value; always written as the contract's type asks.</summary>
internal sealed record FixedField(string Target, Mark At, string Value) : FieldMap(Target, At);

/// <summary>A field from one or more columns.</summary>
/// <param name="From">Columns. Several: keys of a lookup in order, or parts to <paramref name="Join"/>.</param>
/// <param name="Join">Put between the parts that have a value; null when there is one column or a lookup.</param>
/// <param name="Lookup">Code table to pass the value through.</param>
/// <param name="Parse">Form of a date held as text (<c>dd/MM/yyyy</c>); null: ISO 8601 only.</param>
/// <param name="Format">Form of a date on the wire, a .NET custom format, in the pipeline's zone.</param>
/// <param name="Max">Longest text in chars after NFC; longer is refused, or cut where <paramref name="Cut"/> says so.</param>
/// <param name="When">The field has a value only in rows for which this holds; otherwise it is blank.</param>
internal sealed record ColumnField(
    string Target, Mark At, IReadOnlyList<string> From, string? Join, LookupUse? Lookup, string? Parse, string? Format,
    int? Max, bool Cut, bool Required, Condition? When) : FieldMap(Target, At);

/// <summary>A list with one object a child row.</summary>
/// <param name="Each">Name of the children as the source gives them.</param>
internal sealed record ListField(string Target, Mark At, string Each, IReadOnlyList<FieldMap> Fields, bool Required) : FieldMap(Target, At);

/// <summary>An object of its own inside the payload, made from the same row.</summary>
internal sealed record ObjectField(string Target, Mark At, IReadOnlyList<FieldMap> Fields) : FieldMap(Target, At);

/// <param name="Table">Name of the file in <c>lookups/</c> without <c>.csv</c>.</param>
/// <param name="Column">Column of the table that holds the result; <c>to</c> unless told.</param>
/// <param name="AsOf">Column of the row whose date picks the table's row; null: only tables without validity dates.</param>
internal sealed record LookupUse(string Table, string Column, string? AsOf);

/// <summary>A test on one column: has a value, or (not) one of some values, compared as text.</summary>
/// <param name="Values">Empty: the column has a value.</param>
internal sealed record Condition(string Column, bool Negated, IReadOnlyList<string> Values);
