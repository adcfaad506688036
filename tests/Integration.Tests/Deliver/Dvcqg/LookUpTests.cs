using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Xunit;

namespace Integration.Tests.Deliver.Dvcqg;

public sealed class LookUpTests
{
    private const string Payload = """
        {"MaHoSo":"A1","TrangThaiHoSo":"4","KenhThucHien":"2","TenTTHC":"Cấp giấy phép","NgayTra":"","SoLuong":1,"Co":true,
         "DanhSachLePhi":[{"MaPhiLePhi":"1","Gia":"5000"},{"MaPhiLePhi":"2","Gia":"0"}]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""[{"MaHoSo":"A1","TrangThaiHoSo":"4","KenhThucHien":"2","TenTTHC":"Cấp giấy phép","SoLuong":"1","Co":"True","DanhSachLePhi":[{"MaPhiLePhi":"2","Gia":0},{"MaPhiLePhi":"1","Gia":5000}]}]""", nameof(LookUpVerdict.Same))]
    [InlineData("""[{"MaHoSo":"A1","TrangThaiHoSo":"4","KenhThucHien":2,"TenTTHC":" Ca\u0302\u0301p giấy phép ","Khac":"x"}]""", nameof(LookUpVerdict.SameAsFarAsShown))]
    [InlineData("""{"MAHOSO":"A1","TRANGTHAIHOSO":"04","KENHTHUCHIEN":"2","TENTTHC":"Cấp giấy phép"}""", nameof(LookUpVerdict.Different))]
    [InlineData("""[{"TrangThaiHoSo":4,"SoLuong":"01","Co":"True","NgayTra":null}]""", nameof(LookUpVerdict.SameAsFarAsShown))]
    [InlineData("""[{"MaHoSo":"A1","TrangThaiHoSo":"4","KenhThucHien":"2","DanhSachLePhi":[{"MaPhiLePhi":"2","Gia":0},{"MaPhiLePhi":"1","Gia":5000}]}]""", nameof(LookUpVerdict.SameAsFarAsShown))]
    [InlineData("""[{"MaHoSo":"A1","TrangThaiHoSo":"4","KenhThucHien":"2","TenTTHC":"Cấp giấy phép","DanhSachLePhi":[{"MaPhiLePhi":"1","Gia":"5000"}]}]""", nameof(LookUpVerdict.Different))]
    [InlineData("""[{"MaHoSo":"A1","TrangThaiHoSo":"5","KenhThucHien":"2","TenTTHC":"Cấp giấy phép"}]""", nameof(LookUpVerdict.Different))]
    [InlineData("""[{"MaHoSo":"A1","TrangThaiHoSo":"4","NgayTra":"20260302080000"}]""", nameof(LookUpVerdict.Different))]
    [InlineData("""[{"MaHoSo":"A1","TrangThaiHoSo":"4","NgayTra":"","DanhSachLePhi":null}]""", nameof(LookUpVerdict.PresentOnly))]
    [InlineData("""[{"MaHoSo":"A1"}]""", nameof(LookUpVerdict.PresentOnly))]
    [InlineData("""[{"MaHoSo":"B7","TrangThaiHoSo":"4","KenhThucHien":"2","TenTTHC":"Cấp giấy phép"}]""", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("""[{"MaHoSo":"B7"},{"MaHoSo":"A1","TrangThaiHoSo":"5"}]""", nameof(LookUpVerdict.Different))]
    [InlineData("\"[{}]\"", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("[7]", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("[]", nameof(LookUpVerdict.Absent))]
    [InlineData("null", nameof(LookUpVerdict.Absent))]
    [InlineData("[{}]", nameof(LookUpVerdict.Absent))]
    public async Task What_the_portal_shows_is_compared_field_by_field(string result, string verdict)
    {
        await using var portal = PortalStub.Answering($$"""{"error_code":"0","message":"","result":{{result}}}""");
        var reply = await portal.Target(Options()).LookUpAsync(PortalStub.Item(1, "key", Payload), Cancellation);
        Assert.Equal(verdict, reply.Verdict.ToString());
        Assert.Equal("""{"session":"S1","madonvi":"H60","service":"TraCuuHoSo","mahoso":"A1"}""", Assert.Single(portal.Calls).Text);
    }

    [Theory]
    [InlineData("""[{"MaHoSo":"A1","TienDo":[{"ThoiDiemXuLy":"1","TrangThai":"2"},{"ThoiDiemXuLy":"2","TrangThai":4}]}]""", nameof(LookUpVerdict.Same))]
    [InlineData("""[{"MaHoSo":"A1","TienDo":[{"ThoiDiemXuLy":"2","TrangThai":"5"}]}]""", nameof(LookUpVerdict.Absent))]
    [InlineData("""[{"MaHoSo":"A1","TienDo":[]}]""", nameof(LookUpVerdict.Absent))]
    [InlineData("""[{"MaHoSo":"A1","TienDo":null}]""", nameof(LookUpVerdict.Absent))]
    [InlineData("""[{"MaHoSo":"A1"}]""", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("[]", nameof(LookUpVerdict.Absent))]
    public async Task A_progress_step_is_searched_among_the_steps_of_its_dossier(string result, string verdict)
    {
        await using var portal = PortalStub.Answering($$"""{"error_code":"0","message":"","result":{{result}}}""");
        var target = portal.Target(Options(l => (l.List, l.Match) = ("TienDo", ["ThoiDiemXuLy", "TrangThai"])));
        var reply = await target.LookUpAsync(PortalStub.Item(1, "A1/2", """{"MaHoSo":"A1","ThoiDiemXuLy":"2","TrangThai":"4"}"""), Cancellation);
        Assert.Equal(verdict, reply.Verdict.ToString());
    }

    [Theory]
    [InlineData("""{"error_code":"-4","message":"không tìm thấy"}""", "200 OK", nameof(LookUpVerdict.Absent))]
    [InlineData("""{"error_code":"9","message":""}""", "200 OK", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("<html>", "200 OK", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("", "200 OK", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("", "404 Not Found", nameof(LookUpVerdict.NoAnswer))]
    [InlineData("", "503 Maintenance", nameof(LookUpVerdict.NoAnswer))]
    public async Task Only_a_known_code_says_that_a_record_is_absent(string body, string status, string verdict)
    {
        await using var portal = PortalStub.Answering(body, status);
        Assert.Equal(verdict, (await portal.Target(Options()).LookUpAsync(PortalStub.Item(1, "key", Payload), Cancellation)).Verdict.ToString());
    }

    [Fact]
    public async Task A_question_the_network_fails_is_asked_again()
    {
        var asked = 0;
        await using var portal = new PortalStub((_, c) =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                c.Reset();
            }

            return Task.FromResult(MisbehavingServer.Answer("""{"error_code":0,"message":"","result":[]}"""));
        });
        Assert.Equal(LookUpVerdict.Absent, (await portal.Target(Options()).LookUpAsync(PortalStub.Item(1, "key", Payload), Cancellation)).Verdict);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_withdrawn_record_is_asked_for_by_its_key_and_only_its_presence_counts()
    {
        await using var portal = PortalStub.Answering("""{"error_code":0,"message":"","result":[{"MaHoSo":"A1","TrangThaiHoSo":"4"}]}""");
        Assert.Equal(LookUpVerdict.PresentOnly, (await portal.Target(Options()).LookUpAsync(new DeliveryItem(1, "A1", default), Cancellation)).Verdict);
    }

    [Theory]
    [InlineData("{\"TrangThaiHoSo\":\"4\"}")]
    [InlineData("{\"MaHoSo\":\"A1\"")]
    [InlineData("not json")]
    public async Task A_payload_that_names_no_record_asks_nothing(string payload)
    {
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        Assert.Equal("no-key", (await portal.Target(Options()).LookUpAsync(PortalStub.Item(1, "key", payload), Cancellation)).Code);
        Assert.Empty(portal.Calls);
    }

    private static DvcqgOptions Options(Action<DvcqgLookUp>? set = null)
    {
        var lookUp = new DvcqgLookUp { Service = "TraCuuHoSo" };
        set?.Invoke(lookUp);
        return new DvcqgOptions { Connection = "Portal", Service = "DongBoHoSoMC", LookUp = lookUp, Codes = new() { ["-4"] = CodeMeaning.NotThere } };
    }
}
