using System.Net;
using System.Text;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.PortalSimulator;

/// <summary>Talks to the simulator as a province's worker would, over real HTTP.</summary>
internal sealed class PortalClient(string url) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(url) };

    public string? Session { get; set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<PortalClient> LoggedInAsync(string url)
    {
        var client = new PortalClient(url);
        client.Session = (string?)(await client.LoginAsync())["session"];
        return client;
    }

    public Task<JObject> LoginAsync(string username = "province", string password = "simulated") =>
        PostAsync("/mapi/login", new JObject { ["username"] = username, ["password"] = password }.ToString());

    public Task<JObject> CreateAsync(params string[] dossiers) => SendAsync("DongBoHoSoMC", "False", dossiers);

    public Task<JObject> UpdateAsync(params string[] dossiers) => SendAsync("DongBoHoSoMC", "True", dossiers);

    public Task<JObject> ProgressAsync(params string[] rows) => SendAsync("CapNhatTienDoHoSoMC", null, rows);

    public Task<JObject> ServicesAsync(string isUpdating, params string[] services) => SendAsync("DongBoDVC", isUpdating, services);

    public Task<JObject> SendAsync(string service, string? isUpdating, params string[] records) => PostAsync("/mapi/g", Envelope(service, isUpdating, records));

    public string Envelope(string service, string? isUpdating, params string[] records)
    {
        var updating = isUpdating is null ? "" : $"\"isUpdating\":\"{isUpdating}\",";
        return $$"""{"session":"{{Session}}","madonvi":"H00","service":"{{service}}",{{updating}}"data":[{{string.Join(',', records)}}]}""";
    }

    public async Task<JArray> LookUpAsync(string service, string? argument = null, string? value = null)
    {
        var call = new JObject { ["session"] = Session, ["madonvi"] = "H00", ["service"] = service };
        if (argument is not null)
        {
            call[argument] = value;
        }

        var answer = await PostAsync("/mapi/g", call.ToString());
        Assert.Equal(0, Code(answer));
        return (JArray)answer["result"]!;
    }

    public async Task<JObject> PostAsync(string path, string body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await PostRawAsync(path, body);
        Assert.Equal(expected, response.StatusCode);
        return Parse(await response.Content.ReadAsStringAsync(Token));
    }

    public async Task<HttpResponseMessage> PostRawAsync(string path, string body) => await _http.PostAsync(path, Json(body), Token);

    public async Task<string> GetAsync(string path) => await _http.GetStringAsync(path, Token);

    public async Task<HttpStatusCode> ControlAsync(HttpMethod method, string path, string body = "")
    {
        using var request = new HttpRequestMessage(method, path) { Content = Json(body) };
        using var response = await _http.SendAsync(request, Token);
        return response.StatusCode;
    }

    /// <summary>The code as a careful client reads it: text, trimmed, compared as a number.</summary>
    public static int Code(JToken answer) => int.Parse(((string?)answer["error_code"])!.Trim(), System.Globalization.CultureInfo.InvariantCulture);

    // Newtonsoft would turn texts that look like dates into dates.
    public static JObject Parse(string json)
    {
        using var reader = new Newtonsoft.Json.JsonTextReader(new StringReader(json)) { DateParseHandling = Newtonsoft.Json.DateParseHandling.None };
        return JObject.Load(reader);
    }

    public void Dispose() => _http.Dispose();

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}

/// <summary>Records that the portal takes.</summary>
internal static class Sample
{
    public static string Dossier(string key, Action<JObject>? change = null) => With(change, new JObject
    {
        ["MaHoSo"] = key,
        ["MaTTHC"] = "1.900001",
        ["TenTTHC"] = "Thủ tục mẫu về hộ tịch",
        ["MaLinhVuc"] = "MAU-HT",
        ["TenLinhVuc"] = "Hộ tịch",
        ["KenhThucHien"] = "2",
        ["ChuHoSo"] = "Người Mẫu",
        ["LoaiDoiTuong"] = "1",
        ["Email"] = "",
        ["SoDienThoai"] = "",
        ["TrichYeuHoSo"] = "Trích yếu \"mẫu\"",
        ["NgayTiepNhan"] = "20260105080000",
        ["NgayHenTra"] = "",
        ["TrangThaiHoSo"] = "4",
        ["HinhThuc"] = "0",
        ["DonViXuLy"] = "Ủy ban nhân dân xã Mẫu",
        ["DanhSachLePhi"] = new JArray(new JObject { ["TenPhiLePhi"] = "Lệ phí", ["MaPhiLePhi"] = "LP1", ["HinhThucThu"] = "1", ["Gia"] = "8000", ["LoaiPhiLePhi"] = "1" }),
    });

    public static string Step(string key, string content = "Thụ lý", Action<JObject>? change = null) => With(change, new JObject
    {
        ["MaHoSo"] = key,
        ["NguoiXuLy"] = "Cán bộ mẫu",
        ["ThoiDiemXuLy"] = "20260106090000",
        ["NoiDungXuLy"] = content,
        ["TrangThai"] = "4",
    });

    public static string Service(string key, Action<JObject>? change = null) => With(change, new JObject
    {
        ["MADVC"] = key,
        ["MATTHC"] = "1.900001.H08",
        ["TENDVC"] = "Dịch vụ mẫu",
        ["KENH"] = new JArray("1", "2"),
    });

    private static string With(Action<JObject>? change, JObject record)
    {
        change?.Invoke(record);
        return record.ToString(Newtonsoft.Json.Formatting.None);
    }
}
