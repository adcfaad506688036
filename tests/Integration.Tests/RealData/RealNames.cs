using System.Globalization;
using CsvHelper;
using Integration.Tests.House;
using Xunit;

namespace Integration.Tests.RealData;

/// <summary>The real public data beside the checkout.</summary>
internal sealed record RealNames(IReadOnlyList<RealProcedure> Procedures, IReadOnlyList<RealCommune> Communes)
{
    /// <summary>Skips the test, loudly, where the data is absent.</summary>
    public static RealNames Load()
    {
        if (Repository.SharedData is not { } folder)
        {
            Assert.Skip("SKIPPED: the folder shared/data with real procedures and communes is not beside this checkout, so real names were NOT tested.");
            throw new InvalidOperationException("A skipped test goes no further.");
        }

        var names = new RealNames(
            [.. Read(Path.Combine(folder, "procedures-real.csv")).Select(r => new RealProcedure(r["code"], r["name"], r["field"]))],
            [.. Read(Path.Combine(folder, "tuyenquang-wards-08.csv")).Select(r => new RealCommune(r["code"], r["full_name"]))]);
        Assert.Equal((58, 124), (names.Procedures.Count, names.Communes.Count));
        Assert.All(names.Procedures, p => Assert.True(p.Name.IsNormalized()));
        Assert.Contains(names.Procedures, p => p.Name.Contains(',', StringComparison.Ordinal));
        Assert.Contains(names.Procedures, p => p.Name.Contains(';', StringComparison.Ordinal));
        return names;
    }

    private static IEnumerable<Dictionary<string, string>> Read(string file)
    {
        using var reader = new CsvReader(new StreamReader(file), CultureInfo.InvariantCulture);
        reader.Read();
        reader.ReadHeader();
        while (reader.Read())
        {
            yield return reader.HeaderRecord!.ToDictionary(h => h, h => reader.GetField(h)!, StringComparer.Ordinal);
        }
    }
}

internal sealed record RealProcedure(string Code, string Name, string Field);

internal sealed record RealCommune(string Code, string FullName);

/// <summary>A procedure as one commune offers it.</summary>
internal sealed record RealService(string Code, RealProcedure Procedure, RealCommune Commune);
