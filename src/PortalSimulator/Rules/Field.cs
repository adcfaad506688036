using System.Text.RegularExpressions;

namespace PortalSimulator.Rules;

internal enum FieldKind : byte
{
    /// <summary>A JSON string; codes and flags travel as strings too.</summary>
    Text,

    /// <summary><c>yyyyMMddHHmmss</c>, or blank.</summary>
    Time,

    /// <summary>A JSON number without a fraction.</summary>
    Integer,

    Boolean,

    /// <summary>A list of objects of <see cref="Field.Items"/>, or of anything when there is no schema for them.</summary>
    List,

    /// <summary>Any JSON value: no source tells its shape.</summary>
    Any,
}

/// <summary>What the portal demands of one field.</summary>
internal sealed class Field
{
    public required string Name { get; init; }

    public FieldKind Kind { get; init; }

    /// <summary>Must be present and not null. Blank is another matter: the national side writes a missing fact as a blank string.</summary>
    public bool Required { get; init; }

    public bool NotBlank { get; init; }

    /// <summary>Most UTF-16 units of a text.</summary>
    public int Longest { get; init; } = int.MaxValue;

    /// <summary>A text longer than <see cref="Longest"/> refuses the whole call, even where records are answered one by one.</summary>
    public bool TooLongRefusesTheCall { get; init; }

    /// <summary>The only values a text may have, blank aside.</summary>
    public string[]? Codes { get; init; }

    /// <summary>The form of a text that is not blank.</summary>
    public Regex? Form { get; init; }

    public Schema? Items { get; init; }
}
