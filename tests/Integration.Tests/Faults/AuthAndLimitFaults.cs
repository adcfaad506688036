using System.Globalization;
using Demo.Province;
using Integration.Pipelines;
using Integration.Records;
using Integration.Tests.Deliver.Dvcqg;
using Integration.Tests.Support;
using PortalSimulator;
using PortalSimulator.Faults;
using Xunit;
using Verdict = Integration.Deliver.Verdict;

namespace Integration.Tests.Faults;

/// <summary>The receiver denies access, asks for patience, or is closed.</summary>
public sealed class AuthAndLimitFaults
{
    private static readonly TimeZoneInfo Vietnam = TimeZoneInfo.FindSystemTimeZoneById("Asia/Ho_Chi_Minh");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Fault", "H1")]
    public async Task A_session_that_ends_under_twenty_lanes_costs_one_login()
    {
        await using var day = await FaultDay.StartAsync(300, ("Delivery__InFlight", "20"), ("Connections__Portal__MaxConcurrency", "20"));
        day.Batch(PipelineNames.Dossiers, 3);
        day.Fail(new FaultRule { Mode = FaultModes.Slow, DelayMs = 60 }, new FaultRule { Mode = FaultModes.SessionLost, Times = 1, Skip = 30 });
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.DeliverAsync();
        Assert.Equal((2L, 1L), (day.Receiver.Summary().Logins, day.Receiver.Summary().Faults[FaultModes.SessionLost]));
        day.AssertNothingTwice();
        Assert.Equal(Expectations.Read(day.Province).Single(e => e.Pipeline == PipelineNames.Dossiers).Acknowledged, day.Receiver.Summary().Effects);
    }

    [Fact]
    [Trait("Fault", "H2")]
    public async Task A_refused_login_is_tried_once_a_minute_for_all_pipelines_together_and_told()
    {
        await using var day = await FaultDay.StartAsync(120, ("Delivery__InFlight", "8"), ("Connections__Portal__RestAfterDenial", "1m"));
        day.Fail(new FaultRule { Mode = FaultModes.RefuseAll, Service = ServiceNames.Login, Code = "-7", Message = "Sai tên đăng nhập hoặc mật khẩu" });
        await day.OpenAsync();
        await day.SyncAsync();
        await day.WorkInVainAsync();
        Assert.Equal((1, 0), (day.Calls(ServiceNames.Login), day.Calls()));
        (await day.TypeAsync("status")).Is(0, "Cổng từ chối đăng nhập (-7: Sai tên đăng nhập hoặc mật khẩu)", "thử lại sau 60 giây");
        (await day.TypeAsync("explain", PipelineNames.Dossiers, day.Clean(PipelineNames.Dossiers))).Is(1, "Luồng nghỉ đến", "Kiểm tra tài khoản kết nối");

        day.Clock.Move(TimeSpan.FromSeconds(61));
        await day.WorkInVainAsync();
        Assert.Equal((2, 0), (day.Calls(ServiceNames.Login), day.Calls()));

        day.Fail();
        day.Clock.Move(TimeSpan.FromSeconds(61));
        await day.DeliverAsync();
        await day.AssertAllAsExpectedAsync();
    }

