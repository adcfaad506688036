using System.Globalization;
using CsCheck;
using Integration.Map;
using Xunit;

namespace Integration.Tests.Map;

public sealed class DateTests
{
    [Theory]
    [InlineData("2025-07-02", "2025-07-02T00:00:00.0000000", false, false)]
    [InlineData("2025-07-02 08:05", "2025-07-02T08:05:00.0000000", true, false)]
    [InlineData("2025-07-02T08:05:09", "2025-07-02T08:05:09.0000000", true, false)]
    [InlineData("2025-07-02T08:05:09.123456", "2025-07-02T08:05:09.1234560", true, false)]
    [InlineData("2025-07-02T08:05:09Z", "2025-07-02T08:05:09.0000000", true, true)]
    [InlineData("2025-07-02 08:05:09+07:00", "2025-07-02T01:05:09.0000000", true, true)]
    [InlineData("2024-02-29T23:59:59.9999999-05:30", "2024-03-01T05:29:59.9999999", true, true)]
    public void Iso_dates_are_read_as_they_stand(string text, string wall, bool hasTime, bool isInstant)
    {
        Assert.True(IsoDate.TryParse(text, out var date));
        Assert.Equal((wall, hasTime, isInstant), (date.Wall.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture), date.HasTime, date.IsInstant));
    }

    [Theory]
    [InlineData("2025-02-30")]
    [InlineData("2025-13-01")]
    [InlineData("0000-01-01")]
    [InlineData("20226-01-01")]
    [InlineData("02/07/2025")]
    [InlineData("2025-7-2")]
    [InlineData("2025-07-02 24:00")]
    [InlineData("2025-07-02 08:60")]
    [InlineData("2025-07-02 08:05:60")]
    [InlineData("2025-07-02 08")]
    [InlineData("2025-07-02 08:05:09.")]
    [InlineData("2025-07-02 08:05:09.12345678")]
    [InlineData("2025-07-02 08:05:09+7")]
    [InlineData("2025-07-02 08:05:09 +07:00")]
    [InlineData("2025-07-02Z")]
    [InlineData("2025-07-02 08:05 PM")]
    [InlineData("٢٠٢٥-07-02")]
    [InlineData("")]
    public void Anything_else_is_refused(string text) => Assert.False(IsoDate.TryParse(text, out _));

    [Fact]
    public void Every_date_reads_back_to_the_tick()
    {
        Gen.DateTime.Sample(
            date => Assert.True(IsoDate.TryParse(date.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture), out var read) && read.Wall.Ticks == date.Ticks),
            iter: 5_000);
    }

    [Fact]
    public void No_text_breaks_the_reader()
    {
        Gen.Char["0123456789-:TZ+. /"].Array[0, 35].Sample(chars =>
        {
            if (IsoDate.TryParse(chars, out var date))
            {
                Assert.InRange(date.Wall.Year, 1, 9999);
            }
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("yyyyMMddHHmmss", true)]
    [InlineData("yyyyMMdd", false)]
    [InlineData("yyyy-MM-ddTHH:mm:ss.fff", true)]
    [InlineData("M-yyyy", false)]
    [InlineData("dd 'tháng' MM", false)]
    public void Good_formats_are_known(string format, bool hasTime)
    {
        Assert.Null(DateFormat.FlawForWriting(format));
        Assert.Equal(hasTime, DateFormat.HasTimeOfDay(format));
    }

    [Theory]
    [InlineData("yyyyMMddHHMMss")]
    [InlineData("yyyymmdd")]
    [InlineData("yyyyMMddhhmmss")]
    [InlineData("yyyy-MM-ddTHH:mm:sszzz")]
    [InlineData("yyyy-MM-ddTHH:mm:ssK")]
    [InlineData("d")]
    [InlineData("O")]
    [InlineData("")]
    [InlineData("'abc'")]
    [InlineData("yyyy'MM")]
    public void Formats_that_would_write_something_else_are_refused(string format) => Assert.NotNull(DateFormat.FlawForWriting(format));

    [Theory]
    [InlineData("MM/yyyy")]
    [InlineData("dd/MM/yy")]
    [InlineData("HH:mm")]
    public void A_form_to_read_must_name_one_day(string format) => Assert.NotNull(DateFormat.FlawForReading(format));
}
