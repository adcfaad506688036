using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PortalSimulator.Faults;
using PortalSimulator.Rules;

namespace PortalSimulator.Http;

/// <summary>
/// The portal's replies as JSON. Success is written in every form clients of the real portal met, one after the other:
/// <c>0</c>, <c>"0"</c>, <c>"00"</c>, <c>" 0 "</c>. Failures are text.
/// </summary>
internal sealed class Answers(TimeProvider clock)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Answer LoginPage = new(
        Encoding.UTF8.GetBytes("<!DOCTYPE html><html><head><title>Đăng nhập</title></head><body><form action=\"/login\"><h1>Đăng nhập hệ thống</h1></form></body></html>"),
        200, Answer.Html);

    private int _forms = -1;

    /// <summary>The next success is written in the first form again.</summary>
    public void Reset() => Volatile.Write(ref _forms, -1);

    /// <param name="call">Null when the body was none.</param>
    public byte[] Render(Verdict verdict, Call? call)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, Readable);
        json.WriteStartObject();
        if (verdict.Session is not null)
        {
            json.WriteString("session", verdict.Session);
        }

        WriteCode(json, verdict.Code);
        json.WriteString("message", verdict.Message);
        if (verdict.Result is not null)
        {
            json.WriteStartArray("result");
            foreach (var entry in verdict.Result)
            {
                json.WriteRawValue(entry.Span, skipInputValidation: true);
            }

            json.WriteEndArray();
        }
        else if (verdict.Records is not null)
        {
            json.WriteStartArray("result");
            foreach (var record in verdict.Records)
            {
                WriteRecord(json, record, call!);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>As a relay that hands the portal's JSON on as a text.</summary>
    public static byte[] WrapAsText(ReadOnlySpan<byte> json)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length * 2);
        using var writer = new Utf8JsonWriter(buffer, Readable);
        writer.WriteStartObject();
        writer.WriteString("message", json);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What a fault answers.</summary>
    /// <param name="verdict">What the portal decided, or, of a fault before applying, would decide.</param>
    /// <param name="render">Writes a verdict for the door the call came through.</param>
    public Answer Faulty(FaultRule fault, Verdict verdict, Func<Verdict, byte[]> render)
    {
        return fault.Mode switch
        {
            FaultModes.Answer500 or FaultModes.CommitThen500 => Page(500, "Internal Server Error"),
            FaultModes.Answer502 => Page(502, "Bad Gateway"),
            FaultModes.Answer429 => Page(429, "Too Many Requests") with { RetryAfter = RetryAfter(fault.RetryAfter) },
            FaultModes.Empty200 => new Answer(default),
            FaultModes.Html200 => LoginPage,
            FaultModes.CutBody => new Answer(render(verdict)) { Ending = Ending.CutWithoutLength },
            FaultModes.CutBodyLength => new Answer(render(verdict)) { Ending = Ending.CutWithLength },
            FaultModes.Drop or FaultModes.CommitThenDrop => new Answer(render(verdict)) { Ending = Ending.Reset },
            FaultModes.SessionLost => new Answer(render(Verdict.NoSession)),
            FaultModes.Maintenance => Page(503, "Service Unavailable") with { RetryAfter = RetryAfter(fault.RetryAfter ?? "30") },
            FaultModes.Maintenance200 => new Answer(render(new Verdict(Codes.Maintenance, "Hệ thống đang bảo trì, vui lòng quay lại sau")))
            {
                RetryAfter = RetryAfter(fault.RetryAfter),
            },
            FaultModes.Redirect302 => new Answer(default, 302, null) { Location = fault.Location },
            FaultModes.RefuseAll => new Answer(render(new Verdict(fault.Code, fault.Message))),
            FaultModes.Huge200 => new Answer(Encoding.ASCII.GetBytes(new string(' ', 10 * 1024 * 1024))),
            FaultModes.ResultsReversed => Results(r => [.. r.Reverse()]),
            FaultModes.ResultsMissing => Results(r => [.. r.SkipLast(1)]),
            FaultModes.ResultsTwice => Results(r => [.. r, r[^1]]),
            FaultModes.ResultsExtra => Results(r => [.. r, r[^1] with { Key = $"{r[^1].Key}-KHAC" }]),
            FaultModes.ResultsAndSessionWord => verdict.Records is { Count: > 0 }
                ? new Answer(render(verdict with { Code = Codes.Invalid, Message = "Phiên làm việc đã hết hạn" }))
                : new Answer(render(verdict)),
            FaultModes.ShowsPart => new Answer(render(verdict.Result is null ? verdict : verdict with { Result = [.. verdict.Result.Select(PartOf)] })),
            FaultModes.Nonsense200 => new Answer("""{"error_code":0,"message":"","result":"Thành công"}"""u8.ToArray()),
            _ => throw new InvalidOperationException($"No answer is known for the fault '{fault.Mode}'."),
        };

        Answer Results(Func<IReadOnlyList<RecordVerdict>, IReadOnlyList<RecordVerdict>> change) =>
            new(render(verdict.Records is { Count: > 0 } records ? verdict with { Records = change(records) } : verdict));
    }

    public static Answer Login() => LoginPage;

    private static ReadOnlyMemory<byte> PartOf(ReadOnlyMemory<byte> record)
    {
        using var whole = JsonDocument.Parse(record);
        var part = whole.RootElement.EnumerateObject().Where(f => f.Name is "MaHoSo" or "MADVC" or "MaTTHC" or "MATTHC" or "TenTTHC" or "MaLinhVuc" or "KenhThucHien");
        return JsonSerializer.SerializeToUtf8Bytes(part.ToDictionary(f => f.Name, f => f.Value));
    }

    private static Answer Page(int status, string title) =>
        new(Encoding.UTF8.GetBytes($"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1></body></html>"), status, Answer.Html);

    private string? RetryAfter(string? value)
    {
        if (value?.StartsWith("date+", StringComparison.Ordinal) == true
            && int.TryParse(value.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return clock.GetUtcNow().AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture);
        }

        return string.IsNullOrEmpty(value) ? null : value;
    }

    private void WriteRecord(Utf8JsonWriter json, RecordVerdict record, Call call)
    {
        json.WriteStartObject();
        json.WriteString(call.Service == ServiceNames.Services ? "MADVC" : "MaHoSo", record.Key);
        if (call.Service == ServiceNames.Progress)
        {
            // A dossier has many rows, so its number alone would not tell which one is meant.
            json.WriteString("ThoiDiemXuLy", RecordCheck.ReadText(call.Record(record.Index), "ThoiDiemXuLy"));
            json.WriteString("TrangThai", RecordCheck.ReadText(call.Record(record.Index), "TrangThai"));
        }

        WriteCode(json, record.Code);
        json.WriteString("message", record.Message);
        json.WriteEndObject();
    }

    private void WriteCode(Utf8JsonWriter json, string code)
    {
        json.WritePropertyName("error_code");
        switch (code == "0" ? Interlocked.Increment(ref _forms) & 3 : -1)
        {
            case 0:
                json.WriteNumberValue(0);
                break;
            case 1:
                json.WriteStringValue("0");
                break;
            case 2:
                json.WriteStringValue("00");
                break;
            case 3:
                json.WriteStringValue(" 0 ");
                break;
            default:
                json.WriteStringValue(code);
                break;
        }
    }
}
