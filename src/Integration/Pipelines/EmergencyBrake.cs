using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// Pauses a pipeline without being asked, when going on would only do harm: once, with one message, audited, and resumed by a person. What is
/// ready stays ready. A pause that a person ordered is left as it is.
/// </summary>
internal static class EmergencyBrake
{
    /// <param name="why">What happened and what to do; how to resume is added.</param>
    public static async Task PullAsync(ILedger ledger, string pipeline, Text why, ILogger log, CancellationToken cancellationToken)
    {
        if ((await ledger.ReadControlAsync(pipeline, cancellationToken)).Paused is not null)
        {
            return;
        }

        var whole = new Text(
            $"{why.Vi} Chạy tiếp: integration resume {pipeline} --reason …",
            $"{why.En} To go on: integration resume {pipeline} --reason …");
        await ledger.PauseAsync(pipeline, Decision.OfTheProgram(whole), cancellationToken);
        log.PausedItself(pipeline, whole.Vi, whole.En);
    }

    /// <summary>The receiver takes nothing any more.</summary>
    public static Text AllRefused(string pipeline, int refused, string code, string message)
    {
        var said = Text.OfMessage(code, message);
        return new(
            $"Nơi nhận từ chối liên tiếp {refused} bản ghi, không nhận bản ghi nào; lần cuối: {said.Vi}. Các bản ghi còn lại chưa gửi và vẫn chờ trong sổ. Có thể quy định phía nhận đã đổi: xem integration failures list --pipeline {pipeline}, sửa ánh xạ hoặc hỏi đơn vị vận hành nơi nhận, rồi integration failures replay --pipeline {pipeline} --rule refused-by-target --reason ….",
            $"The receiver refused {refused} records one after another and took none; the last time: {said.En}. What is left was not sent and waits in the ledger. Its rules may have changed: see integration failures list --pipeline {pipeline}, correct the map or ask the receiver's operator, then integration failures replay --pipeline {pipeline} --rule refused-by-target --reason ….");
    }
}
