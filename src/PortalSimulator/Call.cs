namespace PortalSimulator;

/// <summary>One call as it came in, whichever door it took.</summary>
/// <param name="Service">Empty when the envelope named none.</param>
/// <param name="Session">Null when there was none; the relay holds the session itself.</param>
/// <param name="IsUpdating">Null when it was not said.</param>
/// <param name="Argument">Of a look-up: <c>mahoso</c>, <c>maTTHC</c> or <c>MADVC</c>.</param>
/// <param name="Body">The request's bytes; the records are ranges of them.</param>
/// <param name="Records">Null when there was no <c>data</c>.</param>
internal sealed record Call(
    string Service, string? Session, string? Madonvi, bool? IsUpdating, string? Argument, ReadOnlyMemory<byte> Body, IReadOnlyList<Range>? Records)
{
    public ReadOnlySpan<byte> Record(int index) => Body.Span[Records![index]];
}

/// <summary>Why a body is no call: said to the sender, with an HTTP status of its own.</summary>
internal sealed class NoCallException(string message, string code = Codes.Malformed, int status = 400) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;
}
