using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Integration.Benchmarks.Floors;

/// <summary>The code tables of the mapping, by the hash of the code's bytes.</summary>
internal sealed class Lookups
{
    private readonly Dictionary<ulong, JsonEncodedText> _table = [];

    private Lookups(string file, int to)
    {
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "mapping", "lookups", $"{file}.csv")).Skip(1))
        {
            var cells = line.Split(',');
            _table.TryAdd(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(cells[0])), JsonEncodedText.Encode(cells[to], System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
        }
    }

    public static Lookups Procedures { get; } = new("procedures", 1);
    public static Lookups ProcedureNames { get; } = new("procedures", 2);
    public static Lookups Fields { get; } = new("procedures", 3);
    public static Lookups FieldNames { get; } = new("procedures", 4);
    public static Lookups Channels { get; } = new("channels", 1);
    public static Lookups OwnerKinds { get; } = new("owner-kinds", 1);
    public static Lookups Statuses { get; } = new("dossier-status", 1);
    public static Lookups ReturnMethods { get; } = new("return-methods", 1);
    public static Lookups Agencies { get; } = new("agencies", 2);
    public static Lookups SubmitPlaces { get; } = new("submit-places", 1);
    public static Lookups PaidOnline { get; } = new("paid-online", 1);
    public static Lookups FeeMoments { get; } = new("fee-moments", 1);
    public static Lookups FeeKinds { get; } = new("fee-kinds", 1);

    public JsonEncodedText Of(ReadOnlySpan<byte> code) => _table[XxHash64.HashToUInt64(code)];
}
