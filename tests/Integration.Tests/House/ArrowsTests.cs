using System.Text.RegularExpressions;
using Xunit;

namespace Integration.Tests.House;

/// <summary>Which folder of the product may know which: C# does not forbid circles inside one project, so this test does.</summary>
public sealed partial class ArrowsTests
{
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Records"] = [],
        ["Extract"] = ["Records"],
        ["Map"] = ["Records"],
        ["Validate"] = ["Records"],
        ["Ledger"] = ["Records"],
        ["Deliver"] = ["Records"],
        ["Pipelines"] = ["Records", "Extract", "Map", "Validate", "Ledger", "Deliver"],
        ["Console"] = ["Records", "Ledger", "Pipelines"],
        ["Commands"] = ["Records", "Ledger", "Pipelines", "Console"],
        ["."] = ["Commands"],
    };

    [Fact]
    public void No_folder_knows_one_it_should_not()
    {
        var wrong = Files().SelectMany(f => Known(f.Text).Where(known => known != f.Folder && !Arrows[f.Folder].Contains(known)).Select(known => $"{f.Name} knows {known}")).ToArray();
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_connector_knows_another()
    {
        var wrong = from f in Files()
                    where f.Folder is "Extract" or "Deliver" && f.Connector is not null
                    from Match m in ConnectorName().Matches(f.Text)
                    where m.Groups[1].Value == f.Folder && m.Groups[2].Value != f.Connector && Directory.Exists(Path.Combine(Root, f.Folder, m.Groups[2].Value))
                    select $"{f.Name} knows {m.Value}";
        Assert.Empty(wrong.ToArray());
    }

    [Fact]
    public void Every_folder_of_the_product_has_its_arrows()
    {
        Assert.Empty(Files().Select(f => f.Folder).Distinct().Except(Arrows.Keys));
        Assert.Empty(Arrows.Keys.Except(Files().Select(f => f.Folder)));
    }

    [Fact]
    public void The_readme_shows_these_arrows()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        foreach (var (folder, known) in Arrows.Where(a => a.Key != "." && a.Value.Length > 0))
        {
            Assert.Contains($"| `{folder}` | {string.Join(", ", known.Select(k => $"`{k}`"))} |", readme, StringComparison.Ordinal);
        }
    }

    private static string Root => Path.Combine(Repository.Root, "src", "Integration");

    private static IEnumerable<(string Name, string Folder, string? Connector, string Text)> Files() =>
        from path in Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
        let parts = Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar)
        where parts[0] is not ("bin" or "obj")
        select (string.Join('/', parts), parts.Length > 1 ? parts[0] : ".", parts.Length > 2 ? parts[1] : null, File.ReadAllText(path));

    // "using Integration.X", and names qualified half (X.Type) or whole (Integration.X.Type).
    private static IEnumerable<string> Known(string text) =>
        UsingName().Matches(text).Concat(HalfQualified().Matches(text)).Select(m => m.Groups[1].Value).Where(Arrows.ContainsKey).Distinct();

    [GeneratedRegex(@"\bIntegration\.([A-Z]\w+)")]
    private static partial Regex UsingName();

    [GeneratedRegex(@"(?<![\w.""/])(Records|Extract|Validate|Ledger|Deliver|Pipelines|Commands)\.[A-Z]\w+[\s(.;,)>]")]
    private static partial Regex HalfQualified();

    [GeneratedRegex(@"\bIntegration\.(Extract|Deliver)\.([A-Z]\w+)")]
    private static partial Regex ConnectorName();
}
