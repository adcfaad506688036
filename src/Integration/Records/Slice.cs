using System.Buffers;

namespace Integration.Records;

/// <summary>What one reading of a source brought: records, rejections and the new watermark, to be stored together or not at all.</summary>
internal sealed class Slice
{
    private readonly List<SliceEntry> _entries = [];

    /// <summary>The bytes of all payloads and raw rows, one after the other; entries point into it.</summary>
    public ArrayBufferWriter<byte> Bytes { get; } = new(64 * 1024);

    public IReadOnlyList<SliceEntry> Entries => _entries;

    /// <summary>Where the next reading goes on; null leaves the stored watermark as it is.</summary>
    public string? Watermark { get; set; }

    /// <summary>A source file whose last record is in this slice; stored with it, so that the same bytes are never taken twice.</summary>
    public SourceFile? Taken { get; set; }

    /// <summary>How many records one call to the receiver carries: the ledger keeps that many together.</summary>
    public int Batch { get; init; } = 100;

    /// <summary>Rows that were read and are known by their hash: they are counted as unchanged and are no entries.</summary>
    public int PassedOver { get; set; }

    public void Add(SliceEntry entry) => _entries.Add(entry);

    public ReadOnlySpan<byte> BytesOf(in SliceEntry entry) => Bytes.WrittenSpan.Slice(entry.Start, entry.Length);

    public void Clear()
    {
        _entries.Clear();
        Bytes.ResetWrittenCount();
        Watermark = null;
        Taken = null;
        PassedOver = 0;
    }
}

/// <summary>One record of a slice.</summary>
internal readonly record struct SliceEntry
{
    /// <summary>The record's own key; unique in its pipeline.</summary>
    public required string Key { get; init; }

    public required EntryKind Kind { get; init; }

    /// <summary>SHA-256 of the payload; of the raw row where there is no payload. Equal hash = nothing new.</summary>
    public required ContentHash Hash { get; init; }

    /// <summary><see cref="SourceRow.Hash"/> of the row it was made from; null: a row that must be looked at every time.</summary>
    public Guid? Row { get; init; }

    /// <summary>Place of the payload (put) or raw row (reject) in <see cref="Slice.Bytes"/>; length 0 for a withdrawal.</summary>
    public int Start { get; init; }

    public int Length { get; init; }

    /// <summary>Records of one group are delivered one after the other, by <see cref="Order"/>; null: no group.</summary>
    public string? Group { get; init; }

    public long Order { get; init; }

    /// <summary>Key (in the pipeline named by the run's <c>waits-for</c>) of the record that must be acknowledged first; null: none.</summary>
    public string? Parent { get; init; }

    /// <summary>Why, for <see cref="EntryKind.Reject"/>; at least one.</summary>
    public IReadOnlyList<Rejection>? Rejections { get; init; }
}

internal enum EntryKind : byte
{
    /// <summary>The record exists and this is its payload.</summary>
    Put,

    /// <summary>The record exists and cannot be sent; its bytes are the raw row as JSON.</summary>
    Reject,

    /// <summary>The record is gone at the source.</summary>
    Withdraw,
}

/// <param name="Sha256">Identity of the bytes, lower-case hex.</param>
/// <param name="Name">File name without folders.</param>
internal sealed record SourceFile(string Sha256, string Name, long Rows);
