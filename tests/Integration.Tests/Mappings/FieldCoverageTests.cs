using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Mappings;

/// <summary>The contracts against the list of fields that real clients use.</summary>
public sealed class FieldCoverageTests
{
    [Theory]
    [InlineData("dossiers", "DongBoHoSoMC", 70)]
    [InlineData("progress", "CapNhatTienDoHoSoMC", 9)]
    public void The_contract_knows_every_field_that_real_clients_send(string pipeline, string service, int atLeast)
    {
        var file = Path.Combine(Path.GetDirectoryName(Shipped.Root)!, "shared", "data", "dvcqg-fields.csv");
        if (!File.Exists(file))
        {
            Assert.Skip("shared/data/dvcqg-fields.csv is not beside the repository: the fields were NOT compared.");
        }

        var contract = Shipped.Load().Pipelines.Single(p => p.Name == pipeline).Contract;
        var fields = Read(file).Where(f => f.Service == service && f.Parent.StartsWith("data[]", StringComparison.Ordinal)).ToList();
        var missing = fields.Where(f => !contract.Types.TryGetValue(f.Path, out var type) || type != f.Type).Select(f => $"{f.Path} ({f.Type})");

        Assert.True(fields.Count >= atLeast, $"only {fields.Count} fields were found");
        Assert.Empty(missing);
    }

    private static List<Listed> Read(string file)
    {
        using var reader = new StreamReader(file);
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture));
        csv.Read();
        csv.ReadHeader();
        var fields = new List<Listed>();
        while (csv.Read())
        {
            fields.Add(new Listed(csv["service"]!, csv["field"]!, csv["parent"]!, csv["type"]!));
        }

        return fields;
    }

    private sealed record Listed(string Service, string Name, string Parent, string Written)
    {
        public string Path => Parent == "data[]" ? Name : $"{Parent["data[].".Length..]}.{Name}";

        public FieldType Type => Written switch
        {
            "int" => FieldType.Integer,
            "bool" => FieldType.Boolean,
            "array" => FieldType.List,
            _ => FieldType.Text,
        };
    }
}
