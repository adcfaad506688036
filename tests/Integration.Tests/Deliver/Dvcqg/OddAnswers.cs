using System.Text;
using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Newtonsoft.Json;

namespace Integration.Tests.Deliver.Dvcqg;

/// <summary>Answers and calls as portals and provinces might make them, most of them sound, the others a little or very wrong.</summary>
internal sealed class OddAnswers(Random random)
{
    private static readonly string[] s_keys =
    [
        "\"A1\"", "\"A2\"", "\"a1\"", "\" A1 \"", "\"A\\u0031\"", "\"Hồ-1\"", "\"Ho\u0302\u0300-1\"", "\"\\u0048o\\u0302\\u0300-1\"", "7", "-0", "\"7\"", "7.0", "1e1", "true", "\"true\"",
        "null", "\"\"", "\" \"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\U0001F600\"", "\"\\t\"", "[\"A1\"]", "{\"a\":1}", "12345678901234567890", "\"\u00a0A1\"", "\"\ufffd\"",
    ];

    private static readonly string[] s_values =
    [
        "0", "\"0\"", "\"00\"", "\" 0 \"", "-0", "5", "-3", "\"-3\"", "-4", "7", "0.0", "1.50", "1e0", "-3E0", "1e999", "123456789012345678", "1234567890123456789", "123456789012345678901234567890",
        "null", "true", "false", "\"\"", "\"LOI\"", "\"\\u0030\"", "\"\\ud800\"", "\"Th\\u00e0nh c\\u00f4ng\"", "\"phiên đã hết hạn\"", "\"token\"", "\"đã tồn tại, CCCD 001099000123\"",
        "[]", "{}", "[0]", "[1,{\"a\":1,\"b\":[]}]", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}", "{\"a\":{\"b\":{\"c\":[[[]]]}}}",
        "01", "+1", ".5", "NaN", "'0'", "0x1", "undefined", "\"a\nb\"", "\"\\x\"", "[1,]", "{a:1}",
    ];

    private static readonly string[] s_names =
        ["MaHoSo", "MAHOSO", "mahoso", "Ma\\u0048oSo", "error_code", "Error_Code", "message", "Message", "id", "ID", "Buoc", "buoc", "ghichú", "x", "", "\u212Aey", "result"];

    public DvcqgOptions LastOptions { get; private set; } = new();

    public DvcqgOptions Options() => LastOptions = new DvcqgOptions
    {
        Connection = "Portal", Service = "X",
        RecordKey = random.Next(8) switch { 0 or 1 => ["MaHoSo", "Buoc"], 2 => ["message"], 3 => ["ghichú"], _ => ["MaHoSo"] },
        Receipt = random.Next(4) switch { 0 => "id", 1 => "message", _ => null },
    };

    public DeliveryBatch Batch()
    {
        var kind = (DeliveryKind)random.Next(3);
        return new DeliveryBatch(kind, [.. Enumerable.Range(1, random.Next(1, 6)).Select(i => kind == DeliveryKind.Withdraw
            ? new DeliveryItem(i, One("A1", "A2", " A1", "Hồ-1", "Ho\u0302\u0300-1", "7", "true", "\ud800"), default)
            : new DeliveryItem(i, $"k{i}", Encoding.UTF8.GetBytes(Payload())))]);
    }

    public HttpReply Reply(string shape)
    {
        var body = Object(shape == nameof(DvcqgShape.Relay) && random.Next(3) > 0 ? JsonConvert.ToString(Mangled(Object(null))) : null);
        var bytes = Encoding.UTF8.GetBytes(Mangled(body));
        return new HttpReply(HttpEnd.Answered)
        {
            Status = random.Next(6) == 0 ? random.Next(199, 504) : 200,
            Charset = random.Next(6) == 0 ? One("UTF-8", "utf8", "utf-16", "us-ascii", "klingon-8", "") : null,
            Body = random.Next(12) switch
            {
                0 => [0xEF, 0xBB, 0xBF, .. bytes],
                1 => [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, .. bytes],
                2 => Broken(bytes),
                _ => bytes,
            },
        };
    }

    private string Payload() => random.Next(12) == 0 ? Mangled("""{"x":1,"MaHoSo":"A1"}""") : $$"""{"MaHoSo":{{SoundKey()}},"Buoc":{{SoundKey()}},"ghichú":"A1","message":"A2"}""";

    private string SoundKey() => random.Next(4) == 0 ? One(s_keys) : One(s_keys[..8]);

    /// <param name="message">Null: any.</param>
    private string Object(string? message)
    {
        List<string> members =
        [
            Member("error_code", random.Next(3) == 0 ? One(s_values) : One("0", "\"0\"", "5")),
            Member("message", message ?? (random.Next(3) == 0 ? One(s_values) : "\"Thành công\"")),
            Member("result", random.Next(6) == 0 ? One(s_values) : $"[{string.Join(Space(","), Enumerable.Range(0, random.Next(5)).Select(_ => Entry()))}]"),
        ];
        for (var more = random.Next(6); more > 4; more--)
        {
            members.Add(Member(One(s_names), One(s_values)));
        }

        var shuffled = members.ToArray();
        random.Shuffle(shuffled);
        return $"{{{string.Join(Space(","), shuffled.Skip(random.Next(8) == 0 ? 1 : 0))}}}";
    }

    private string Entry()
    {
        if (random.Next(20) == 0)
        {
            return One(s_values);
        }

        var members = new List<string> { Member("MaHoSo", SoundKey()), Member("error_code", One("0", "\"0\"", "\"-3\"", "5")) };
        while (random.Next(3) == 0)
        {
            members.Add(random.Next(3) switch { 0 => Member("Buoc", SoundKey()), 1 => Member("id", One("\"P-1\"", "12", "null")), _ => Member(One(s_names), One(random.Next(2) == 0 ? s_keys : s_values)) });
        }

        return $"{{{string.Join(Space(","), members.Skip(random.Next(12) == 0 ? 1 : 0))}}}";
    }

    private string Mangled(string json)
    {
        var at = random.Next(json.Length);
        return random.Next(24) switch
        {
            0 => json[..at],
            1 => json.Insert(at, One(",", "{", "}", "]", "\"", "\\", "0", "\0", "/*x*/", "\u2028", " ")),
            2 => json.Remove(at, 1),
            3 => json + One("x", "{}", " \r\n\t", "\u00a0", "//", ",", "\ufeff"),
            4 => $"{{\"x\":{string.Concat(Enumerable.Repeat("[", 40))}{string.Concat(Enumerable.Repeat("]", 40))},{json[1..]}",
            5 => $"{{\"x\":{string.Concat(Enumerable.Repeat("[", 20))}{string.Concat(Enumerable.Repeat("]", 20))},{json[1..]}",
            _ => json,
        };
    }

    private byte[] Broken(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private string Member(string name, string value) => $"{Space($"\"{name}\"")}:{Space(value)}";

    private string Space(string text) => random.Next(10) == 0 ? $"{One(" ", "\r\n", "\t")}{text} " : text;

    private string One(params string[] of) => of[random.Next(of.Length)];
}
