using System.Buffers;
using System.Globalization;
using System.Text;
using Integration.Extract.Sql;
using Integration.Map;
using Integration.Pipelines.Definitions;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>Turns the rows of one page shape into slice entries: key, group, parent, payload or rejections. One instance a reading.</summary>
internal sealed class RecordReader
{
    private readonly PipelineDefinition _definition;
    private readonly Mapper _mapper;
    private readonly int[] _key;
    private readonly int _longest;
    private readonly int _group;
    private readonly int _order;
    private readonly int[] _parent;
    private readonly ArrayBufferWriter<byte> _scratch = new(4096);
    private readonly List<Rejection> _rejections = [];
    private readonly HashSet<string> _keysOfPage = new(StringComparer.Ordinal);
    private readonly RowHash _hash;
    private SourceRow[] _rows = [];

    private RecordReader(PipelineDefinition definition, Mapper mapper, RowPage page, int longest)
    {
        var shape = page.Shape;
        _definition = definition;
        _mapper = mapper;
        _longest = longest;
        _hash = new RowHash(definition, page, longest);
        _key = [.. definition.Source.Key.Select(shape.Find)];
        _group = definition.Group is { } group ? shape.Find(group) : -1;
        _order = definition.Order is { } order ? shape.Find(order) : -1;
        _parent = definition.WaitsFor is { } waits ? [.. waits.Key.Select(shape.Find)] : [];
    }

    /// <param name="longest">Bytes a payload may have.</param>
    /// <returns>Null when the page lacks a column that the pipeline needs; every one of them is then in <paramref name="faults"/>.</returns>
    public static RecordReader? For(PipelineDefinition definition, RowPage page, ICollection<Fault> faults, int longest = Oversize.UsualLimit)
    {
        var children = page.Children.ToDictionary(c => c.Key, c => c.Value.Rows.Shape, StringComparer.Ordinal);
        var mapper = Mapper.Compile(
            definition.Map, definition.Contract.Types, definition.Lookups, new MapOptions(definition.Name, definition.Schedule.Zone, definition.Personal, definition.Contract.Terms), page.Shape, children, faults);
        IEnumerable<string> own = [.. definition.Source.Key, .. definition.WaitsFor?.Key ?? []];
        var watermark = (definition.Source as SqlSourceOptions)?.Watermark;
        foreach (var column in own.Append(watermark).Append(definition.Group).Append(definition.Order).OfType<string>().Where(c => page.Shape.Find(c) < 0).Distinct())
        {
            faults.Add(new Fault(
                new Mark($"{definition.Name}/pipeline.yaml", 0),
                new Text($"Nguồn không có cột '{column}'. Các cột hiện có: {string.Join(", ", page.Shape.Columns)}.",
                    $"The source has no column '{column}'. It has: {string.Join(", ", page.Shape.Columns)}.")));
        }

        return mapper is null || faults.Count > 0 ? null : new RecordReader(definition, mapper, page, longest);
    }

    /// <summary>What each row of the page is known by, so that the known ones need not be mapped.</summary>
    public IReadOnlyList<SourceRow> Identify(RowPage page)
    {
        _rows = new SourceRow[page.Count];
        for (var row = 0; row < page.Count; row++)
        {
            // What the page before said about the same key may be on its way into the ledger just now: what is known there will not be the last word.
            var key = RowKey.Of(page, row, _key);
            _rows[row] = new(key, key is null || _keysOfPage.Contains(key) ? null : _hash.Of(page, row));
        }

        return _rows;
    }

    /// <summary>Adds every row and every fault of the page to the slice; none is left out.</summary>
    /// <param name="keys">Receives the key of every record the page shows, for sweeps; null when not wanted.</param>
    /// <param name="known">Of the rows of <see cref="Identify"/>: those that are only counted; null when they were not identified.</param>
    public void Read(RowPage page, Slice slice, ICollection<string>? keys, IReadOnlyList<bool>? known = null)
    {
        _keysOfPage.Clear();
        for (var row = 0; row < page.Count; row++)
        {
            var (key, hash) = known is null ? new(RowKey.Of(page, row, _key), null) : _rows[row];
            var isNew = key is null || _keysOfPage.Add(key);
            if (isNew && known?[row] == true)
            {
                slice.PassedOver++;
                keys?.Add(key!);
                continue;
            }

            var entry = ReadRow(page, row, slice, key, isNew);

            // A refusal is looked at every time: its raw row holds more than what was read of it, and it may come of a check that ran out of time.
            slice.Add(isNew && entry.Kind == EntryKind.Put ? entry with { Row = hash } : entry);
            keys?.Add(entry.Key);
        }

        foreach (var fault in page.Faults)
        {
            slice.Add(ReadFault(fault, slice));
            _keysOfPage.Add(fault.Key);
            keys?.Add(fault.Key);
        }
    }

    /// <summary>Adds the row of a page read back from the ledger, unless it makes another record than the one it was kept for.</summary>
    /// <remarks>A row refused for its key (missing, doubled) is kept under a stand-in: its own key belongs to no record, or to another.</remarks>
    public void ReadStored(RowPage page, string key, Slice slice)
    {
        if (RowKey.Of(page, 0, _key) == key)
        {
            slice.Add(ReadRow(page, 0, slice, key, isNew: true));
        }
    }

