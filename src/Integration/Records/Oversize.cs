namespace Integration.Records;

/// <summary>Why a cell is unreadable that was too large to be read.</summary>
internal static class Oversize
{
    /// <summary>What one record may have in bytes, unless configured otherwise.</summary>
    public const int UsualLimit = 8 << 20;

    /// <summary>Child rows of one record; more of them are a mistake at the source.</summary>
    public const int MostChildren = 100_000;

    private const string Mark = "quá lớn / too large: ";

    public static string Bytes(long found, long limit) => $"{Mark}{found} > {limit} byte";

    public static string Children(long limit) => $"{Mark}danh sách con quá / a child list beyond {MostChildren} dòng/rows, {limit} byte";

    public static bool Is(ReadOnlySpan<char> reason) => reason.StartsWith(Mark, StringComparison.Ordinal);

    /// <summary>Without the mark, for a message that says the same.</summary>
    public static string Figures(string reason) => reason[Mark.Length..];
}
