using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>
/// Stops a sweep that would withdraw or change more than a pipeline allows: an emptied table or a restored old database looks exactly like a
/// province that deleted everything.
/// </summary>
/// <param name="held">Records the ledger holds as existing when the sweep began.</param>
internal sealed class MassChangeGuard(Guard limits, long held)
{
    // A share says nothing of few records (one of ten is already a tenth), so the larger of the two figures counts.
    public bool Allows(long touched) => touched <= Math.Max(limits.Count, held * limits.Share);

    public Text Message(string pipeline, long touched, bool withdrawn) => withdrawn
        ? new Text(
            $"Dừng '{pipeline}': {touched:N0} trong {held:N0} bản ghi biến mất khỏi nguồn, vượt ngưỡng {limits.Share:P0} (hoặc {limits.Count:N0} bản ghi). Không rút bản ghi nào. Kiểm tra nguồn; nếu đúng là đã xóa, chạy: integration sync {pipeline} --allow-mass-change",
            $"Stopped '{pipeline}': {touched:N0} of {held:N0} records are gone from the source, over the limit of {limits.Share:P0} (or {limits.Count:N0} records). Nothing was withdrawn. Check the source; if they really were deleted, run: integration sync {pipeline} --allow-mass-change")
        : new Text(
            $"Dừng '{pipeline}': đã có {touched:N0} trong {held:N0} bản ghi thay đổi trong một lượt, vượt ngưỡng {limits.Share:P0} (hoặc {limits.Count:N0} bản ghi). Kiểm tra nguồn; nếu đúng, chạy: integration sync {pipeline} --allow-mass-change",
            $"Stopped '{pipeline}': {touched:N0} of {held:N0} records changed in one run, over the limit of {limits.Share:P0} (or {limits.Count:N0} records). Check the source; if that is right, run: integration sync {pipeline} --allow-mass-change");
}
