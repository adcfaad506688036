using System.Globalization;
using Integration.Deliver;
using Integration.Tests.Deliver.Dvcqg;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class ClosedTimesTests
{
    [Theory]
    [InlineData("2026-01-31 21:59", null)]
    [InlineData("2026-01-31 22:00", "2026-02-01 02:00")]
    [InlineData("2026-02-01 00:00", "2026-02-01 02:00")]
    [InlineData("2026-02-01 01:59", "2026-02-01 02:00")]
    [InlineData("2026-02-01 02:00", null)]
    [InlineData("2026-12-31 23:30", "2027-01-01 02:00")]
    [InlineData("2026-02-16 23:00", "2026-02-23 02:00")]
    [InlineData("2026-02-19 12:00", "2026-02-23 02:00")]
    [InlineData("2026-02-23 01:00", "2026-02-23 02:00")]
    [InlineData("2026-02-23 12:00", null)]
    [InlineData("2026-04-29 17:59", null)]
    [InlineData("2026-04-29 18:00", "2026-04-30 06:30")]
    [Trait("Fault", "H6")]
    public void Nights_cross_midnight_and_month_end_and_a_holiday_runs_into_the_night_after_it(string local, string? until)
    {
        var times = Read(("From", "22:00"), ("To", "02:00"), ("From", "2026-02-17"), ("To", "2026-02-22"), ("From", "2026-04-29 18:00"), ("To", "2026-04-30 06:30"));
        Assert.Equal(until is null ? null : At(until), times.At(At(local))?.Until);
    }

    [Fact]
    [Trait("Fault", "H6")]
    public void A_day_that_is_closed_from_noon_to_noon_is_refused()
    {
        var mistake = Assert.Throws<SettingsException>(() => Read(("From", "12:00"), ("To", "00:00"), ("From", "00:00"), ("To", "12:00")));
        Assert.Contains("không bao giờ mở cửa", Assert.Single(mistake.Faults).Vi, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(string local) => new(DateTime.ParseExact(local, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), TimeSpan.FromHours(7));

    private static ClosedTimes Read(params (string Name, string Value)[] settings)
    {
        var read = new Settings(PortalStub.Section([.. settings.Select((s, i) => ($"Closed:{i / 2}:{s.Name}", s.Value))]));
        var times = ClosedTimes.Read(read);
        read.Finish();
        return times;
    }
}
