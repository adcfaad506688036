using System.Buffers;
using BenchmarkDotNet.Attributes;
using Integration.Map;
using Integration.Pipelines;
using Integration.Records;

namespace Integration.Benchmarks.Pieces;

/// <summary>What becomes of one row between the source and the ledger: 25 columns, two children, 26 fields, about 1 kB of JSON.</summary>
[MemoryDiagnoser]
public class RowPieces
{
    private readonly Slice _slice = new();
    private readonly ArrayBufferWriter<byte> _output = new(1 << 21);
    private readonly List<Rejection> _rejections = [];
    private TypicalPage _page = null!;
    private RecordReader _reader = null!;
    private Mapper _mapper = null!;
    private readonly bool[] _unknown = new bool[TypicalPage.Rows];
    private RowPage _none = null!;
    private bool[] _known = [];
    private byte[][] _payloads = [];

    [GlobalSetup]
    public void SetUp()
    {
        _page = TypicalPage.Make();
        (_reader, _mapper) = (_page.Reader(), _page.Mapper());
        _none = new RowPage(_page.Page.Shape);
        _known = [.. Enumerable.Repeat(true, TypicalPage.Rows)];
        _reader.Read(_page.Page, _slice, null);
        _payloads = [.. _slice.Entries.Select(e => e.Kind == EntryKind.Put ? _slice.BytesOf(e).ToArray() : throw new InvalidOperationException($"{e.Key}: {e.Rejections![0]}"))];
    }

    /// <summary>A row that is new: mapped, checked against the contract, hashed.</summary>
    [Benchmark(OperationsPerInvoke = TypicalPage.Rows, Baseline = true)]
    public int New()
    {
        Begin();
        _reader.Identify(_page.Page);
        _reader.Read(_page.Page, _slice, null, _unknown);
        return _slice.Entries.Count;
    }

    /// <summary>A row that is known: its key and its hash.</summary>
    [Benchmark(OperationsPerInvoke = TypicalPage.Rows)]
    public int Known()
    {
        Begin();
        _reader.Identify(_page.Page);
        _reader.Read(_page.Page, _slice, null, _known);
        return _slice.PassedOver;
    }

    /// <summary>Mapped alone: cleaned, looked up, written as JSON.</summary>
    [Benchmark(OperationsPerInvoke = TypicalPage.Rows)]
    public int Mapped()
    {
        _output.ResetWrittenCount();
        for (var row = 0; row < TypicalPage.Rows; row++)
        {
            _mapper.Map(_page.Page, row, _output, _rejections);
        }

        return _output.WrittenCount;
    }

    /// <summary>Checked alone against the contract.</summary>
    [Benchmark(OperationsPerInvoke = TypicalPage.Rows)]
    public int Checked()
    {
        foreach (var payload in _payloads)
        {
            _page.Definition.Contract.Check(payload, _page.Definition.Personal, _rejections);
        }

        return _rejections.Count;
    }

    /// <summary>Hashed alone.</summary>
    [Benchmark(OperationsPerInvoke = TypicalPage.Rows)]
    public ulong Hashed()
    {
        var all = 0UL;
        foreach (var payload in _payloads)
        {
            all ^= ContentHash.Of(payload).A;
        }

        return all;
    }

    // A key that the page before had is not known by its row; so another page comes in between.
    private void Begin()
    {
        _slice.Clear();
        _reader.Read(_none, _slice, null);
    }
}
