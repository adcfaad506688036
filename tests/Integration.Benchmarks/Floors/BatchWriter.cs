using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Integration.Benchmarks.Floors;

/// <summary>One envelope of records, written by hand; used again when it was sent.</summary>
internal sealed class BatchWriter
{
    private static readonly ConcurrentBag<BatchWriter> s_idle = [];

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * 1024 * 1024);

    private BatchWriter() => Json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public Utf8JsonWriter Json { get; }

    public int Records { get; set; }

    public static BatchWriter Begin()
    {
        var batch = s_idle.TryTake(out var idle) ? idle : new BatchWriter();
        batch.Json.WriteStartObject();
        batch.Json.WriteString("session"u8, "bench"u8);
        batch.Json.WriteString("madonvi"u8, "000.00.00.H60"u8);
        batch.Json.WriteString("service"u8, "DongBoHoSoMC"u8);
        batch.Json.WriteString("isUpdating"u8, "False"u8);
        batch.Json.WriteStartArray("data"u8);
        return batch;
    }

    public ReadOnlyMemory<byte> End()
    {
        Json.WriteEndArray();
        Json.WriteEndObject();
        Json.Flush();
        return _buffer.WrittenMemory;
    }

    public void Return()
    {
        _buffer.ResetWrittenCount();
        Json.Reset();
        Records = 0;
        s_idle.Add(this);
    }
}
