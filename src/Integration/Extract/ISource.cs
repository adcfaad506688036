using Integration.Records;

namespace Integration.Extract;

/// <summary>A system of the province that records are read from. One instance serves one pipeline; runs never overlap.</summary>
internal interface ISource : IAsyncDisposable
{
    /// <summary>
    /// Begins one reading: decides its bounds and fixes what it sees, so that every page shows the same moment.
    /// </summary>
    /// <exception cref="SourceUnavailableException">The system cannot be reached or does not answer in time; worth trying again.</exception>
    /// <exception cref="SourceBrokenException">Reading again will not help until a person acts (a column is gone, a right is missing).</exception>
    Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Reads single records by key, whatever the watermark says; for <c>explain</c> and dry runs. Null when the source has no such record or
    /// cannot look one up.
    /// </summary>
    Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken);
}

/// <summary>One reading of a source, page by page, in one snapshot.</summary>
internal interface IReading : IAsyncDisposable
{
    /// <summary>True when the reading shows every record there is, so that a key it does not show is gone.</summary>
    bool IsComplete { get; }

    /// <summary>What an operator should know about this reading (a late transaction holds the watermark back); empty when nothing.</summary>
    IReadOnlyList<Text> Notes { get; }

    /// <summary>
    /// The next page, or null at the end. The page belongs to the reading and is overwritten by the next call. A page whose
    /// <see cref="RowPage.Position"/> is set may be committed with that position as the new watermark. The next page is asked for while this one is
    /// still being stored, so a call says nothing about the page before.
    /// </summary>
    /// <exception cref="SourceUnavailableException">The reading broke off; what was committed stays, the rest comes with the next run.</exception>
    /// <exception cref="SourceBrokenException">What was read cannot be trusted (a file with a cut line): nothing of it was handed out.</exception>
    Task<RowPage?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The file whose last record was in the last page; null for sources without files.</summary>
    SourceFile? FinishedFile { get; }

    /// <summary>Called after the last page was committed to the ledger: the place to move a file. Must be safe to repeat after a crash.</summary>
    Task CommittedAsync(CancellationToken cancellationToken);
}

/// <param name="Watermark">As the last committed page's position gave it; null on the first run or for a full reading.</param>
/// <param name="IsTaken">Tells whether a file with this SHA-256 (lower-case hex) was taken before.</param>
/// <param name="PageRows">Rows a page should hold.</param>
internal sealed record ReadingRequest(string? Watermark, Func<string, CancellationToken, Task<bool>> IsTaken, int PageRows = 1000);

/// <summary>The source cannot be reached now; the next run tries again. The message is for operators and holds no secret.</summary>
internal sealed class SourceUnavailableException(Text what, Exception? inner = null) : Exception(what.En, inner)
{
    public Text What { get; } = what;
}

/// <summary>The source answered something that only a person can put right. The message names the place and holds no personal value.</summary>
internal sealed class SourceBrokenException(Text what, Exception? inner = null) : Exception(what.En, inner)
{
    public Text What { get; } = what;

    /// <summary>The offending input was put out of the way, so the next reading meets something else.</summary>
    public bool IsSetAside { get; init; }

    /// <summary>Name of the setting that is wrong; null when it is the system or a file.</summary>
    public string? Setting { get; init; }
}
