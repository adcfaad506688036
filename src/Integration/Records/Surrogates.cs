namespace Integration.Records;

/// <summary>The halves of characters beyond U+FFFF, which UTF-16 writes in two and UTF-8 sorts elsewhere.</summary>
internal static class Surrogates
{
    // By hand: what the library looks for between two values it boxes, when it is compiled beforehand.
    public static bool AreIn(ReadOnlySpan<char> text)
    {
        foreach (var unit in text)
        {
            if (char.IsSurrogate(unit))
            {
                return true;
            }
        }

        return false;
    }
}
