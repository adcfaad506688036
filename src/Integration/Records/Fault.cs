namespace Integration.Records;

/// <summary>A place in a definition file. Lines and columns count from 1; 0 when the whole file is meant.</summary>
internal readonly record struct Mark(string File, int Line, int Column = 0)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}";
}

/// <summary>A mistake in a definition: nothing starts while there is one, and all of them are told at once.</summary>
internal sealed record Fault(Mark At, Text What);