    /// <param name="isNew">No row of the page before this one has the key.</param>
    private SliceEntry ReadRow(RowPage page, int row, Slice slice, string? key, bool isNew)
    {
        _rejections.Clear();
        if (key is null)
        {
            _rejections.Add(new Rejection(Rules.KeyMissing.Code, null, string.Join(", ", _definition.Source.Key), null, null));
            return Reject(page, row, slice, StandInKey(page, row), null, 0, null);
        }

        if (!isNew)
        {
            _rejections.Add(new Rejection(Rules.DuplicateKey.Code, null, string.Join(", ", _definition.Source.Key), null, key));
            return Reject(page, row, slice, StandInKey(page, row), null, 0, null);
        }

        var group = _group < 0 ? null : RowKey.Of(page, row, [_group]);
        var order = _order < 0 ? 0 : OrderOf(page, row);
        var parent = _parent.Length == 0 ? null : RowKey.Of(page, row, _parent);
        if (_parent.Length > 0 && parent is null)
        {
            _rejections.Add(new Rejection(Rules.Required.Code, null, string.Join(", ", _definition.WaitsFor!.Key), null, null));
        }

        _scratch.ResetWrittenCount();
        if (_mapper.Map(page, row, _scratch, _rejections) && !_mapper.IsProved)
        {
            var first = _rejections.Count;
            _definition.Contract.Check(_scratch.WrittenSpan, _definition.Personal, _rejections);
            NameSources(first);
        }

        if (_scratch.WrittenCount > _longest)
        {
            // Kept without the row: what is too large to be sent is too large to be stored.
            _rejections.Clear();
            _rejections.Add(new Rejection(Rules.RecordTooLarge.Code, null, null, null, Oversize.Figures(Oversize.Bytes(_scratch.WrittenCount, _longest))));
            var size = _scratch.WrittenCount;
            _scratch.ResetWrittenCount();
            _scratch.Write(Encoding.UTF8.GetBytes($"({size} byte)"));
            return Keep(slice, EntryKind.Reject, key, group, order, parent, [.. _rejections]);
        }

        return _rejections.Count > 0
            ? Reject(page, row, slice, key, group, order, parent)
            : Keep(slice, EntryKind.Put, key, group, order, parent, null);
    }

    private void NameSources(int first)
    {
        for (var i = first; i < _rejections.Count; i++)
        {
            if (_rejections[i] is { SourceField: null, TargetField: { } target })
            {
                _rejections[i] = _rejections[i] with { SourceField = _mapper.SourceOf(target) };
            }
        }
    }

    private SliceEntry Reject(RowPage page, int row, Slice slice, string key, string? group, long order, string? parent)
    {
        _scratch.ResetWrittenCount();
        RawRow.Write(page, row, _scratch);
        return Keep(slice, EntryKind.Reject, key, group, order, parent, [.. _rejections]);
    }

    private SliceEntry ReadFault(RowFault fault, Slice slice)
    {
        _scratch.ResetWrittenCount();
        var place = fault.Origin.Place is { } file ? $"{file}, {(fault.Origin.Line > 0 ? $"dòng {fault.Origin.Line}" : "")}" : null;
        _scratch.Write(Encoding.UTF8.GetBytes(fault.Raw));
        return Keep(slice, EntryKind.Reject, fault.Key, null, 0, null, [new Rejection(fault.Rule, null, fault.Field, null, Join(place, fault.Detail))]);
    }

    // Same row refused for another reason is news, so the reasons are part of what is hashed.
    private SliceEntry Keep(Slice slice, EntryKind kind, string key, string? group, long order, string? parent, Rejection[]? rejections)
    {
        var start = slice.Bytes.WrittenCount;
        slice.Bytes.Write(_scratch.WrittenSpan);
        var length = _scratch.WrittenCount;
        foreach (var rejection in rejections ?? [])
        {
            _scratch.Write(Encoding.UTF8.GetBytes($"\n{rejection.Rule} {rejection.TargetField}"));
        }

        return new SliceEntry
        {
            Key = key,
            Kind = kind,
            Hash = ContentHash.Of(_scratch.WrittenSpan),
            Start = start,
            Length = length,
            Group = group,
            Order = order,
            Parent = parent,
            Rejections = rejections,
        };
    }

    private static long OrderOf(RowPage page, int column, Cell cell) => cell.Kind switch
    {
        CellKind.Integer or CellKind.LocalTime or CellKind.Instant or CellKind.Date => cell.Bits,
        CellKind.Text or CellKind.Number when long.TryParse(page.Utf8(cell), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => 0,
    };

    private long OrderOf(RowPage page, int row) => OrderOf(page, _order, page[row, _order]);

    // The same row gives the same stand-in on every read, so that it is one failure and not a new one a run.
    private string StandInKey(RowPage page, int row)
    {
        if (page.Origin(row) is { Place: { } place } origin)
        {
            return $"{place}#{origin.Line}";
        }

        _scratch.ResetWrittenCount();
        RawRow.Write(page, row, _scratch);
        return $"?{ContentHash.Of(_scratch.WrittenSpan).ToString()[..16]}";
    }

    private static string? Join(string? place, string? detail) => (place, detail) switch
    {
        (null, _) => detail,
        (_, null) => place,
        _ => $"{place}: {detail}",
    };
}
