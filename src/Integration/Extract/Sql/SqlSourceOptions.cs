using System.ComponentModel.DataAnnotations;

namespace Integration.Extract.Sql;

/// <summary>What <c>source: sql:</c> may say.</summary>
internal sealed class SqlSourceOptions : SourceOptions, IValidatableObject
{
    /// <summary>File with one SELECT (or WITH … SELECT); paging, order and bounds are put around it.</summary>
    [Required]
    public string Query { get; set; } = "";

    /// <summary>Column that grows with every change of a row; null: every reading is a sweep.</summary>
    public string? Watermark { get; set; }

    /// <summary>Unless told: <see cref="SqlMode.Watermark"/> when a watermark is named, else <see cref="SqlMode.Sweep"/>.</summary>
    public SqlMode? Mode { get; set; }

    /// <summary>How far behind the last position reading starts again; covers clocks of applications that stamp rows themselves.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Lag { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a reading may wait, before it begins, for transactions of others to end. When they do, the watermark moves at once; when they
    /// do not, it is held back and nothing is lost either.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time the database may take to answer a statement, or to send the next rows of the query.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Rows of a page; null: as the pipeline asks.</summary>
    [Range(1, 100_000)]
    public int? PageRows { get; set; }

    /// <summary>Child row sets by the name that <c>each</c> uses.</summary>
    public Dictionary<string, ChildOptions> Children { get; set; } = new(StringComparer.Ordinal);

    public override IReadOnlyCollection<string> ChildNames => Children.Keys;

    public override IReadOnlyCollection<string> Files => [Query, .. Children.Values.Select(c => c.Query)];

    internal SqlMode Effective => Mode ?? (Watermark is null ? SqlMode.Sweep : SqlMode.Watermark);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Connection))
        {
            yield return new("Nguồn sql phải nêu tên kết nối. / A sql source must name a connection.", [nameof(Connection)]);
        }

        if (Mode == SqlMode.Watermark && Watermark is null)
        {
            yield return new("mode: watermark cần có cột watermark. / mode: watermark needs a watermark column.", [nameof(Watermark)]);
        }

        foreach (var (name, child) in Children)
        {
            if (child.On.Length != Key.Length)
            {
                yield return new($"{name}.on phải có đúng {Key.Length} cột như key. / {name}.on must name {Key.Length} columns, as key does.", [nameof(Children)]);
            }
        }
    }
}

internal enum SqlMode
{
    /// <summary>Rows changed since the last reading.</summary>
    Watermark,

    /// <summary>All rows, every time: the only way to see that a row is gone.</summary>
    Sweep,
}

/// <summary>A set of child rows, read in the same snapshot as their parents.</summary>
internal sealed class ChildOptions
{
    /// <summary>File with one SELECT.</summary>
    [Required]
    public string Query { get; set; } = "";

    /// <summary>Columns of the child that equal the parent's key columns, in the key's order.</summary>
    [Required, MinLength(1)]
    public string[] On { get; set; } = [];

    /// <summary>Columns that order the children of one parent; unless told, all columns from left to right.</summary>
    public string[] OrderBy { get; set; } = [];
}
