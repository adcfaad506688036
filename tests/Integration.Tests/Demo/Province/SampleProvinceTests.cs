using Demo.Province;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Demo.Province;

public sealed class SampleProvinceTests(WholeProvince whole) : IClassFixture<WholeProvince>
{
    [Fact]
    public void The_catalogue_has_1632_services_835_of_them_online_and_254_integrated()
    {
        Assert.Equal(1632, whole.Number("SELECT count(*) FROM service"));
        Assert.Equal(1632, whole.Number("SELECT count(DISTINCT procedure_code) FROM service"));
        Assert.Equal(1632, whole.Number("SELECT count(DISTINCT service_name) FROM service"));
        Assert.Equal(835, whole.Number("SELECT count(*) FROM service WHERE service_level IN ('toan-trinh', 'mot-phan', '3', '4')"));
        Assert.Equal(254, whole.Number("SELECT count(*) FROM service WHERE integrated = 1"));
        Assert.Equal(0, whole.Number("SELECT count(*) FROM service WHERE integrated = 1 AND service_level = '2'"));
    }

    [Fact]
    public void Twenty_thousand_dossiers_have_about_eighty_thousand_steps()
    {
        Assert.Equal(20_000, whole.Number("SELECT count(*) FROM dossier"));
        Assert.InRange(whole.Number("SELECT count(*) FROM progress"), 78_000, 82_000);
        Assert.Equal(20_000, whole.Number("SELECT count(DISTINCT dossier_no) FROM progress"));
    }

    [Fact]
    public void The_outcome_of_the_default_seed_is_known_to_the_record()
    {
        var expected = Expectations.Read(whole.Province);

        Assert.Equal(
            [("services", 254L, 254L, 0L, 0L), ("dossiers", 20_000L, 19_650L, 0L, 350L), ("progress", 80_546L, 77_883L, 1_374L, 1_289L)],
            expected.Select(e => (e.Pipeline, e.Extracted, e.Acknowledged, e.Waiting, e.Refused)));
        Assert.Equal(5, expected[0].Planted[DirtKind.Decomposed]);
        Assert.All(DirtKind.All, kind => Assert.Equal(50, expected[1].Planted[kind]));
        Assert.Equal(1_611, expected[2].Planted.Values.Sum());
    }

    [Fact]
    public void The_report_read_back_equals_the_one_it_was_made_with() =>
        Assert.Equal(whole.Province.Dirt.Planted, SampleProvince.Open(whole.Province.Folder).Dirt.Planted);

    [Fact]
    public void Hundred_and_twenty_four_communes_stand_after_the_merger_and_districts_have_no_successor()
    {
        Assert.Equal(124, Agencies.All.Count(a => a.Level == 3 && a.ReceivesOn(Agencies.Merger)));
        Assert.Equal(0, Agencies.All.Count(a => a.Level == 2 && (a.ReceivesOn(Agencies.Merger) || a.Successor is not null)));
        Assert.All(Agencies.All.Where(a => a.Level == 3 && a.Until == Agencies.LastDayBefore), a => Assert.Equal(Agencies.Merger, a.Successor!.Since));
        Assert.Equal(Agencies.All.Count, Agencies.All.Select(a => a.Code).Distinct().Count());
        Assert.Equal(Agencies.All.Count, Agencies.All.Select(a => a.Name).Distinct().Count());
    }

    [Fact]
    public void The_lookups_it_writes_can_be_read_without_a_fault()
    {
        foreach (var (table, codes) in (ReadOnlySpan<(string, int)>)[("agencies", Agencies.All.Count), ("procedures", 1600)])
        {
            var faults = new List<Fault>();
            var read = LookupTable.Read(Path.Combine(whole.Province.Mappings, "lookups", table + ".csv"), table, faults);

            Assert.Empty(faults);
            Assert.InRange(read!.Count, codes, codes * 2);
        }
    }

    [Fact]
    public void The_mappings_are_those_of_the_repository_run_every_minute()
    {
        foreach (var pipeline in PipelineNames.All)
        {
            var copied = Path.Combine(whole.Province.Mappings, pipeline, "pipeline.yaml");
            var ours = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "mappings", pipeline, "pipeline.yaml"));
            Assert.Equal(
                ours.Select(l => l.StartsWith("schedule:", StringComparison.Ordinal) ? "schedule: { cron: \"* * * * *\", zone: Asia/Ho_Chi_Minh }" : l), File.ReadLines(copied));
        }
    }

    [Fact]
    public void A_page_full_of_dossiers_shares_one_stamp_and_others_differ_by_microseconds()
    {
        Assert.Equal(1_000, whole.Number("SELECT count(*) FROM dossier GROUP BY updated_at ORDER BY 1 DESC LIMIT 1"));
        Assert.True(whole.Number("SELECT count(*) FROM dossier WHERE substr(updated_at, 21) NOT IN ('000000') AND substr(updated_at, -3) <> '000'") > 15_000);
    }

    [Fact]
    public void Dates_follow_one_another_and_none_is_younger_than_the_sample()
    {
        Assert.Equal(0, whole.Number("""
            SELECT count(*) FROM dossier
            WHERE submitted_at > received_at OR received_at > due_at OR received_at > finished_at OR finished_at > returned_at
               OR received_at > refused_at OR updated_at >= '2026-07-01' OR updated_at < coalesce(returned_at, finished_at, refused_at, received_at)
            """));
        Assert.Equal(0, whole.Number("""
            SELECT count(*) FROM (SELECT at, updated_at, lag(at) OVER steps AS at_before, lag(updated_at) OVER steps AS updated_before
                                  FROM progress WINDOW steps AS (PARTITION BY dossier_no ORDER BY step_no))
            WHERE at < at_before OR updated_at < updated_before
            """));
        Assert.Equal(0, whole.Number("SELECT count(*) FROM progress WHERE updated_at >= '2026-07-01' OR updated_at < at"));
    }

    [Fact]
    public void The_last_step_of_a_clean_dossier_says_what_the_dossier_says()
    {
        var differing = whole.Rows("""
            SELECT d.dossier_no, p.step_id
            FROM (SELECT dossier_no, step_id, status, row_number() OVER (PARTITION BY dossier_no ORDER BY step_no DESC) AS place FROM progress) p
            JOIN dossier d ON d.dossier_no = p.dossier_no
            WHERE p.place = 1 AND p.status <> d.status
            """).Where(r => whole.Province.Dirt.KindOf("dossiers", r[0]!) != DirtKind.UnknownStatus && whole.Province.Dirt.KindOf("progress", r[1]!) != DirtKind.UnknownStatus);

        Assert.Empty(differing);
    }

    [Fact]
    public void Every_commune_and_department_of_a_dossier_received_on_its_day_or_has_a_successor()
    {
        var agencies = Agencies.All.ToDictionary(a => a.Code);
        foreach (var row in whole.Rows("SELECT dossier_no, agency_code, substr(received_at, 1, 10) FROM dossier WHERE received_at IS NOT NULL"))
        {
            var agency = agencies[row[1]!];
            var known = agency.ReceivesOn(DateOnly.Parse(row[2]!, System.Globalization.CultureInfo.InvariantCulture)) || agency.Successor is not null;
            Assert.Equal(whole.Province.Dirt.KindOf("dossiers", row[0]!) != DirtKind.FormerDistrict, known);
        }
    }
}
