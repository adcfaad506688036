using System.Text;
using Demo.Province;
using Xunit;

namespace Integration.Tests.Demo.Province;

/// <summary>The report is compared with the data itself, in both directions: what it lists is there, and nothing else is.</summary>
public sealed class DirtReportTests(WholeProvince whole) : IClassFixture<WholeProvince>
{
    private static readonly string _statuses = string.Join(',', Trail.Statuses.Select(s => $"'{s}'"));

    [Fact]
    public void Procedures_without_a_row_in_the_lookup_are_those_it_lists()
    {
        var mapped = File.ReadLines(Path.Combine(whole.Province.Mappings, "lookups", "procedures.csv")).Skip(1).Select(l => l.Split(',')[0]).ToHashSet();
        Same("dossiers", DirtKind.UnmappedProcedure, whole.Rows("SELECT dossier_no, procedure_code FROM dossier").Where(r => !mapped.Contains(r[1]!)).Select(r => r[0]!));
    }

    [Fact]
    public void Unknown_statuses_are_those_it_lists()
    {
        Same("dossiers", DirtKind.UnknownStatus, Keys($"SELECT dossier_no FROM dossier WHERE status NOT IN ({_statuses})"));
        Same("progress", DirtKind.UnknownStatus, Keys($"SELECT step_id FROM progress WHERE status NOT IN ({_statuses})"));
    }

    [Fact]
    public void Missing_fields_are_those_it_lists()
    {
        Same("dossiers", DirtKind.MissingField, Keys("SELECT dossier_no FROM dossier WHERE received_at IS NULL"));
        Same("progress", DirtKind.MissingField, Keys("SELECT step_id FROM progress WHERE content IS NULL"));
    }

    [Fact]
    public void Texts_too_long_after_normalising_are_those_it_lists_and_some_have_exactly_the_limit()
    {
        var notes = whole.Rows("SELECT dossier_no, note FROM dossier WHERE note IS NOT NULL").Select(r => (Key: r[0]!, r[1]!.Normalize().Length)).ToList();
        Same("dossiers", DirtKind.TooLong, notes.Where(n => n.Length > 2000).Select(n => n.Key));
        Assert.Contains(notes, n => n.Length == 2000);
        Same("progress", DirtKind.TooLong, whole.Rows("SELECT step_id, handler FROM progress").Where(r => r[1]!.Normalize().Length > 50).Select(r => r[0]!));
    }

    [Fact]
    public void Decomposed_notes_are_longer_than_the_limit_until_they_are_normalised() =>
        Assert.All(
            whole.Province.Dirt.Planted.Where(p => p.Pipeline == "dossiers" && p.Kind == DirtKind.Decomposed),
            p => Assert.True(whole.Rows($"SELECT note FROM dossier WHERE dossier_no = '{p.Key}'").Single()[0]!.Length > 2000));

    [Fact]
    public void Fees_that_are_no_number_are_those_it_lists() =>
        Same("dossiers", DirtKind.FeeInWords, Keys("SELECT DISTINCT dossier_no FROM dossier_fee WHERE typeof(amount) <> 'integer'"));

    [Theory]
    [InlineData("services", "service", "service_code")]
    [InlineData("dossiers", "dossier", "dossier_no")]
    [InlineData("progress", "progress", "step_id")]
    public void Control_characters_and_decomposed_texts_are_those_it_lists(string pipeline, string table, string key)
    {
        var controls = new HashSet<string>();
        var decomposed = new HashSet<string>();
        foreach (var row in whole.Rows($"SELECT {key}, * FROM {table}"))
        {
            foreach (var text in row.Where(c => c is not null).Select(c => c!))
            {
                _ = text.Any(char.IsControl) && controls.Add(row[0]!);
                _ = !text.IsNormalized(NormalizationForm.FormC) && decomposed.Add(row[0]!);
            }
        }

        Same(pipeline, DirtKind.ControlCharacter, controls);
        Same(pipeline, DirtKind.Decomposed, decomposed);
    }

    [Theory]
    [InlineData("agency")]
    [InlineData("service_agency")]
    [InlineData("service_fee")]
    [InlineData("dossier_fee")]
    [InlineData("dossier_attachment")]
    [InlineData("dossier_result")]
    public void Tables_beside_the_records_hold_clean_text_only(string table) =>
        Assert.All(whole.Rows($"SELECT * FROM {table}").SelectMany(r => r).Where(c => c is not null), c => Assert.True(c!.IsNormalized() && !c.Any(char.IsControl)));

    [Fact]
    public void Nothing_in_it_points_to_a_real_host_person_or_phone()
    {
        foreach (var (table, column) in (ReadOnlySpan<(string, string)>)[("dossier_attachment", "url"), ("dossier_result", "url"), ("service", "submit_url")])
        {
            Assert.All(whole.Rows($"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"), r => Assert.EndsWith(".example", new Uri(r[0]!).Host, StringComparison.Ordinal));
        }

        Assert.Equal(0, whole.Number("SELECT count(*) FROM dossier WHERE email NOT LIKE '%@mau.example'"));
        Assert.Equal(0, whole.Number("SELECT count(*) FROM dossier WHERE phone NOT GLOB '0900000[0-9][0-9][0-9]'"));
        Assert.Equal(0, whole.Number("SELECT count(*) FROM dossier WHERE owner_id_kind = 'cccd' AND (length(owner_id_no) <> 12 OR owner_id_no NOT LIKE '099%')"));
        Assert.Equal(0, whole.Number("SELECT count(*) FROM dossier WHERE owner_id_kind = 'cmnd' AND (length(owner_id_no) <> 9 OR owner_id_no NOT LIKE '999%')"));
        Assert.Equal(0, whole.Number("SELECT count(*) FROM dossier WHERE owner_id_kind NOT IN ('cccd', 'cmnd')"));
    }

    private IEnumerable<string> Keys(string sql) => whole.Rows(sql).Select(r => r[0]!);

    private void Same(string pipeline, DirtKind kind, IEnumerable<string> found) => Assert.Equal(
        whole.Province.Dirt.Planted.Where(p => p.Pipeline == pipeline && p.Kind == kind).Select(p => p.Key).Order(StringComparer.Ordinal),
        found.Order(StringComparer.Ordinal));
}
