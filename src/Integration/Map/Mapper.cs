using System.Buffers;
using System.Text.RegularExpressions;
using Integration.Records;

namespace Integration.Map;

/// <summary>
/// A pipeline's map, compiled for the columns of its source. Pure: the same row always gives the same bytes. Serves one caller at a time.
/// </summary>
internal sealed partial class Mapper
{
    private readonly ObjectFields _fields;
    private readonly IReadOnlyDictionary<string, string?> _sources;
    private readonly RowScope _scope;

    /// <param name="dates">See <see cref="RowScope"/>.</param>
    internal Mapper(ObjectFields fields, IReadOnlyDictionary<string, string?> sources, int dates)
    {
        _fields = fields;
        _sources = sources;
        _scope = new RowScope(dates);
    }

    /// <summary>
    /// The record written last was seen to keep the contract while it was written. False says nothing: the contract's own check must tell.
    /// </summary>
    public bool IsProved => _scope.IsProved;

    /// <summary>Tells every mistake that can be known without a source.</summary>
    /// <param name="types">Fields of the contract by path (<c>MaHoSo</c>, <c>DanhSachLePhi</c>, <c>DanhSachLePhi[].Gia</c>).</param>
    /// <param name="required">Paths of the fields that the contract demands.</param>
    /// <param name="childNames">Names of the child row sets that the source gives.</param>
    public static void Check(
        MapDefinition map, IReadOnlyDictionary<string, FieldType> types, IReadOnlyCollection<string> required, LookupSet lookups,
        IReadOnlyCollection<string> childNames, ICollection<Fault> faults) => new MapCheck(types, required, lookups, childNames, faults).Run(map);

    /// <summary>Compiles the map for a source's columns.</summary>
    /// <param name="children">Columns of each set of child rows; a shape without columns stands for children nobody has seen yet.</param>
    /// <returns>Null when there was a mistake: one that <see cref="Check"/> tells, or a column that the source does not have.</returns>
    public static Mapper? Compile(
        MapDefinition map, IReadOnlyDictionary<string, FieldType> types, LookupSet lookups, MapOptions options,
        RowShape row, IReadOnlyDictionary<string, RowShape> children, ICollection<Fault> faults)
    {
        var found = new List<Fault>();
        Check(map, types, [], lookups, [.. children.Keys], found);
        var mapper = found.Count == 0 ? new MapCompiler(types, lookups, options, children, found).Run(map, row) : null;
        foreach (var fault in found)
        {
            faults.Add(fault);
        }

        return found.Count == 0 ? mapper : null;
    }

    /// <summary>The columns a map reads, so that a hand-written row (<see cref="RawRow"/>) can be laid out for it.</summary>
    public static (RowShape Row, IReadOnlyDictionary<string, RowShape> Children) ColumnsOf(MapDefinition map) => MapColumns.Of(map);

    /// <summary>Writes one record as one JSON object, fields in the map's order.</summary>
    /// <param name="page">A page with the columns this mapper was compiled for.</param>
    /// <param name="rejections">Gets every reason why the record cannot be sent.</param>
    /// <returns>False when there was one; what was written to <paramref name="output"/> is then worth nothing.</returns>
    public bool Map(RowPage page, int row, IBufferWriter<byte> output, List<Rejection> rejections)
    {
        var before = rejections.Count;
        _scope.Begin(page, row, rejections);
        _scope.Json.StartObject();
        _fields.Write(_scope);
        _scope.Json.EndObject();
        _scope.Json.CopyTo(output);
        return rejections.Count == before;
    }

    /// <summary>The column, or columns, behind a field of the payload.</summary>
    /// <param name="targetPath">As in a rejection: <c>GhiChu</c>, <c>DanhSachLePhi[2].Gia</c>.</param>
    /// <returns>Null when no column is behind it.</returns>
    public string? SourceOf(string targetPath) => _sources.GetValueOrDefault(Index().Replace(targetPath, "[]"));

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}
