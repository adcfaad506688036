using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.Deliver.Dvcqg;

public sealed class DvcqgTargetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_goes_out_as_one_envelope_with_the_stored_bytes()
    {
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        const string odd = """{ "MaHoSo" : "H60-1",  "So":1.50, "Ten":"Nguyễn \u0041" }""";
        var reply = await portal.Target(settings: ("DstCode", "VN:GOV:000.00.00.G22:vpcpdvcprovider")).SendAsync(
            new DeliveryBatch(DeliveryKind.Update, [PortalStub.Item(1, "H60-1", odd), PortalStub.Item(2, "H60-2")]), Cancellation);

        var call = Assert.Single(portal.Calls);
        Assert.Equal($$"""{"session":"S1","madonvi":"H60","service":"DongBoHoSoMC","isUpdating":"True","data":[{{odd}},{"MaHoSo":"H60-2","TrangThaiHoSo":"4"}]}""", call.Text);
        Assert.Equal("/mapi/g", call.Path);
        Assert.Equal(("utf-8", "VN:GOV:000.00.00.G22:vpcpdvcprovider"), (call.Headers["Charset"], call.Headers["dstcode"]));
        Assert.Equal("""{"username":"tinh","password":"bí mật"}""", Assert.Single(portal.LoginRequests).Text);
        Assert.Equal((Verdict.Accepted, "0", "[0] Thành công", null), (reply.Verdict, reply.Code, reply.Message, reply.Outcomes));
        Assert.NotEqual(default, reply.Exchange.ResponseHash);
        Assert.Equal(200, reply.Exchange.Status);
    }

    [Theory]
    [InlineData("0", nameof(Verdict.Accepted))]
    [InlineData("\"0\"", nameof(Verdict.Accepted))]
    [InlineData("\"00\"", nameof(Verdict.Accepted))]
    [InlineData("\" 0 \"", nameof(Verdict.Accepted))]
    [InlineData("-3", nameof(Verdict.AlreadyThere))]
    [InlineData("\"-3\"", nameof(Verdict.AlreadyThere))]
    [InlineData("\"-4\"", nameof(Verdict.NotThere), nameof(DeliveryKind.Update))]
    [InlineData("\"-3\"", nameof(Verdict.Refused), nameof(DeliveryKind.Update))]
    [InlineData("\"-4\"", nameof(Verdict.Refused))]
    [InlineData("\"77\"", nameof(Verdict.TryLater))]
    [InlineData("3", nameof(Verdict.Refused))]
    [InlineData("\"LOI\"", nameof(Verdict.Refused))]
    [InlineData("null", nameof(Verdict.Unknown))]
    [InlineData("\"\"", nameof(Verdict.Unknown))]
    [InlineData("true", nameof(Verdict.Unknown))]
    public async Task A_code_means_what_the_table_says_and_nothing_else(string code, string verdict, string kind = nameof(DeliveryKind.Create))
    {
        await using var portal = PortalStub.Answering($$"""{"error_code":{{code}},"message":"Thành công"}""");
        var options = Options(o => o.Codes = new() { [" -04"] = CodeMeaning.NotThere, ["77"] = CodeMeaning.TryLater });
        var reply = await portal.Target(options).SendAsync(new DeliveryBatch(Enum.Parse<DeliveryKind>(kind), [PortalStub.Item(1, "H60-1")]), Cancellation);
        Assert.Equal(verdict, reply.Verdict.ToString());
        Assert.Single(portal.Calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \r\n")]
    [InlineData("<html><body>Thành công</body></html>")]
    [InlineData("Thành công")]
    [InlineData("""{"message":"Thành công"}""")]
    [InlineData("""{"error_code":0,"error_code":1}""")]
    [InlineData("""{"error_code":0,"message":"Thành công","result":[{"MaHo""")]
    [InlineData("""[{"error_code":0}]""")]
    [InlineData("null")]
    [Trait("Fault", "G4")]
    public async Task An_answer_that_is_not_understood_is_unknown(string body)
    {
        await using var portal = PortalStub.Answering(body);
        var reply = await portal.Target().SendAsync(PortalStub.Batch("H60-1"), Cancellation);
        Assert.Equal((Verdict.Unknown, null), (reply.Verdict, reply.Outcomes));
    }

    [Theory]
    [InlineData("202 Accepted", PortalStub.Ok, nameof(Verdict.Unknown))]
    [InlineData("302 Found", PortalStub.Ok, nameof(Verdict.Unknown))]
    [InlineData("500 Error", PortalStub.Ok, nameof(Verdict.Unknown))]
    [InlineData("502 Bad Gateway", "", nameof(Verdict.Unknown))]
    [InlineData("504 Timeout", "", nameof(Verdict.Unknown))]
    [InlineData("408 Timeout", "", nameof(Verdict.Unknown))]
    [InlineData("400 Bad Request", PortalStub.Ok, nameof(Verdict.Unknown))]
    [InlineData("400 Bad Request", """{"error_code":"-3","message":""}""", nameof(Verdict.AlreadyThere))]
    [InlineData("400 Bad Request", """{"error_code":"12","message":""}""", nameof(Verdict.Refused))]
    [InlineData("422 Unprocessable", "<html>", nameof(Verdict.Refused))]
    [InlineData("413 Too Large", "", nameof(Verdict.Refused))]
    [InlineData("404 Not Found", "<html>", nameof(Verdict.NotSent))]
    [InlineData("403 Forbidden", PortalStub.Ok, nameof(Verdict.NotSent))]
    [InlineData("503 Maintenance", PortalStub.Ok, nameof(Verdict.Unknown))]
    [InlineData("429 Slow", "", nameof(Verdict.TryLater))]
    [Trait("Fault", "G11")]
    [Trait("Fault", "G13")]
    public async Task A_status_decides_before_the_body_may_speak(string status, string body, string verdict)
    {
        await using var portal = PortalStub.Answering(body, status);
        var reply = await portal.Target().SendAsync(PortalStub.Batch("H60-1"), Cancellation);
        Assert.Equal(verdict, reply.Verdict.ToString());
        Assert.Single(portal.Calls);
    }

    [Theory]
    [InlineData("Retry-After: 90\r\n", 90)]
    [InlineData("Retry-After: 864000\r\n", 86_400)]
    [InlineData("Retry-After: -1\r\n", null)]
    [InlineData("Retry-After: later\r\n", null)]
    [InlineData("", null)]
    public async Task The_receiver_says_how_long_it_rests(string header, int? seconds)
    {
        await using var portal = PortalStub.Answering("Quá nhiều yêu cầu", "429 Too Many Requests", header);
        var reply = await portal.Target().SendAsync(PortalStub.Batch("H60-1"), Cancellation);
        Assert.Equal((Verdict.TryLater, seconds is { } s ? TimeSpan.FromSeconds(s) : null), (reply.Verdict, reply.RetryAfter));
    }

    [Theory]
    [InlineData("Retry-After: 90\r\n", nameof(Verdict.TryLater))]
    [InlineData("Retry-After: later\r\n", nameof(Verdict.Unknown))]
    [InlineData("", nameof(Verdict.Unknown))]
    public async Task A_503_turns_a_call_away_only_when_it_says_until_when(string header, string verdict)
    {
        await using var portal = PortalStub.Answering("Hệ thống bảo trì", "503 Service Unavailable", header);
        var reply = await portal.Target().SendAsync(PortalStub.Batch("H60-1"), Cancellation);
        Assert.Equal(verdict, reply.Verdict.ToString());
    }

    [Fact]
    [Trait("Fault", "G5")]
    [Trait("Fault", "G6")]
    public async Task Results_are_matched_by_key_whatever_their_order()
    {
        await using var portal = PortalStub.Answering("""
            {"error_code":0,"message":"","result":[
              {"MaHoSo":"H60-9","error_code":"0"},
              {"MaHoSo":" H60-3 ","error_code":"-3","message":"đã tồn tại, CCCD 001099000123"},
              {"MAHOSO":"H60-1","error_code":0,"id":"P-1"},
              {"MaHoSo":"H60-4","error_code":0},
              {"MaHoSo":"H60-4","error_code":5}]}
            """);
        var reply = await portal.Target(Options(o => o.Receipt = "id")).SendAsync(PortalStub.Batch("H60-1", "H60-2", "H60-3", "H60-4"), Cancellation);
        Assert.Equal(Verdict.Unknown, reply.Verdict);
        Assert.Equal(
            [(1, Verdict.Accepted, "0", "P-1"), (2, Verdict.Unknown, "no-result", null), (3, Verdict.AlreadyThere, "-3", null), (4, Verdict.Unknown, "many-results", null)],
            reply.Outcomes!.Select(o => (o.Version, o.Verdict, o.Code, o.Receipt)));
        Assert.Equal("[-3] đã tồn tại, CCCD ***123", reply.Outcomes![2].Message);
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("""["H60-1"]""")]
    [InlineData("""[{"note":"x"}]""")]
    [InlineData("""{}""")]
    public async Task A_result_that_does_not_speak_of_records_leaves_the_code_to_stand_for_all(string result)
    {
        await using var portal = PortalStub.Answering($$"""{"error_code":0,"message":"","result":{{result}}}""");
        var reply = await portal.Target().SendAsync(PortalStub.Batch("H60-1", "H60-2"), Cancellation);
        Assert.Equal((Verdict.Accepted, null), (reply.Verdict, reply.Outcomes));
    }

    // The last: a record that was refused, and its entry lost on the way, is answered like one that was taken.
    [Theory]
    [Trait("Fault", "G6")]
    [InlineData(null, nameof(Verdict.Accepted), nameof(Verdict.Unknown))]
    [InlineData(false, nameof(Verdict.Accepted), nameof(Verdict.Accepted))]
    [InlineData(true, nameof(Verdict.Unknown), nameof(Verdict.Unknown))]
    public async Task Whoever_names_records_and_then_names_none_has_confirmed_none(bool? perRecord, string before, string after)
    {
        const string Silence = """{"error_code":0,"message":"","result":[]}""";
        var answers = new Queue<string>([Silence, """{"error_code":0,"message":"","result":[{"MaHoSo":"H60-1","error_code":"0"}]}""", Silence]);
        await using var portal = new PortalStub(_ => MisbehavingServer.Answer(answers.Dequeue()));
        var target = portal.Target(Options(o => o.PerRecordResults = perRecord));
        var verdicts = new List<string>();
        for (var call = 0; call < 3; call++)
        {
            verdicts.Add((await target.SendAsync(PortalStub.Batch("H60-1"), Cancellation)).Verdict.ToString());
        }

        Assert.Equal([before, nameof(Verdict.Accepted), after], verdicts);
    }

    [Theory]
    [InlineData("""{"error_code":"5","message":"\ud800"}""", nameof(Verdict.Refused))]
    [InlineData("""{"error_code":"\ud800","message":5}""", nameof(Verdict.Refused))]
    [InlineData("""{"error_code":0,"message":{},"result":[{"MaHoSo":"\ud800","error_code":0}]}""", nameof(Verdict.Unknown))]
    [InlineData("""{"error_code":0,"message":null,"result":[{"MaHoSo":{"a":[]},"error_code":[0]},7,null]}""", nameof(Verdict.Accepted))]
    public async Task An_odd_answer_is_an_outcome_and_never_an_exception(string body, string verdict)
    {
        await using var portal = PortalStub.Answering(body);
        Assert.Equal(verdict, (await portal.Target().SendAsync(PortalStub.Batch("A"), Cancellation)).Verdict.ToString());
    }

    [Fact]
    public async Task A_record_key_of_several_fields_tells_progress_steps_apart()
    {
        await using var portal = PortalStub.Answering("""
            {"error_code":0,"message":"","result":[{"MaHoSo":"A","ThoiDiemXuLy":2,"error_code":9},{"MaHoSo":"A","ThoiDiemXuLy":"1","error_code":0}]}
            """);
        var batch = new DeliveryBatch(DeliveryKind.Create, [PortalStub.Item(1, "A/1", """{"MaHoSo":"A","ThoiDiemXuLy":"1"}"""), PortalStub.Item(2, "A/2", """{"MaHoSo":"A","ThoiDiemXuLy":"2"}""")]);
        var reply = await portal.Target(Options(o => o.RecordKey = ["MaHoSo", "ThoiDiemXuLy"])).SendAsync(batch, Cancellation);
        Assert.Equal([Verdict.Accepted, Verdict.Refused], reply.Outcomes!.Select(o => o.Verdict));
    }

    [Fact]
    public async Task One_answer_for_two_records_of_the_same_key_is_not_shared_out()
    {
        await using var portal = PortalStub.Answering("""{"error_code":0,"message":"","result":[{"MaHoSo":"A","error_code":0}]}""");
        var reply = await portal.Target().SendAsync(PortalStub.Batch("A", "A"), Cancellation);
        Assert.Equal([Verdict.Unknown, Verdict.Unknown], reply.Outcomes!.Select(o => o.Verdict));
    }

    [Fact]
    public async Task That_some_record_of_a_batch_exists_is_a_refusal_to_be_taken_apart()
    {
        await using var portal = PortalStub.Answering("""{"error_code":"-3","message":"đã tồn tại"}""");
        Assert.Equal(Verdict.Refused, (await portal.Target().SendAsync(PortalStub.Batch("A", "B"), Cancellation)).Verdict);
    }

    [Fact]
    public async Task Further_arguments_stand_in_the_envelope_and_a_service_may_have_no_create_or_update()
    {
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        await portal.Target(Options(o => (o.Updating, o.Arguments, o.Path) = ("none", new() { ["type"] = "2" }, DvcqgPath.Share)), settings: ("SharePath", "/mapi/share?dstcode=VN:GOV"))
            .SendAsync(PortalStub.Batch("A"), Cancellation);
        var call = Assert.Single(portal.Calls);
        Assert.Equal("/mapi/share?dstcode=VN:GOV", call.Path);
        Assert.StartsWith("""{"session":"S1","madonvi":"H60","service":"DongBoHoSoMC","type":"2","data":[{""", call.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_withdrawal_names_the_key_and_is_done_when_the_record_is_gone_already()
    {
        await using var portal = PortalStub.Answering("""{"error_code":"-4","message":"không tồn tại"}""");
        var batch = new DeliveryBatch(DeliveryKind.Withdraw, [new DeliveryItem(1, "A\"1", default)]);
        Assert.Equal(Verdict.Refused, (await portal.Target().SendAsync(batch, Cancellation)).Verdict);
        Assert.Empty(portal.Calls);

        var target = portal.Target(Options(o => (o.Withdraw, o.Codes) = (new DvcqgWithdraw { Service = "XoaHoSo" }, new() { ["-4"] = CodeMeaning.NotThere })));
        Assert.Equal(Verdict.Accepted, (await target.SendAsync(batch, Cancellation)).Verdict);
        Assert.Equal("""{"session":"S1","madonvi":"H60","service":"XoaHoSo","data":[{"MaHoSo":"A\"1"}]}""", Assert.Single(portal.Calls).Text);
    }

    [Fact]
    public async Task A_relay_takes_the_bare_array_and_the_rest_in_the_query()
    {
        await using var portal = PortalStub.Answering(new JObject { ["status"] = true, ["message"] = PortalStub.Ok }.ToString());
        var target = portal.Target(
            Options(o => o.UpdatePath = "api/CapNhat?x=1"), settings: [("Shape", "relay"), ("DataPath", "api/SynsTTHCC/{service}")]);
        Assert.Equal(Verdict.Accepted, (await target.SendAsync(PortalStub.Batch("A"), Cancellation)).Verdict);
        await target.SendAsync(PortalStub.Batch("A") with { Kind = DeliveryKind.Update }, Cancellation);
        Assert.Equal(0, portal.Logins);
        Assert.Equal(
            ["/api/CapNhat?x=1&MaDinhDanhDV=H60&isUpdating=True", "/api/SynsTTHCC/DongBoHoSoMC?MaDinhDanhDV=H60&isUpdating=False"],
            portal.Calls.Select(c => c.Path).Order(StringComparer.Ordinal));
        Assert.All(portal.Calls, c => Assert.Equal("""[{"MaHoSo":"A","TrangThaiHoSo":"4"}]""", c.Text));
    }

    [Fact]
    public async Task A_relay_that_says_yes_around_a_national_no_is_not_believed()
    {
        await using var portal = PortalStub.Answering(new JObject { ["error_code"] = 0, ["message"] = """{"error_code":"5","message":"sai"}""" }.ToString());
        var reply = await portal.Target(settings: ("Shape", "relay")).SendAsync(PortalStub.Batch("A"), Cancellation);
        Assert.Equal((Verdict.Unknown, "contradiction"), (reply.Verdict, reply.Code));
    }

    [Fact]
    public async Task A_time_limit_is_an_unknown_outcome_and_an_unreachable_portal_is_not_sent()
    {
        await using var portal = new PortalStub(async (_, c) =>
        {
            await c.WaitForStopAsync();
            return "";
        });
        Assert.Equal(Verdict.Unknown, (await portal.Target(settings: ("Timeout", "300ms")).SendAsync(PortalStub.Batch("A"), Cancellation)).Verdict);

        var shared = new Dictionary<string, IAsyncDisposable>(StringComparer.Ordinal);
        var reply = await PortalStub.Target("https://portal.invalid", shared).SendAsync(PortalStub.Batch("A"), Cancellation);
        Assert.Equal((Verdict.NotSent, "not-reached"), (reply.Verdict, reply.Code));
        Assert.DoesNotContain("portal.invalid", reply.Message, StringComparison.Ordinal);
        await shared.Values.Single().DisposeAsync();
    }

    [Fact]
    public async Task The_same_records_have_the_same_request_hash_in_every_session()
    {
        await using var portal = PortalStub.Answering(PortalStub.Ok);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var target = portal.Target(clock: clock);
        var first = await target.SendAsync(PortalStub.Batch("A"), Cancellation);
        clock.Advance(TimeSpan.FromMinutes(11));
        var second = await target.SendAsync(PortalStub.Batch("A"), Cancellation);
        Assert.Equal(["S1", "S2"], portal.Calls.Select(PortalStub.SessionOf).Order(StringComparer.Ordinal));
        Assert.Equal(first.Exchange.RequestHash, second.Exchange.RequestHash);
    }

    private static DvcqgOptions Options(Action<DvcqgOptions> set)
    {
        var options = new DvcqgOptions { Connection = "Portal", Service = "DongBoHoSoMC" };
        set(options);
        return options;
    }
}
