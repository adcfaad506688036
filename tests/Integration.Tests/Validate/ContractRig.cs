using Integration.Records;
using Integration.Validate;
using Xunit;

namespace Integration.Tests.Validate;

internal static class ContractRig
{
    public static Contract Read(string schema)
    {
        var (contract, faults) = TryRead(schema);
        Assert.Empty(faults);
        return contract!;
    }

    public static (Contract? Contract, List<Fault> Faults) TryRead(string schema)
    {
        var folder = Directory.CreateTempSubdirectory("contract-");
        try
        {
            var path = Path.Combine(folder.FullName, "contract.schema.json");
            File.WriteAllText(path, schema);
            var faults = new List<Fault>();
            return (Contract.Read(path, "dossiers/contract.schema.json", faults), faults);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
