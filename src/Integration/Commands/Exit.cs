namespace Integration.Commands;

/// <summary>What the process tells the shell.</summary>
internal static class Exit
{
    public const int Done = 0;

    /// <summary>It ran, and some records failed or differ.</summary>
    public const int RecordsFailed = 1;

    /// <summary>Wrong use or wrong configuration; nothing was started.</summary>
    public const int WrongUse = 2;

    /// <summary>Something it needs could not be reached.</summary>
    public const int CannotReach = 3;

    /// <summary>A mistake of the program itself.</summary>
    public const int Unexpected = 70;

    /// <summary>Stopped by Ctrl+C, as shells count it.</summary>
    public const int Interrupted = 130;
}
