namespace Integration.Deliver.Dvcqg;

/// <summary>An answer of the portal, understood as far as it goes.</summary>
/// <param name="Code">The portal's code in its normal form, or the name of what went wrong.</param>
internal sealed record PortalReply(Verdict Verdict, string Code, string Message)
{
    /// <summary>True when <see cref="Code"/> is the portal's own.</summary>
    public bool HasCode { get; init; }

    /// <summary><c>result</c>; null when there is none.</summary>
    public ReplyResult? Result { get; init; }

    /// <summary>The session may have ended; after a fresh login the verdict stands as it is.</summary>
    public SessionSign Session { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public Exchange Exchange { get; init; }
}

/// <summary>How the portal let it be known that a session has ended. No source shows the real form, so several are known.</summary>
internal enum SessionSign : byte
{
    None,

    /// <summary>Only a word in the message of a refusal; may be about the data instead.</summary>
    Word,

    /// <summary>A word in an answer without a code: the session is given up, but whether the call was applied is not known.</summary>
    WordWithoutCode,

    /// <summary>HTTP 401 or a configured code.</summary>
    Certain,
}
