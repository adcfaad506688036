using Demo.Province;
using Integration.Records;
using Spectre.Console;

namespace Demo.Screen;

/// <summary>What stands in the sample province before anything is sent, and what must become of it.</summary>
internal sealed class ProvinceScreen(IAnsiConsole console, Language language)
{
    private readonly Wording _say = new(language);

    public void Show(SampleProvince province, IReadOnlyList<Expectation> expected)
    {
        console.MarkupLine(_say.Say("Tỉnh mẫu trong {0}", "Sample province in {0}", province.Folder));
        var table = new Table().Border(TableBorder.Rounded).Title(_say.Say("Phải ra kết quả này", "What must come out"));
        table.AddColumn(_say.Say("Luồng", "Pipeline"));
        foreach (var heading in (ReadOnlySpan<string>)[
            _say.Say("Bản ghi", "Records"), _say.Say("Được biên nhận", "Acknowledged"), _say.Say("Chờ hồ sơ bị từ chối", "Waiting for a refused dossier"), _say.Say("Bị từ chối", "Refused")])
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        foreach (var one in expected)
        {
            table.AddRow(one.Pipeline, _say.Say(one.Extracted), _say.Say(one.Acknowledged), _say.Say(one.Waiting), _say.Say(one.Refused));
        }

        console.Write(table);
        console.Write(Dirt(expected));
    }

    private Table Dirt(IReadOnlyList<Expectation> expected)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(_say.Say("Lỗi gài sẵn", "Planted dirt"));
        table.AddColumn(_say.Say("Loại", "Kind"));
        foreach (var one in expected)
        {
            table.AddColumn(new TableColumn(one.Pipeline).RightAligned());
        }

        foreach (var kind in DirtKind.All)
        {
            table.AddRow([_say.Say(kind.What), .. expected.Select(e => e.Planted.TryGetValue(kind, out var count) ? _say.Say(count) : "")]);
        }

        return table;
    }
}
