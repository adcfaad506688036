using BenchmarkDotNet.Attributes;
using Integration.Deliver.Dvcqg;
using Integration.Records;

namespace Integration.Benchmarks.Pieces;

/// <summary>The body of one call of a thousand records, a record of it.</summary>
[MemoryDiagnoser]
public class CallPieces
{
    private ReadOnlyMemory<byte>[] _payloads = [];

    [GlobalSetup]
    public void SetUp()
    {
        var (page, slice) = (TypicalPage.Make(), new Slice());
        page.Reader().Read(page.Page, slice, null);
        _payloads = [.. slice.Entries.Select(e => (ReadOnlyMemory<byte>)slice.BytesOf(e).ToArray())];
    }

    [Benchmark(OperationsPerInvoke = TypicalPage.Rows)]
    public int Written()
    {
        using var envelope = Write();
        return envelope.Tail.Length;
    }

    [Benchmark(OperationsPerInvoke = TypicalPage.Rows)]
    public ulong WrittenAndHashed()
    {
        using var envelope = Write();
        return envelope.Hash().A;
    }

    private Envelope Write() => Envelope.Wrapped("000.00.00.H60", "DongBoHoSoMC", [new("isUpdating", "false")], _payloads);
}
