using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

public sealed class MapperDateTests
{
    private static readonly ColumnField Compact = MapRig.From("NgayTiepNhan", "c") with { Format = "yyyyMMddHHmmss" };
    private static readonly ColumnField Day = MapRig.From("NgaySinh", "c") with { Format = "yyyyMMdd" };

    [Fact]
    public void A_local_time_is_written_as_it_stands()
    {
        Assert.Equal("\"20250702080509\"", MapRig.Value(Compact, new DateTime(2025, 7, 2, 8, 5, 9)));
    }

    [Fact]
    public void A_moment_is_written_in_the_zone_of_the_pipeline()
    {
        Assert.Equal("\"20250701070000\"", MapRig.Value(Compact, new DateTime(2025, 7, 1, 0, 0, 0, DateTimeKind.Utc)));
        Assert.Equal("\"20250701\"", MapRig.Value(Day, new DateTime(2025, 6, 30, 17, 0, 0, DateTimeKind.Utc)));
        Assert.Equal("\"20250630\"", MapRig.Value(Day, new DateTime(2025, 6, 30, 16, 59, 59, DateTimeKind.Utc)));
    }

    // Asia/Ho_Chi_Minh was eight hours ahead until 1975-06-13.
    [Theory]
    [InlineData(1970)]
    [InlineData(1973)]
    [InlineData(1975)]
    public void A_day_before_the_zone_changed_stays_that_day(int year)
    {
        for (var day = new DateOnly(year, 1, 1); day.Year == year; day = day.AddDays(1))
        {
            Assert.Equal($"\"{day:yyyyMMdd}\"", MapRig.Value(Day, day));
            Assert.Equal($"\"{day:yyyyMMdd}\"", MapRig.Value(Day, $"{day:yyyy-MM-dd}"));
            Assert.Equal($"\"{day:yyyyMMdd}\"", MapRig.Value(Day with { Parse = "dd/MM/yyyy" }, day.ToString("dd/MM/yyyy", null as IFormatProvider).Replace('-', '/')));
        }
    }

    [Fact]
    public void A_moment_before_the_zone_changed_is_eight_hours_ahead()
    {
        Assert.Equal("\"19750601080000\"", MapRig.Value(Compact, new DateTime(1975, 6, 1, 0, 0, 0, DateTimeKind.Utc)));
        Assert.Equal("\"19750701070000\"", MapRig.Value(Compact, new DateTime(1975, 7, 1, 0, 0, 0, DateTimeKind.Utc)));
    }

    [Theory]
    [InlineData("2025-07-02 08:05:09", "\"20250702080509\"")]
    [InlineData("2025-07-02T08:05", "\"20250702080500\"")]
    [InlineData("2025-07-02T01:05:09Z", "\"20250702080509\"")]
    [InlineData(" 2025-07-02T08:05:09.999999+07:00 ", "\"20250702080509\"")]
    public void Iso_text_is_read_without_being_told(string text, string json) => Assert.Equal(json, MapRig.Value(Compact, text));

    [Fact]
    public void Another_form_must_be_declared()
    {
        Assert.Equal("\"20260201143000\"", MapRig.Value(Compact with { Parse = "dd/MM/yyyy HH:mm" }, "01/02/2026 14:30"));
        Assert.Equal("\"20260201\"", MapRig.Value(Day with { Parse = "yyyyMMdd" }, 20260201));
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact, "01/02/2026 14:30").Rule);
        Assert.Equal("dd/MM/yyyy", MapRig.Refusal(Day with { Parse = "dd/MM/yyyy" }, "2026-02-01").Detail);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Day with { Parse = "dd/MM/yyyy" }, "30/02/2026").Rule);
    }

    [Fact]
    public void A_day_is_never_given_a_time_of_day()
    {
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact, new DateOnly(2025, 7, 2)).Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact, "2025-07-02").Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact with { Parse = "dd/MM/yyyy" }, "02/07/2025").Rule);
    }

    [Theory]
    [InlineData(1898)]
    [InlineData(2101)]
    [InlineData(1)]
    [InlineData(9999)]
    public void A_year_nobody_can_mean_is_refused(int year)
    {
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Day, new DateOnly(year, 12, 31)).Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact, new DateTime(year, 12, 31, 23, 59, 59, DateTimeKind.Utc)).Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact, new DateTime(year, 1, 1, 0, 0, 0)).Rule);
    }

    [Fact]
    public void The_first_and_the_last_moment_of_the_calendar_are_refused_and_break_nothing()
    {
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact, DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc)).Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Compact, DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)).Rule);
    }

    [Fact]
    public void A_blank_date_is_blank()
    {
        Assert.Equal("\"\"", MapRig.Value(Compact, null));
        Assert.Equal("\"\"", MapRig.Value(Compact, "  "));
    }

    [Fact]
    public void A_date_without_a_format_is_refused()
    {
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(MapRig.From("F", "c"), new DateTime(2025, 7, 2)).Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(MapRig.From("F", "c"), new DateOnly(2025, 7, 2)).Rule);
    }

    [Fact]
    public void A_flag_or_a_number_is_no_date()
    {
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Day, true).Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Day, 20250702).Rule);
        Assert.Equal(Rules.BadFormat.Code, MapRig.Refusal(Day with { Parse = "yyyyMMdd" }, 1.5m).Rule);
    }

    [Fact]
    public void A_birthday_is_not_shown()
    {
        var rejection = MapRig.Refusal(Day, "31/12/1980", personal: ["NgaySinh"]);

        Assert.Equal("***980", rejection.MaskedValue);
        Assert.DoesNotContain("31/12", rejection.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_format_outgrows_no_buffer()
    {
        var text = new string('x', 3000);

        Assert.Equal($"\"2025{text}\"", MapRig.Value(Day with { Format = $"yyyy'{text}'" }, new DateOnly(2025, 1, 1)));
    }
}
