using System.Runtime.CompilerServices;
using Integration.Records;

namespace Integration.Validate;

/// <summary>One payload being checked: what was found so far, and where in its lists the check stands.</summary>
/// <param name="scratch">Room for one text at a time.</param>
internal struct Inspection(IReadOnlySet<string> personal, List<Rejection> rejections, char[] scratch)
{
    /// <summary>Lists may lie this deep in each other.</summary>
    public const int DeepestList = 8;

    private const int LongestDetail = 500;

    private Indexes _indexes;
    private int _depth;

    /// <summary>Room for a text of so many chars; what stood there before is gone.</summary>
    public readonly Span<char> Room(int length) => length <= scratch.Length ? scratch : new char[length];

    public void EnterList() => _indexes[_depth++] = -1;

    public void NextItem() => _indexes[_depth - 1]++;

    public void LeaveList() => _depth--;

    /// <param name="path">Path with <c>[]</c> in place of indexes.</param>
    /// <param name="value">The offending value; not yet masked.</param>
    public readonly void Reject(Rule rule, string path, ReadOnlySpan<char> value, string? detail)
    {
        var masked = value.IsEmpty ? null : Masking.Show(value, IsPersonal(path));
        var capped = detail is { Length: > LongestDetail } ? $"{detail[..(LongestDetail - 1)]}…" : detail;
        rejections.Add(new Rejection(rule.Code, Place(path), null, masked, capped));
    }

    public readonly bool IsPersonal(string path) => PersonalField.IsListed(personal, path);

    private readonly string Place(string path)
    {
        for (var i = 0; i < _depth && path.IndexOf("[]", StringComparison.Ordinal) is >= 0 and var at; i++)
        {
            path = $"{path[..at]}[{_indexes[i]}]{path[(at + 2)..]}";
        }

        return path;
    }

    [InlineArray(DeepestList)]
    private struct Indexes
    {
        private int _first;
    }
}
