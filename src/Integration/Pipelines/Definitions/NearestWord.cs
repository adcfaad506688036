namespace Integration.Pipelines.Definitions;

/// <summary>Finds the word a person probably meant.</summary>
internal static class NearestWord
{
    private const int Longest = 64;

    /// <returns>The closest candidate, or null when none is close enough to be a help.</returns>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > Longest)
        {
            return null;
        }

        var limit = Math.Max(1, word.Length / 3);
        string? nearest = null;
        foreach (var candidate in candidates)
        {
            var distance = Distance(Plain(word), Plain(candidate));
            if (distance <= limit && candidate.Length <= Longest)
            {
                nearest = candidate;
                limit = distance - 1;
            }
        }

        return nearest;
    }

    /// <summary>The end of a message about an unknown name: what was probably meant, or nothing.</summary>
    public static (string Vi, string En) Hint(string word, IEnumerable<string> candidates) =>
        Of(word, candidates) is { } nearest ? ($"; có phải '{nearest}'?", $"; did you mean '{nearest}'?") : ("", "");

    /// <summary>Letters to insert, delete, replace or swap with their neighbour.</summary>
    public static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        var width = b.Length + 1;
        var cells = new int[(a.Length + 1) * width];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                cells[i * width + j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Step(a, b, cells, width, i, j),
                };
            }
        }

        return cells[^1];
    }

    private static int Step(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int[] cells, int width, int i, int j)
    {
        var replaced = cells[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        var best = Math.Min(replaced, 1 + Math.Min(cells[(i - 1) * width + j], cells[i * width + j - 1]));
        var swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        return swapped ? Math.Min(best, cells[(i - 2) * width + j - 2] + 1) : best;
    }

    // "waitsFor", "waits_for" and "waits-for" are one word to a person.
    private static string Plain(string word) =>
        string.Concat(word.Where(c => c is not ('-' or '_' or ' ')).Select(char.ToLowerInvariant));
}
