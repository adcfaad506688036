using System.ComponentModel.DataAnnotations;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>What the worker does not go beyond; section <c>Limits</c> of the configuration.</summary>
internal sealed class LimitSettings
{
    /// <summary>Largest cell, list of children and payload of one record, in bytes. A larger one is refused, and was never read as a whole.</summary>
    [Range(64 << 10, 256 << 20)]
    public int RecordBytes { get; set; } = Oversize.UsualLimit;

    /// <summary>Records of one pipeline on their way before its source is read no further.</summary>
    [Range(1_000, 1_000_000_000)]
    public int Backlog { get; set; } = 1_000_000;

    /// <summary>Bytes that must be free where the ledger grows before any source is read.</summary>
    [Range(0, int.MaxValue)]
    public int FreeDisk { get; set; } = 512 << 20;

    /// <summary>How often a run that waits for room looks whether there is some.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(2);
}
