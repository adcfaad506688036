using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>A session in a source database, used for one reading. Values that are kept or compared are in the database's own text form.</summary>
/// <remarks>
/// Everything throws <see cref="SourceUnavailableException"/> or <see cref="SourceBrokenException"/>, never a driver's exception.
/// Names are quoted alike.
/// </remarks>
internal interface ISession : IAsyncDisposable
{
    /// <summary>Columns of a SELECT, without running it.</summary>
    Task<IReadOnlyList<Column>> DescribeAsync(string query, CancellationToken cancellationToken);

    /// <summary>Looks at what runs in the database; must come before <see cref="BeginAsync"/>.</summary>
    Task<Horizon> LookAsync(string query, Column watermark, CancellationToken cancellationToken);

    Scale ScaleOf(Column watermark, Horizon horizon);

    /// <summary>From here on everything is read from one snapshot, and nothing can be written.</summary>
    /// <param name="hasChildren">Children will be read too.</param>
    Task BeginAsync(bool hasChildren, CancellationToken cancellationToken);

    /// <summary>How a value stands in the text of a statement that <see cref="OpenAsync"/> is given: as the parameter of this number, or written out.</summary>
    /// <param name="number">From 1.</param>
    string Operand(int number, string value);

    /// <summary>Runs a SELECT; its rows are fetched as they are asked for, but no huge cell. One at a time, but children may be read in between.</summary>
    Task<IRows> OpenAsync(Statement statement, IReadOnlyList<Column> columns, CancellationToken cancellationToken);

    /// <summary>A key as a person writes it, in the forms in which the database may hold it; the likeliest first, none when it cannot.</summary>
    IEnumerable<string[]> FormsOf(string[] parts, IReadOnlyList<Column> columns);

    /// <summary>Reads the children of the given parents, in their order, into <paramref name="page"/>.</summary>
    /// <param name="keys">Key values of the parent rows.</param>
    /// <returns>One entry a parent and one more, as <see cref="ChildRows.Starts"/>.</returns>
    Task<int[]> ReadChildrenAsync(Child child, IReadOnlyList<string[]> keys, RowPage page, CancellationToken cancellationToken);
}

internal interface IRows : IAsyncDisposable
{
    /// <returns>False at the end, also when asked again.</returns>
    ValueTask<bool> NextAsync(CancellationToken cancellationToken);

    /// <summary>Adds the cells of the current row; none of them can fail, what cannot be read faithfully becomes unreadable.</summary>
    void AddCells(RowPage page);

    /// <summary>A value of the current row in the database's own text form; null for NULL, and for what has none that could be compared again.</summary>
    string? ValueOf(int column);

    /// <summary>Keeps a value of the current row until another is kept: cheaper than <see cref="ValueOf"/>, where only the last of many is wanted.</summary>
    /// <returns>False where that gives null; nothing is kept then.</returns>
    bool TryKeep(int column);

    /// <summary>What was kept, as <see cref="ValueOf"/> gave it; null before anything was.</summary>
    string? Kept { get; }
}

/// <param name="TypeName">The database's own name of the type; empty where values carry their own.</param>
/// <param name="IsOrdered">The database can sort by it.</param>
internal sealed record Column(string Name, ColumnKind Kind, string TypeName = "", bool IsOrdered = true);

internal enum ColumnKind : byte
{
    Text,
    Integer,
    Number,
    Boolean,
    Date,
    LocalTime,
    Instant,

    /// <summary>Lists, records, bytes: no faithful single value.</summary>
    Unreadable,

    /// <summary>Each value has a type of its own.</summary>
    Dynamic,
}

/// <summary>A set of child rows as it is read.</summary>
internal sealed record Child(string Name, string Query, IReadOnlyList<Column> Columns, RowShape Shape, IReadOnlyList<Column> On, IReadOnlyList<string> OrderBy);
