namespace PortalSimulator.Http;

internal enum Ending : byte
{
    Whole,

    /// <summary>Half of the body, no length, a clean close.</summary>
    CutWithoutLength,

    /// <summary>Half of the body under the length of the whole, then a clean close.</summary>
    CutWithLength,

    /// <summary>No answer: the connection is reset.</summary>
    Reset,
}

/// <summary>What goes back over the wire, fault or not.</summary>
internal sealed record Answer(ReadOnlyMemory<byte> Body, int Status = 200, string? ContentType = Answer.Json)
{
    public const string Json = "application/json; charset=utf-8";
    public const string Html = "text/html; charset=utf-8";

    public string? RetryAfter { get; init; }

    public string? Location { get; init; }

    public Ending Ending { get; init; }

    public bool CloseAfter { get; init; }
}
