using System.Buffers;
using System.Diagnostics;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Integration.Benchmarks;

/// <summary>
/// The other side of every program: answers the envelope API record by record, and knows afterwards what it was given. Reads every token of
/// every record, as a portal must, and keeps nothing of them but their keys.
/// </summary>
internal static class Receiver
{
    private const string Session = "{\"error_code\":\"0\",\"message\":\"ok\",\"session\":\"bench\"}";

    /// <param name="latencyMilliseconds">From the last byte of a request to the first of its answer; its own work is a part of it.</param>
    public static async Task<int> RunAsync(int latencyMilliseconds)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        await using var app = builder.Build();
        var taken = new Taken();
        app.MapPost("/mapi/login", static () => Results.Text(Session, "application/json"));
        app.MapPost("/mapi/g", (HttpContext context) => AnswerAsync(context, taken, latencyMilliseconds));
        app.MapGet("/taken", () => Results.Json(taken.Tell()));
        app.MapPost("/forget", () => taken.Forget());
        await app.StartAsync();
        await System.Console.Out.WriteLineAsync($"listening {app.Urls.First()}");
        await System.Console.OpenStandardInput().CopyToAsync(Stream.Null);
        return 0;
    }

    private static async Task AnswerAsync(HttpContext context, Taken taken, int latency)
    {
        var length = (int)(context.Request.ContentLength ?? throw new InvalidOperationException("A body without a length."));
        var body = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await context.Request.Body.ReadExactlyAsync(body.AsMemory(0, length));
            var clock = Stopwatch.StartNew();
            var answer = new ArrayBufferWriter<byte>(64 * 1024);
            Read(body.AsSpan(0, length), taken, answer);
            if (latency > clock.ElapsedMilliseconds)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(latency) - clock.Elapsed);
            }

            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = answer.WrittenCount;
            await context.Response.Body.WriteAsync(answer.WrittenMemory);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    private static void Read(ReadOnlySpan<byte> body, Taken taken, ArrayBufferWriter<byte> answer)
    {
        var json = new Utf8JsonReader(body);
        answer.Write("{\"error_code\":\"0\",\"message\":\"Thanh cong\",\"result\":["u8);
        var (records, firsts) = (new List<(ulong Key, ulong Content)>(1000), true);
        var inData = false;
        while (json.Read())
        {
            if (!inData)
            {
                inData = json.TokenType == JsonTokenType.StartArray && json.CurrentDepth <= 1;
                continue;
            }

            if (json.TokenType != JsonTokenType.StartObject)
            {
                break;
            }

            records.Add(ReadRecord(ref json, answer, ref firsts));
        }

        answer.Write("]}"u8);
        taken.Add(records);
    }

    // The content's sum is over the tokens, so that spacing, escapes and the order of fields mean nothing.
    private static (ulong Key, ulong Content) ReadRecord(ref Utf8JsonReader json, ArrayBufferWriter<byte> answer, ref bool first)
    {
        var (key, content, depth) = (0UL, 0UL, json.CurrentDepth);
        while (json.Read() && !(json.TokenType == JsonTokenType.EndObject && json.CurrentDepth == depth))
        {
            if (json.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (json.CurrentDepth == depth + 1 && json.ValueTextEquals("MaHoSo"u8))
            {
                json.Read();
                key = XxHash64.HashToUInt64(json.ValueSpan);
                answer.Write(first ? "{\"MaHoSo\":\""u8 : ",{\"MaHoSo\":\""u8);
                answer.Write(json.ValueSpan);
                answer.Write("\",\"error_code\":\"0\"}"u8);
                first = false;
            }
            else if (json.ValueTextEquals("NgayTiepNhan"u8) || json.ValueTextEquals("Gia"u8) || json.ValueTextEquals("TenTTHC"u8) || json.ValueTextEquals("TepDinhKemId"u8))
            {
                json.Read();
                content += json.HasValueSequence || json.ValueIsEscaped
                    ? XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(json.GetString() ?? ""))
                    : XxHash64.HashToUInt64(json.ValueSpan);
            }
        }

        return (key, content);
    }

    private sealed class Taken
    {
        private readonly HashSet<ulong> _keys = [];
        private readonly Lock _lock = new();
        private long _records;
        private long _calls;
        private ulong _content;

        public void Add(List<(ulong Key, ulong Content)> records)
        {
            lock (_lock)
            {
                _calls++;
                _records += records.Count;
                foreach (var (key, content) in records)
                {
                    _keys.Add(key);
                    _content += content;
                }
            }
        }

        public Told Tell()
        {
            lock (_lock)
            {
                return new Told(_records, _keys.Count, _calls, _content.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        public void Forget()
        {
            lock (_lock)
            {
                _keys.Clear();
                (_records, _calls, _content) = (0, 0, 0);
            }
        }
    }
}

/// <param name="Records">As often as they came.</param>
/// <param name="Keys">Different ones among them.</param>
/// <param name="Content">Sum over what stood in the records; equal for equal content.</param>
internal sealed record Told(long Records, long Keys, long Calls, string Content);
