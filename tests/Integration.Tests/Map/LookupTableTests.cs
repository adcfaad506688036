using System.Text;
using CsCheck;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

public sealed class LookupTableTests
{
    [Fact]
    public void A_table_gives_the_result_of_a_code()
    {
        var table = MapRig.Lookup("dossier-status", "from,to,name\nnew,1,Mới đăng ký\ndone,10,Đã trả kết quả\n");

        Assert.Equal("dossier-status", table.Name);
        Assert.Equal(["to", "name"], table.Columns);
        Assert.Equal(2, table.Count);
        Assert.False(table.IsDated);
        Assert.Equal("10", table.Value(table.Find("done"u8, ""u8, null), 0).ToString());
        Assert.Equal("Đã trả kết quả", table.Value(table.Find("done"u8, ""u8, null), 1).ToString());
        Assert.Equal(LookupOutcome.NoRow, table.Find("Done"u8, ""u8, null).Outcome);
    }

    [Fact]
    public void A_blank_result_is_not_the_same_as_no_row()
    {
        var table = MapRig.Lookup("fees", "from,to\nnone,\n");

        Assert.Equal(LookupOutcome.Found, table.Find("none"u8, ""u8, null).Outcome);
        Assert.Equal("", table.Value(table.Find("none"u8, ""u8, null), 0).ToString());
        Assert.Equal(LookupOutcome.NoRow, table.Find("other"u8, ""u8, null).Outcome);
    }

    [Fact]
    public void The_merger_of_2025_07_01_is_two_rows_of_one_code()
    {
        var table = MapRig.Lookup("agencies", "from,to,valid_from,valid_to\nBAC,H22,,2025-06-30\nBAC,H60,2025-07-01,\n");

        Assert.True(table.IsDated);
        Assert.Equal("H22", table.Value(table.Find("BAC"u8, ""u8, new DateOnly(2025, 6, 30)), 0).ToString());
        Assert.Equal("H60", table.Value(table.Find("BAC"u8, ""u8, new DateOnly(2025, 7, 1)), 0).ToString());
    }

    [Fact]
    public void A_code_that_was_not_valid_then_tells_when_it_is()
    {
        var table = MapRig.Lookup("agencies", "from,to,valid_from,valid_to\nBAC,H22,2021-01-01,2025-06-30\nBAC,H60,2026-01-01,\n");

        Assert.Equal(LookupOutcome.NotValidThen, table.Find("BAC"u8, ""u8, new DateOnly(2025, 9, 1)).Outcome);
        Assert.Equal("2021-01-01..2025-06-30, 2026-01-01..", table.ValidityOf("BAC"u8, ""u8));
    }

    [Fact]
    public void A_split_needs_the_second_code()
    {
        var table = MapRig.Lookup("wards", "from,from2,to\n02269,A,08001\n02269,B,08002\n");

        Assert.True(table.HasSecondKey);
        Assert.Equal("08002", table.Value(table.Find("02269"u8, "B"u8, null), 0).ToString());
        Assert.Equal(LookupOutcome.NoRow, table.Find("02269"u8, ""u8, null).Outcome);
        Assert.Equal(LookupOutcome.NoRow, table.Find("02269B"u8, ""u8, null).Outcome);
    }

