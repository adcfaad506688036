using System.Globalization;
using Integration.Ledger;
using Integration.Records;

namespace Integration.Pipelines;

internal enum GateResult
{
    Passed,

    /// <summary>The record goes no further than here for now, and needs nothing from a person.</summary>
    Waits,

    /// <summary>The record goes no further until a person acts.</summary>
    Stopped,
}

/// <summary>One gate on a record's way, and what happened at it.</summary>
internal sealed record Gate(Text Name, GateResult Result, Text What, Text? Advice = null);

/// <summary>The whole way of one record, gate by gate, up to the first that stopped it; answers "why is this record not on the portal?".</summary>
internal sealed record Explanation(string Pipeline, string Key, IReadOnlyList<Gate> Gates, IReadOnlyList<VersionHistory> Versions)
{
    public bool IsDelivered => Gates.Count > 0 && Gates.All(g => g.Result == GateResult.Passed);
}

/// <summary>Walks the gates: source, mapping and checks, pause, waiting, delivery, receipt.</summary>
internal sealed class Explainer(ILedger ledger, TimeProvider clock)
{
    private static readonly Text Source = new("Nguồn", "Source");
    private static readonly Text Checks = new("Ánh xạ và kiểm tra", "Mapping and checks");
    private static readonly Text Turn = new("Chờ đến lượt", "Its turn");
    private static readonly Text Delivery = new("Gửi", "Delivery");
    private static readonly Text Receipt = new("Biên nhận", "Receipt");

    public async Task<Explanation> ExplainAsync(Pipeline pipeline, string key, CancellationToken cancellationToken)
    {
        key = key.Trim().Normalize();
        var versions = await ledger.ReadHistoryAsync(pipeline.Name, key, cancellationToken);
        var gates = new List<Gate>();
        if (versions.FirstOrDefault(v => v.Newest) is not { } newest)
        {
            gates.Add(await NeverExtractedAsync(pipeline, key, cancellationToken));
            return new Explanation(pipeline.Name, key, gates, versions);
        }

        gates.Add(new Gate(Source, GateResult.Passed, new Text($"Đã đọc lúc {Local(pipeline, newest.Extracted)}.", $"Extracted at {Local(pipeline, newest.Extracted)}.")));
        await WalkAsync(pipeline, newest, gates, cancellationToken);
        return new Explanation(pipeline.Name, key, gates, versions);
    }

