using System.Text.RegularExpressions;

namespace Integration.Tests.Crash;

internal enum Due
{
    /// <summary>Nothing is wrong with it: it must arrive.</summary>
    Arrives,

    /// <summary>Our own checks refuse it.</summary>
    RefusedHere,

    /// <summary>Our checks pass it and the portal refuses it, with the whole call it comes in.</summary>
    RefusedThere,

    /// <summary>The record is gone at the source.</summary>
    Gone,
}

/// <summary>What the source said about one record at one time.</summary>
/// <param name="Mark">Names the content, and stands in it; empty when the record is gone.</param>
/// <param name="Group">Dossier of a step; null: none.</param>
/// <param name="Stamp">Its watermark; null where the pipeline has none.</param>
/// <param name="Loose">Committed late or out of turn, so that it may come after a later one of its group.</param>
internal sealed record Said(string Pipeline, string Key, string Mark, Due Due, string? Group = null, long Order = 0, DateTime? Stamp = null, bool Loose = false)
{
    public long Seq { get; init; }

    /// <summary>False while the transaction that says it may still be open.</summary>
    public bool Committed { get; set; }
}

/// <summary>
/// The generator's own list of everything the sources ever said, in the order it was committed for each record. What the worker did is held
/// against this, and never against the worker's own counts.
/// </summary>
internal sealed partial class Truth
{
    private readonly Lock _gate = new();
    private readonly List<Said> _all = [];
    private readonly HashSet<string> _strangers = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>To be called before the change is committed: whoever reads the source may see it from then on.</summary>
    public Said Add(Said said)
    {
        lock (_gate)
        {
            said = said with { Seq = _all.Count };
            _all.Add(said);
            return said;
        }
    }

    public void Commit(IEnumerable<Said> said)
    {
        lock (_gate)
        {
            foreach (var one in said)
            {
                one.Committed = true;
            }
        }
    }

    /// <summary>A file with a line that is no record: it is refused under the file's own name.</summary>
    public void AddStranger(string file)
    {
        lock (_gate)
        {
            _strangers.Add(file);
        }
    }

    public TruthNow Take(bool committed)
    {
        lock (_gate)
        {
            return new TruthNow([.. _all.Where(s => s.Committed || !committed)], [.. _strangers]);
        }
    }

    /// <returns>The content's mark, or empty.</returns>
    public static string MarkIn(string text) => Mark().Match(text).Value;

    [GeneratedRegex(@"\[v[0-9]+\]")]
    private static partial Regex Mark();
}

/// <summary>The truth at one moment.</summary>
internal sealed class TruthNow(IReadOnlyList<Said> all, IReadOnlyCollection<string> strangers)
{
    public IReadOnlyList<Said> All => all;

    public IReadOnlyCollection<string> Strangers => strangers;

    public ILookup<(string Pipeline, string Key), Said> ByKey { get; } = all.ToLookup(s => (s.Pipeline, s.Key));

    public IReadOnlyDictionary<string, Said> ByMark { get; } = all.Where(s => s.Mark.Length > 0).GroupBy(s => s.Mark).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
}