    [Fact]
    public void Codes_are_compared_in_nfc_and_without_white_space_around_them()
    {
        var table = MapRig.Lookup("kinds", $"from,to\n\u00A0{"Cấp mới".Normalize(NormalizationForm.FormD)} ,1\n");

        Assert.Equal(LookupOutcome.Found, table.Find("Cấp mới"u8, ""u8, null).Outcome);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_column()
    {
        Assert.Equal(1, MapRig.Lookup("a", "\uFEFFfrom,to\n1,2\n").Count);
    }

    [Fact]
    public void The_version_changes_with_the_bytes()
    {
        var one = MapRig.Lookup("a", "from,to\n1,2\n");

        Assert.Equal(one.Version, MapRig.Lookup("a", "from,to\n1,2\n").Version);
        Assert.NotEqual(one.Version, MapRig.Lookup("a", "from,to\n1,3\n").Version);
        Assert.NotEqual(MapRig.Set(one).Version, MapRig.Set(one, MapRig.Lookup("b", "from,to\n")).Version);
    }

    [Fact]
    public void Every_mistake_is_told_at_once_with_its_line()
    {
        var faults = Faults("""
            from,to,valid_from,valid_to
            a,1,2025-01-01,2025-12-31
            a,2,2025-12-31,
            ,3,,
            b,4,01/02/2025,
            c,5,2025-02-01,2025-01-01
            d,6
            e,7,,
            e,8,,
            """);

        Assert.Equal([3, 4, 5, 6, 7, 9], faults.Select(f => f.At.Line).Order());
        Assert.All(faults, f => Assert.Equal("lookups/t.csv", f.At.File));
        Assert.Contains("line 2", faults.Single(f => f.At.Line == 3).What.En, StringComparison.Ordinal);
        Assert.Contains("01/02/2025", faults.Single(f => f.At.Line == 5).What.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_row_hides_no_overlap_with_a_later_one()
    {
        var fault = Assert.Single(Faults("from,to,valid_from,valid_to\na,1,2020-01-01,2029-12-31\na,2,2021-01-01,2021-12-31\n").Take(1));
        var twice = Faults("from,to,valid_from,valid_to\na,1,2020-01-01,2029-12-31\na,2,2021-01-01,2021-12-31\na,3,2025-01-01,2025-12-31\n");

        Assert.Equal(3, fault.At.Line);
        Assert.Equal([3, 4], twice.Select(f => f.At.Line));
    }

    [Theory]
    [InlineData("from,two\n1,2\n", "'to' is missing")]
    [InlineData("From,to\n1,2\n", "there is 'From'")]
    [InlineData("from,to,valid_form\n1,2,\n", "valid_from")]
    [InlineData("from,to,to\n1,2,3\n", "twice")]
    [InlineData("from,,to\n1,2,3\n", "no name")]
    [InlineData("", "empty")]
    [InlineData("from,to\n\"1,2\n", "quote")]
    [InlineData("from,to\n1,\"2\n3,4\n", "quote")]
    [InlineData("from,to\n1,a\"2\"\n", "quote")]
    [InlineData("from,to\n1,a\u0007b\n", "control")]
    public void A_broken_file_is_refused(string csv, string says)
    {
        Assert.Contains(Faults(csv), f => f.What.En.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_with_their_line()
    {
        using var file = new TempFile([.. "from,to\na,1\nb,"u8, 0xFF, .. "\n"u8], "t.csv");
        var faults = new List<Fault>();

        Assert.Null(LookupTable.Read(file.Path, "lookups/t.csv", faults));
        Assert.Equal(3, Assert.Single(faults).At.Line);
    }

    [Fact]
    public void A_missing_file_is_a_fault_and_no_exception()
    {
        var faults = new List<Fault>();

        Assert.Null(LookupTable.Read("/nowhere/t.csv", "lookups/t.csv", faults));
        Assert.Single(faults);
    }

    [Fact]
    public void A_row_over_several_lines_is_named_by_its_first()
    {
        Assert.Equal(4, Assert.Single(Faults("from,to,name\na,1,\"two\nlines\"\nb,2\n")).At.Line);
    }

    [Fact]
    public void On_every_day_the_row_is_the_one_a_plain_search_finds()
    {
        var start = new DateOnly(2020, 1, 1);
        Gen.Select(Gen.Int[1, 40].Array[1, 8], Gen.Int[0, 10].Array[8], Gen.Int[-5, 400]).Sample((lengths, gaps, probe) =>
        {
            var day = start;
            var rows = new List<(DateOnly From, DateOnly To, int Value)>();
            for (var i = 0; i < lengths.Length; i++)
            {
                day = day.AddDays(gaps[i]);
                rows.Add((day, day.AddDays(lengths[i] - 1), i));
                day = day.AddDays(lengths[i]);
            }

            var csv = "from,to,valid_from,valid_to\n" + string.Concat(rows.AsEnumerable().Reverse().Select(r => $"a,{r.Value},{r.From:yyyy-MM-dd},{r.To:yyyy-MM-dd}\n"));
            var table = MapRig.Lookup("t", csv);
            var asOf = start.AddDays(probe);
            var expected = rows.Where(r => r.From <= asOf && asOf <= r.To).Select(r => $"{r.Value}").SingleOrDefault();
            var hit = table.Find("a"u8, ""u8, asOf);
            Assert.Equal(expected, hit.Outcome == LookupOutcome.Found ? table.Value(hit, 0).ToString() : null);
        }, iter: 300);
    }

    private static List<Fault> Faults(string csv)
    {
        using var file = new TempFile(csv, "t.csv");
        var faults = new List<Fault>();
        Assert.Null(LookupTable.Read(file.Path, "lookups/t.csv", faults));
        return faults;
    }
}
