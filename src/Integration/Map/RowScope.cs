using Integration.Records;

namespace Integration.Map;

/// <summary>What the fields of one mapper share while they write a row: where they read, where they write, and room to work in.</summary>
/// <param name="dates">How many dates are compared with others.</param>
internal sealed class RowScope(int dates)
{
    public byte[] First = new byte[1024];
    public byte[] Second = new byte[64];
    public byte[] Joined = new byte[256];

    public JsonText Json { get; } = new();

    public TextCleaner Cleaner { get; } = new();

    /// <summary>The page and row whose columns are read: the record's own, or those of a child.</summary>
    public RowPage Page { get; private set; } = null!;

    public int Row { get; private set; }

    /// <summary>Place of the child in its list, from 0; -1 outside lists.</summary>
    public int Index { get; private set; }

    /// <summary>Another one for every row and child that is entered.</summary>
    public long Turn { get; private set; }

    public List<Rejection> Rejections { get; private set; } = null!;

    /// <summary>Everything written so far is surely what the contract takes.</summary>
    public bool IsProved { get; private set; }

    /// <summary>Ticks of the dates that are compared with others, each at the place its <see cref="FieldProof"/> has; -1: none.</summary>
    public long[] Dates { get; } = new long[dates];

    /// <summary>What is written may not be what the contract takes.</summary>
    public void Doubt() => IsProved = false;

    public void Begin(RowPage page, int row, List<Rejection> rejections)
    {
        Rejections = rejections;
        IsProved = true;
        Enter(page, row, -1);
        Json.Clear();
    }

    public void Enter(RowPage page, int row, int index)
    {
        Turn++;
        Page = page;
        Row = row;
        Index = index;
    }
}

/// <summary>Where a field of the payload stands and what it is made of, for messages.</summary>
/// <param name="Path">Path with <c>[]</c> in place of an index.</param>
/// <param name="Source">The column, or columns, behind it; null when there is none.</param>
internal sealed record FieldPlace(string Path, string? Source, bool Personal)
{
    /// <param name="value">The offending value; not yet masked.</param>
    /// <param name="source">The column at fault, where it is not <see cref="Source"/>.</param>
    public void Reject(RowScope scope, Rule rule, ReadOnlySpan<char> value, string? detail, string? source = null)
    {
        var path = scope.Index < 0 ? Path : Path.Replace("[]", $"[{scope.Index}]", StringComparison.Ordinal);
        scope.Rejections.Add(new Rejection(rule.Code, path, source ?? Source, value.IsEmpty ? null : Masking.Show(value, Personal), detail));
    }
}
