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
    public int Dated() => _procedures.Value(_procedures.Find("1.000656.000.00.00.H60"u8, ""u8, s_day), 0).Length;

    [Benchmark]
    public int Plain() => _channels.Value(_channels.Find("truc-tuyen"u8, ""u8, null), 0).Length;
}
