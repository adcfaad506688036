using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace PortalSimulator;

/// <summary>The national procedures: what <c>LayThuTuc</c> gives of each. Starts with three invented ones, and can be replaced whole.</summary>
internal sealed class Catalogue
{
    private volatile IReadOnlyList<JObject> _procedures = Samples;

    private static IReadOnlyList<JObject> Samples =>
    [
        Sample("1.900001", "Thủ tục mẫu về hộ tịch", "MAU-HT", "Hộ tịch (mẫu)"),
        Sample("1.900002", "Thủ tục mẫu về đất đai", "MAU-DD", "Đất đai (mẫu)"),
        Sample("2.900003", "Thủ tục mẫu về giao thông", "MAU-GT", "Đường bộ (mẫu)"),
    ];

    /// <exception cref="ArgumentException">One of them has no MATTHC or no TENTTHC.</exception>
    public void Replace(IReadOnlyList<JObject> procedures)
    {
        if (procedures.Any(p => p["MATTHC"]?.Type != JTokenType.String || p["TENTTHC"]?.Type != JTokenType.String))
        {
            throw new ArgumentException("Every procedure has MATTHC and TENTTHC.", nameof(procedures));
        }

        _procedures = procedures;
    }

    public void Reset() => _procedures = Samples;

    public IReadOnlyList<ReadOnlyMemory<byte>> List() =>
        [.. _procedures.Select(p => Write(new JObject { ["MATTHC"] = p["MATTHC"], ["TENTTHC"] = p["TENTTHC"] }))];

    public IReadOnlyList<ReadOnlyMemory<byte>> Find(string code) =>
        [.. _procedures.Where(p => (string?)p["MATTHC"] == code).Take(1).Select(Write)];

    private static ReadOnlyMemory<byte> Write(JObject procedure) => Encoding.UTF8.GetBytes(procedure.ToString(Formatting.None));

    private static JObject Sample(string code, string name, string field, string fieldName) => JObject.FromObject(new
    {
        ID = code[2..],
        MATTHC = code,
        TENTTHC = name,
        LOAITTHC = "0",
        TRANGTHAI = "1",
        MACOQUANCONGBO = "G00",
        LINHVUCTHUCHIEN = new[] { new { MALINHVUC = field, TENLINHVUC = fieldName } },
        CACHTHUCTHUCHIEN = new[]
        {
            new { KENH = "1", THOIGIAN = new[] { new { THOIGIANGIAIQUYET = "5", DONVITINH = "Ngày làm việc", MOTA = "", PHILEPHI = Array.Empty<object>() } } },
        },
        KETQUATHUCHIEN = new[] { new { MAKETQUA = $"KQ.{code[2..]}", TENKETQUA = "Giấy chứng nhận (mẫu)" } },
        CAPTHUCHIEN = new[] { new { CAPTHUCHIEN = "3", MOTACOQUANTHUCHIEN = "", DIACHITIEPNHAN = "" } },
    });
}
