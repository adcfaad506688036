using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>Gathers every mistake of a reading, so that all of them can be told at once.</summary>
internal sealed class FaultList
{
    // A file that is garbage from end to end is understood after this many complaints.
    private const int Most = 200;

    private readonly List<Fault> _faults = [];
    private readonly HashSet<Fault> _seen = [];

    public int Count => _faults.Count;

    public IReadOnlyList<Fault> All => _faults;

    public void Add(Mark at, string vi, string en) => Add(new Fault(at, new Text(vi, en)));

    public void Add(Fault fault)
    {
        if (_faults.Count < Most && _seen.Add(fault))
        {
            _faults.Add(fault);
        }
    }

    public void AddRange(IEnumerable<Fault> faults)
    {
        foreach (var fault in faults)
        {
            Add(fault);
        }
    }

    /// <summary>The same mistakes, by file and line, as a person would work through them.</summary>
    public IReadOnlyList<Fault> InOrder() =>
        [.. _faults.OrderBy(f => f.At.File, StringComparer.Ordinal).ThenBy(f => f.At.Line).ThenBy(f => f.At.Column)];
}