    private static async Task<Gate> NeverExtractedAsync(Pipeline pipeline, string key, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.Source.FindAsync(key, cancellationToken) is { Count: > 0 }
                ? new Gate(Source, GateResult.Waits,
                    new Text("Có ở nguồn nhưng chưa được đọc: lượt chạy sau mới đến, hoặc mốc thời gian của bản ghi nằm trước mốc đã đọc.",
                        "At the source, but not read yet: the next run is still to come, or the record's watermark value lies before what was read."),
                    new Text($"Chạy: integration sync {pipeline.Name} (thêm --full để đọc lại từ đầu).", $"Run: integration sync {pipeline.Name} (with --full to read from the beginning)."))
                : new Gate(Source, GateResult.Stopped,
                    new Text("Chưa bao giờ đọc được, và truy vấn của luồng này không trả về khóa đó ở nguồn.", "Never extracted, and this pipeline's query does not return that key from the source."),
                    new Text("Kiểm tra lại khóa và điều kiện lọc trong truy vấn.", "Check the key and the filter in the pipeline's query."));
        }
        catch (Extract.SourceUnavailableException e)
        {
            return new Gate(Source, GateResult.Stopped, new Text($"Chưa bao giờ đọc được; hiện không hỏi được nguồn. {e.What.Vi}", $"Never extracted; the source cannot be asked now. {e.What.En}"));
        }
        catch (Extract.SourceBrokenException e)
        {
            return new Gate(Source, GateResult.Stopped, new Text($"Chưa bao giờ đọc được; nguồn có lỗi. {e.What.Vi}", $"Never extracted; the source is broken. {e.What.En}"));
        }
    }

    private async Task WalkAsync(Pipeline pipeline, VersionHistory version, List<Gate> gates, CancellationToken cancellationToken)
    {
        if (version.State is RecordState.Quarantined or RecordState.Dismissed && version.Rejections.All(r => r.Rule != Rules.RefusedByTarget.Code && r.Rule != Rules.CrashSuspect.Code))
        {
            // One code without a row refuses every field made of it, all for the same reason.
            gates.AddRange(version.Rejections.Select(r => new Gate(Checks, GateResult.Stopped, Rules.What(r), Rules.Advice(r))).Distinct());

            Dismissed(version, gates);
            return;
        }

        gates.Add(new Gate(Checks, GateResult.Passed, new Text("Đạt.", "Passed.")));
        switch (version.State)
        {
            case RecordState.Waiting:
                gates.Add(await WaitingAsync(version, cancellationToken));
                break;

            case RecordState.Ready:
                gates.Add(await ReadyAsync(pipeline, version, cancellationToken));
                break;

            case RecordState.Leased:
                gates.Add(new Gate(Delivery, GateResult.Waits, new Text("Đang được gửi.", "Being sent right now.")));
                break;

            case RecordState.Unknown when version.NeedsPerson:
                gates.AddRange(version.Rejections.Select(r => new Gate(Delivery, GateResult.Stopped, Rules.What(r), Rules.Advice(r))));
                break;

            case RecordState.Unknown:
                gates.Add(new Gate(Delivery, GateResult.Waits, new Text(
                    $"Đã gửi (hoặc có thể đã gửi) mà không có trả lời dùng được; sẽ tự hỏi lại nơi nhận{After(pipeline, version)}. Không gửi lặp khi chưa hỏi, không cần làm gì.",
                    $"Sent (or perhaps sent) without a usable answer; the receiver will be asked{After(pipeline, version)}. Nothing is repeated before that; nothing needs to be done.")));
                break;

            case RecordState.Acknowledged when Decision.IsReceipt(version.Receipt):
                gates.Add(new Gate(Delivery, GateResult.Passed, new Text($"Đã gửi, {version.Attempts.Count} lượt gọi; không có trả lời dùng được.", $"Sent, {version.Attempts.Count} calls; no usable answer.")));
                gates.Add(new Gate(Receipt, GateResult.Passed, new Text(
                    $"Người vận hành xác nhận nơi nhận đã có, lúc {Local(pipeline, version.Acknowledged!.Value)}{Number(version)}.",
                    $"An operator confirmed that the receiver has it, at {Local(pipeline, version.Acknowledged.Value)}{Number(version)}.")));
                break;

            case RecordState.Acknowledged:
                gates.Add(new Gate(Delivery, GateResult.Passed, new Text($"Đã gửi, {version.Attempts.Count} lượt gọi.", $"Sent, {version.Attempts.Count} calls.")));
                gates.Add(new Gate(Receipt, GateResult.Passed, new Text(
                    $"Cổng xác nhận lúc {Local(pipeline, version.Acknowledged!.Value)}{Number(version)}.", $"Acknowledged at {Local(pipeline, version.Acknowledged.Value)}{Number(version)}.")));
                break;

            case RecordState.Withheld:
                gates.Add(new Gate(Delivery, GateResult.Stopped, new Text("Giữ lại vì độ mật; không có gì được gửi đi.", "Withheld for secrecy; nothing leaves.")));
                break;

            default:
                gates.AddRange(version.Rejections.Select(r => new Gate(Delivery, GateResult.Stopped, Rules.What(r), Rules.Advice(r))));
                Dismissed(version, gates);
                break;
        }
    }

    private static void Dismissed(VersionHistory version, List<Gate> gates)
    {
        if (version.State == RecordState.Dismissed)
        {
            gates.Add(new Gate(Delivery, GateResult.Stopped, new Text("Người vận hành đã quyết định bỏ qua.", "An operator decided that it stays unsent.")));
        }
    }

    private async Task<Gate> WaitingAsync(VersionHistory version, CancellationToken cancellationToken)
    {
        if (version is not { WaitsForPipeline: { } parentPipeline, WaitsForKey: { } parentKey })
        {
            return new Gate(Turn, GateResult.Waits, new Text("Chờ kết quả của phiên bản trước của chính bản ghi này.", "Waits for the outcome of an older version of itself."));
        }

        var parent = (await ledger.ReadHistoryAsync(parentPipeline, parentKey, cancellationToken)).FirstOrDefault(v => v.Newest);
        var how = parent switch
        {
            null => new Text("chưa bao giờ được đọc", "was never extracted"),
            { State: RecordState.Quarantined or RecordState.Dismissed } => new Text("bị từ chối", "was refused"),
            _ => new Text("chưa được cổng xác nhận", "is not acknowledged yet"),
        };
        var stuck = parent is null or { State: RecordState.Quarantined or RecordState.Dismissed };
        return new Gate(Turn, stuck ? GateResult.Stopped : GateResult.Waits,
            new Text($"Chờ {parentPipeline} {parentKey}: bản ghi đó {how.Vi}.", $"Waits for {parentPipeline} {parentKey}, which {how.En}."),
            new Text($"Xem: integration explain {parentPipeline} {parentKey}", $"See: integration explain {parentPipeline} {parentKey}"));
    }

    private async Task<Gate> ReadyAsync(Pipeline pipeline, VersionHistory version, CancellationToken cancellationToken)
    {
        var control = await ledger.ReadControlAsync(pipeline.Name, cancellationToken);
        if (control.Paused is { } paused)
        {
            return new Gate(Turn, GateResult.Stopped, new Text($"Luồng đang tạm dừng bởi {paused.Who.Vi}: {paused.Why.Vi}", $"The pipeline is paused by {paused.Who.En}: {paused.Why.En}"),
                new Text($"Tiếp tục: integration resume {pipeline.Name} --reason …", $"Go on: integration resume {pipeline.Name} --reason …"));
        }

        if (control.ParkedUntil is { } until && until > clock.GetUtcNow())
        {
            return new Gate(Turn, GateResult.Waits, new Text($"Luồng nghỉ đến {Local(pipeline, until)}. {control.ParkedReason?.Vi}", $"The lane rests until {Local(pipeline, until)}. {control.ParkedReason?.En}"));
        }

        return new Gate(Turn, GateResult.Waits, new Text($"Sẵn sàng, chờ đến lượt gửi{After(pipeline, version)}.", $"Ready, waiting to be sent{After(pipeline, version)}."));
    }

    private static string After(Pipeline pipeline, VersionHistory version) => version.NotBefore is { } time ? $" ({Local(pipeline, time)})" : "";

    private static string Number(VersionHistory version) => version.Receipt is { Length: > 0 } receipt ? $" ({receipt})" : "";

    private static string Local(Pipeline pipeline, DateTimeOffset time) =>
        TimeZoneInfo.ConvertTime(time, pipeline.Definition.Schedule.Zone).ToString("dd/MM/yyyy HH:mm:ss", CultureInfo.InvariantCulture);
}
