using BenchmarkDotNet.Attributes;
using Integration.Map;

namespace Integration.Benchmarks.Pieces;

/// <summary>One code of the province to one national code.</summary>
[MemoryDiagnoser]
public class LookupPieces
{
    private static readonly DateOnly s_day = new(2025, 7, 15);

    private LookupTable _procedures = null!;
    private LookupTable _channels = null!;

    [GlobalSetup]
    public void SetUp()
    {
        var tables = TypicalPage.Make().Definition.Lookups.Tables;
        (_procedures, _channels) = (tables["procedures"], tables["channels"]);
    }

    [Benchmark]
    public string Dated() => _procedures.Value(_procedures.Find("1.000656.000.00.00.H60", "", s_day), 0);

    [Benchmark]
    public string Plain() => _channels.Value(_channels.Find("truc-tuyen", "", null), 0);
}
