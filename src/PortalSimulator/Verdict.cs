using System.Globalization;
using PortalSimulator.Rules;

namespace PortalSimulator;

/// <summary>What the portal says to one call.</summary>
/// <param name="Code">"0", or one of <see cref="Codes"/>.</param>
/// <param name="Detail">The true reason, for the request log alone: the sender is not told which record it was.</param>
/// <param name="Records">One a record, in the call's order, when records are answered one by one.</param>
/// <param name="Result">The entries of <c>result</c> of a look-up, as raw JSON.</param>
/// <param name="Session">Of a login.</param>
internal sealed record Verdict(
    string Code,
    string Message,
    int Applied = 0,
    string? Detail = null,
    IReadOnlyList<RecordVerdict>? Records = null,
    IReadOnlyList<ReadOnlyMemory<byte>>? Result = null,
    string? Session = null)
{
    public const string Success = "Thành công";

    public static readonly Verdict NoSession = new(Codes.Session, "Phiên làm việc (session) không hợp lệ hoặc đã hết hạn", Detail: "no session");

    public static Verdict Good(int applied) => new("0", Success, applied);

    public static Verdict Found(IReadOnlyList<ReadOnlyMemory<byte>> result) => new("0", Success, Result: result);
}

/// <param name="Index">Of the record in its call, from 0.</param>
internal sealed record RecordVerdict(int Index, string Key, string Code, string Message, string? Detail = null)
{
    public bool IsGood => Code == "0";

    public static RecordVerdict Good(int index, string key) => new(index, key, "0", Verdict.Success);

    public static RecordVerdict Broken(int index, string key, Finding finding) => new(index, key, Codes.Invalid, Vague, Say(index, finding.ToString()));

    public static RecordVerdict Twice(int index, string key) => new(index, key, Codes.Invalid, Vague, Say(index, "key twice in one call"));

    public static RecordVerdict Exists(int index, string key, string what) =>
        new(index, key, Codes.Exists, $"{what} {key} đã tồn tại trên CDVCQG", Say(index, "exists"));

    public static RecordVerdict NotThere(int index, string key, string what) =>
        new(index, key, Codes.NotThere, $"{what} {key} không tồn tại trên CDVCQG", Say(index, "not there"));

    /// <summary>The same refusal for a whole call: it names its record only where there is no other.</summary>
    public Verdict ForTheCall(int count) => new(Code, count == 1 ? Message : Message.Replace($" {Key} ", " ", StringComparison.Ordinal), 0, Detail);

    private const string Vague = "Dữ liệu không hợp lệ, vui lòng kiểm tra lại";

    private static string Say(int index, string what) => string.Create(CultureInfo.InvariantCulture, $"record {index}: {what}");
}
