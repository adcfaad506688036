using Demo.Province;
using Xunit;

namespace Integration.Tests.Demo.Province;

public sealed class EditsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("province-").FullName;
    private readonly SampleProvince _province;

    public EditsTests() => _province = SampleProvince.Create(_folder, dossiers: 200);

    [Fact]
    public void An_edited_dossier_is_clean_and_becomes_the_youngest()
    {
        var no = _province.EditOneDossier(note: "Đã bổ sung.");

        Assert.Null(_province.Dirt.KindOf("dossiers", no));
        Assert.Equal([no, "Đã bổ sung."], WholeProvince.Rows(_province, "SELECT dossier_no, note FROM dossier ORDER BY updated_at DESC LIMIT 1").Single());
    }

    [Fact]
    public void Editing_again_is_younger_again()
    {
        var no = _province.EditOneDossier(note: "Một.");
        var before = WholeProvince.Rows(_province, $"SELECT updated_at FROM dossier WHERE dossier_no = '{no}'").Single()[0];
        _province.EditOneDossier(no, "Hai.");

        Assert.True(string.CompareOrdinal(WholeProvince.Rows(_province, $"SELECT updated_at FROM dossier WHERE dossier_no = '{no}'").Single()[0], before) > 0);
    }

    [Fact]
    public void A_dossier_that_is_not_there_cannot_be_edited() =>
        Assert.Throws<InvalidOperationException>(() => _province.EditOneDossier("H60-000000-0000"));

    [Fact]
    public void Added_dossiers_have_numbers_of_their_own_and_bring_their_papers()
    {
        var first = _province.AddDossier();
        var second = _province.AddDossier();

        Assert.Matches("-9001$", first);
        Assert.Matches("-9002$", second);
        Assert.Equal(202, WholeProvince.Number(_province, "SELECT count(*) FROM dossier"));
        Assert.NotEqual(0, WholeProvince.Number(_province, $"SELECT count(*) FROM dossier_attachment WHERE dossier_no = '{second}'"));
    }

    [Fact]
    public void A_step_is_added_after_the_last_one()
    {
        var no = _province.EditOneDossier();
        var id = _province.AddStep(no);

        Assert.Equal([id], WholeProvince.Rows(_province, $"SELECT step_id FROM progress WHERE dossier_no = '{no}' ORDER BY step_no DESC LIMIT 1").Single());
        Assert.Equal([id], WholeProvince.Rows(_province, "SELECT step_id FROM progress ORDER BY updated_at DESC LIMIT 1").Single());
    }

    [Fact]
    public void A_corrected_status_is_one_that_the_lookup_knows()
    {
        var no = _province.Dirt.Planted.First(p => p.Pipeline == "dossiers" && p.Kind == DirtKind.UnknownStatus).Key;
        _province.CorrectStatus(no);

        Assert.Equal(["dang-xu-ly"], WholeProvince.Rows(_province, $"SELECT status FROM dossier WHERE dossier_no = '{no}'").Single());
    }

    [Fact]
    public void A_deleted_service_leaves_no_children_behind()
    {
        var code = _province.DeleteService();

        Assert.Equal(253, WholeProvince.Number(_province, "SELECT count(*) FROM service WHERE integrated = 1"));
        Assert.Equal(0, WholeProvince.Number(_province, $"SELECT count(*) FROM service_agency WHERE service_code = '{code}'"));
        Assert.Equal(0, WholeProvince.Number(_province, $"SELECT count(*) FROM service_channel WHERE service_code = '{code}'"));
    }

    [Fact]
    public void The_same_seed_makes_the_same_province_and_another_seed_another()
    {
        var again = Directory.CreateTempSubdirectory("province-").FullName;
        try
        {
            var same = Dump(SampleProvince.Create(again, dossiers: 200));
            Assert.Equal(Dump(_province), same);
            Assert.NotEqual(same, Dump(SampleProvince.Create(again, dossiers: 200, seed: 61)));
        }
        finally
        {
            Directory.Delete(again, recursive: true);
        }
    }

    [Fact]
    public void Clearing_takes_only_what_was_made()
    {
        File.WriteAllText(Path.Combine(_folder, "notes.txt"), "mine");
        SampleProvince.Clear(_folder);

        Assert.Equal(["notes.txt"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Dump(SampleProvince province)
    {
        var dump = new System.Text.StringBuilder();
        foreach (var table in (ReadOnlySpan<string>)["service", "service_agency", "service_channel", "service_fee", "agency", "dossier", "dossier_fee", "dossier_attachment", "dossier_result", "progress"])
        {
            foreach (var row in WholeProvince.Rows(province, $"SELECT * FROM {table} ORDER BY rowid"))
            {
                dump.AppendJoin('|', row).Append('\n');
            }
        }

        foreach (var file in (ReadOnlySpan<string>)["planted.csv", "mappings/lookups/agencies.csv", "mappings/lookups/procedures.csv"])
        {
            dump.Append(File.ReadAllText(Path.Combine(province.Folder, file)));
        }

        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(dump.ToString())));
    }
}