    [Theory]
    [InlineData("401 Unauthorized")]
    [InlineData("403 Forbidden")]
    [Trait("Fault", "H2")]
    public async Task A_receiver_that_denies_access_after_a_login_is_left_alone_for_a_minute(string status)
    {
        await using var portal = PortalStub.Answering("", status);
        var reply = await portal.Target().SendAsync(PortalStub.Batch("A"), Token);
        Assert.Equal((Verdict.NotSent, TimeSpan.FromMinutes(1)), (reply.Verdict, reply.RetryAfter));
        Assert.StartsWith("Hệ thống nhận từ chối quyền truy cập; kiểm tra tài khoản và cấu hình kết nối", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Fault", "H4")]
    [Trait("Fault", "H5")]
    public async Task A_rest_the_receiver_asks_for_is_kept_to_the_second_capped_when_absurd_and_shown()
    {
        await using var day = await FaultDay.StartAsync();
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.DeliverAsync();

        // The date first: it is told by the portal's own clock, which is not moved.
        (string Mode, string? Header, int Seconds, string Said)[] rounds =
        [
            (FaultModes.Answer429, "date+3600", 3600, "yêu cầu gửi chậm lại (HTTP 429)."),
            (FaultModes.Answer429, "3600", 3600, "yêu cầu gửi chậm lại (HTTP 429)."),
            (FaultModes.Maintenance, "7200", 7200, "đang tạm dừng hoặc bảo trì (HTTP 503)."),
            (FaultModes.Answer429, "864000", 86400, "Nơi nhận yêu cầu nghỉ 240 giờ; chỉ nghỉ 24 giờ (LongestRest)."),
            (FaultModes.Answer429, "-5", 0, "Không đọc được thời gian nghỉ mà nơi nhận yêu cầu nên tự chọn."),
            (FaultModes.Answer429, "later", 0, "Không đọc được thời gian nghỉ mà nơi nhận yêu cầu nên tự chọn."),
            (FaultModes.Answer429, "", 0, "yêu cầu gửi chậm lại (HTTP 429)."),
        ];
        foreach (var (mode, header, seconds, said) in rounds)
        {
            var effects = day.Receiver.Summary().Effects;
            var key = day.Province.EditOneDossier(note: $"{mode} {header}");
            day.Fail(new FaultRule { Mode = mode, RetryAfter = header, Times = 1 });
            await day.SyncAsync(PipelineNames.Dossiers);
            var status = await day.WorkUntilRestsAsync(PipelineNames.Dossiers);
            Assert.Contains(said, status.ParkedReason!.Vi, StringComparison.Ordinal);
            if (seconds > 0)
            {
                Assert.InRange((status.ParkedUntil!.Value - day.Clock.GetUtcNow()).TotalSeconds, seconds - 60, seconds);
                var calls = day.Calls();
                day.Clock.MoveTo(status.ParkedUntil.Value.AddSeconds(-20));
                await day.WorkInVainAsync();
                Assert.Equal(calls, day.Calls());
                (await day.TypeAsync("explain", PipelineNames.Dossiers, key)).Is(1, $"Luồng nghỉ đến {TimeZoneInfo.ConvertTime(status.ParkedUntil.Value, Vietnam).ToString("dd/MM/yyyy HH:mm:ss", CultureInfo.InvariantCulture)}");
                day.Clock.MoveTo(status.ParkedUntil.Value);
            }
            else
            {
                Assert.True(status.ParkedUntil!.Value - day.Clock.GetUtcNow() < new DeliverySettings().LongestRest, $"{status.ParkedUntil}");
            }

            await day.DeliverAsync();
            Assert.Equal(key, Assert.Single(day.Receiver.Effects(effects)).Key);
        }
    }

    [Fact]
    [Trait("Fault", "H5")]
    [Trait("Fault", "H6")]
    public async Task While_the_receiver_is_closed_nothing_reaches_it_not_even_a_question_and_until_when_is_shown()
    {
        await using var day = await FaultDay.StartAsync(120, Closed(("From", "22:00"), ("To", "02:00"), ("Why", "bảo trì hằng đêm")));
        NetworkFaults.MoveServices(day);
        var evening = Tonight(day, 21, 50);
        day.Clock.MoveTo(evening);
        day.Fail(new FaultRule { Mode = FaultModes.CommitThenDrop, Service = ServiceNames.Dossiers, Times = 1 });
        day.Set(("Delivery__Settle", "00:10:00"), ("Delivery__Lease", "00:30:00"));
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Dossiers, PipelineNames.Progress);
        await day.WorkUntilAsync(async () => await day.CountAsync(PipelineNames.Dossiers, RecordState.Unknown) > 0);

        // Ten past ten: look-ups are due, and wait as everything else does.
        day.Clock.MoveTo(evening.AddMinutes(20));
        var calls = day.Receiver.Requests().Count;
        day.Province.EditOneDossier();
        await day.SyncAsync(PipelineNames.Dossiers);
        await day.WorkInVainAsync();
        Assert.Equal(calls, day.Receiver.Requests().Count);
        var until = evening.AddMinutes(10).AddHours(4);
        var shown = TimeZoneInfo.ConvertTime(until, Vietnam).ToString("dd/MM/yyyy HH:mm", CultureInfo.InvariantCulture);
        (await day.TypeAsync("status")).Is(0, $"Nơi nhận đóng cửa đến {shown} (bảo trì hằng đêm)", "bản ghi chờ trong sổ");
        Assert.Equal(until, (await day.StatusAsync(PipelineNames.Dossiers)).ParkedUntil);

        // Another receiver is open.
        await day.SyncAsync(PipelineNames.Services);
        await day.WorkUntilAsync(async () => await day.CountAsync(PipelineNames.Services, RecordState.Acknowledged) == 254);
        Assert.Equal(0, day.Calls(ServiceNames.FindDossier));

        // After midnight it is still the same night; at two it opens by itself.
        day.Clock.MoveTo(until.AddSeconds(-30));
        await day.WorkInVainAsync();
        Assert.Equal(0, day.Calls(ServiceNames.FindDossier));
        day.Clock.MoveTo(until);
        await day.DeliverAsync();
        day.AssertNothingTwice();
        Assert.True(day.Calls(ServiceNames.FindDossier) > 0);
        Assert.Equal(Expectations.Read(day.Province).Single(e => e.Pipeline == PipelineNames.Dossiers).Acknowledged + 1, day.Receiver.Effects().Count(e => e.Service == ServiceNames.Dossiers));
    }

    [Fact]
    [Trait("Fault", "H6")]
    public async Task Closing_hours_that_are_taken_back_end_the_rest_they_began()
    {
        await using var day = await FaultDay.StartAsync(120, Closed(("From", "2020-01-01"), ("To", "2099-12-31"), ("Why", "nhập nhầm năm")));
        await day.OpenAsync();
        await day.SyncAsync();
        await day.WorkUntilRestsAsync(PipelineNames.Dossiers);
        (await day.TypeAsync("explain", PipelineNames.Dossiers, day.Clean(PipelineNames.Dossiers))).Is(1, "Nơi nhận đóng cửa đến 01/01/2100 00:00 (nhập nhầm năm)");
        Assert.Empty(day.Receiver.Requests());

        day.Set(Closed(("From", null), ("To", null), ("Why", null)));
        await day.OpenAsync();
        await day.DeliverAsync();
        await day.AssertAllAsExpectedAsync();
    }

    [Theory]
    [InlineData("25:00", "02:00", "Connections:Portal:Closed:0:From và To phải cùng là giờ (22:00)")]
    [InlineData("22:00", "2026-02-22", "phải cùng là giờ (22:00), cùng là ngày (2026-02-17)")]
    [InlineData("2026-02-22", "2026-02-17", "Connections:Portal:Closed:0:To phải sau From.")]
    [InlineData("22:00", "22:00", "trùng nhau")]
    [InlineData("22:00", null, "Thiếu Connections:Portal:Closed:0:To.")]
    [Trait("Fault", "H6")]
    public async Task Closing_hours_that_make_no_sense_are_refused_by_check(string from, string? to, string said)
    {
        await using var day = await FaultDay.StartAsync(120, Closed(("From", from), ("To", to)));
        (await day.TypeAsync("check")).Is(2, said);
    }

    [Fact]
    [Trait("Fault", "H7")]
    public async Task A_backlog_released_at_once_keeps_to_the_rate_and_the_concurrency_by_the_receivers_own_clock()
    {
        const int Rate = 20;
        await using var day = await FaultDay.StartAsync(120, ("Connections__Portal__RequestsPerSecond", $"{Rate}"), ("Connections__Portal__MaxConcurrency", "3"), ("Delivery__InFlight", "16"));
        await using var proxy = new ChaosProxy(day.Receiver.Url);
        day.Set(("Connections__Portal__Url", proxy.Url));
        day.Batch(PipelineNames.Services, 4);
        day.Batch(PipelineNames.Dossiers, 6);
        day.Fail(new FaultRule { Mode = FaultModes.Slow, DelayMs = 20 });
        await day.OpenAsync();
        await day.SyncAsync(PipelineNames.Services, PipelineNames.Dossiers);
        await day.DeliverAsync();

        var arrivals = day.Receiver.Requests().Select(r => r.Time).Order().ToArray();
        Assert.True(arrivals.Length > 60, $"{arrivals.Length}");

        // Calls may bunch up on a busy machine's way; over a stretch of forty this does not matter.
        for (var i = 40; i < arrivals.Length; i++)
        {
            Assert.True((arrivals[i] - arrivals[i - 40]).TotalSeconds > 0.7 * 40 / Rate, $"40 calls in {(arrivals[i] - arrivals[i - 40]).TotalSeconds} s");
        }

        Assert.InRange(proxy.MostAtOnce, 1, 3);
    }

    private static (string, string?)[] Closed(params (string Name, string? Value)[] values) => [.. values.Select(v => ($"Connections__Portal__Closed__0__{v.Name}", v.Value))];

    private static DateTimeOffset Tonight(FaultDay day, int hour, int minute)
    {
        var today = TimeZoneInfo.ConvertTime(day.Clock.GetUtcNow(), Vietnam);
        return new DateTimeOffset(today.Year, today.Month, today.Day, hour, minute, 0, today.Offset).AddDays(1);
    }
}
