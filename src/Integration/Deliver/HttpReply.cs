using Integration.Records;

namespace Integration.Deliver;

/// <summary>What came of one request. Never an exception: how far it got decides whether it may have been applied.</summary>
internal sealed record HttpReply(HttpEnd End)
{
    /// <summary>HTTP status; 0 when no answer began.</summary>
    public int Status { get; init; }

    /// <summary>The body after decompression; empty unless <see cref="End"/> is <see cref="HttpEnd.Answered"/>.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Character set named by the answer; null when it named none.</summary>
    public string? Charset { get; init; }

    /// <summary>The header as it came; null when there was none.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The request was written to its last byte, so that nothing reads its bytes any more. False where that is not certain.</summary>
    public bool IsWritten { get; init; }

    /// <summary>What broke, in the words of the network; no address, no content.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Why no secure connection was made, with the host's name; null when that was not the reason.</summary>
    public Text? Distrust { get; init; }

    /// <summary>For <see cref="HttpEnd.CircuitOpen"/> and <see cref="HttpEnd.Busy"/>: when asking again makes sense.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>For <see cref="HttpEnd.CircuitOpen"/>: the failure that opened it; null when that was an exception of ours.</summary>
    public HttpReply? Cause { get; init; }

    /// <summary>Certain that nothing of the body left this machine.</summary>
    public bool IsUnsent => End is HttpEnd.NotReached or HttpEnd.CircuitOpen or HttpEnd.Busy or HttpEnd.Withheld;
}

internal enum HttpEnd : byte
{
    /// <summary>A whole answer as far as HTTP can tell; without a Content-Length a cut one looks the same.</summary>
    Answered,

    /// <summary>No connection: refused, no such name, no TLS, connect timeout. The body was never begun.</summary>
    NotReached,

    /// <summary>Held back: the connection failed too often of late.</summary>
    CircuitOpen,

    /// <summary>Held back: too many calls are waiting already.</summary>
    Busy,

    /// <summary>Held back: the sender's hold on what it was about to send had ended. The body was never begun.</summary>
    Withheld,

    /// <summary>The body was begun, and our time (or the caller's) ended before the answer did.</summary>
    TimedOut,

    /// <summary>The body was begun, and the connection broke.</summary>
    Broken,

    /// <summary>The answer is longer than the connection's limit.</summary>
    TooLarge,
}
