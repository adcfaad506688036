using Integration.Ledger;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>When sources are read no further, because the ledger cannot or should not take more.</summary>
internal static class Backpressure
{
    /// <returns>By pipeline, of those that are read no further: why, and what to do.</returns>
    public static async Task<IReadOnlyDictionary<string, Text>> OfAllAsync(
        ILedger ledger, IEnumerable<PipelineDefinition> pipelines, LimitSettings limits, CancellationToken cancellationToken)
    {
        var held = new Dictionary<string, Text>(StringComparer.Ordinal);
        foreach (var pipeline in pipelines)
        {
            if (Of(await ledger.ReadRoomAsync(pipeline.Name, cancellationToken), limits) is { } reason)
            {
                held.Add(pipeline.Name, reason);
            }
        }

        return held;
    }

    /// <param name="isWaiting">A run waits already: it goes on a good way below the limit, not at the first record sent.</param>
    /// <returns>Why reading rests and what to do; null when there is room.</returns>
    public static Text? Of(LedgerRoom room, LimitSettings limits, bool isWaiting = false)
    {
        var free = limits.FreeDisk * (isWaiting ? 1.1 : 1);
        if (room.FreeDisk < free)
        {
            return new Text(
                "Ngừng đọc nguồn: đĩa chứa sổ đồng bộ còn {0} MB, cần {1} MB (Limits:FreeDisk). Không có gì bị mất, vẫn gửi tiếp; tự đọc tiếp khi có chỗ. Hãy giải phóng đĩa.",
                "The source is not read: the ledger's disk has {0} MB left and {1} MB are needed (Limits:FreeDisk). Nothing is lost and sending goes on; reading goes on by itself once there is room. Free some space.")
                .With(room.FreeDisk >> 20, limits.FreeDisk >> 20);
        }

        return room.Backlog < limits.Backlog * (isWaiting ? 0.9 : 1) ? null : new Text(
            "Ngừng đọc nguồn: {0} bản ghi đang chờ gửi, giới hạn {1} (Limits:Backlog). Không có gì bị mất, vẫn gửi tiếp; tự đọc tiếp khi vơi bớt. Xem vì sao cổng nhận chậm: integration status.",
            "The source is not read: {0} records wait to be sent, the limit is {1} (Limits:Backlog). Nothing is lost and sending goes on; reading goes on by itself once they are fewer. See why the receiver is slow: integration status.")
            .With(room.Backlog, limits.Backlog);
    }
}
