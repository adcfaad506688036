using Integration.Deliver;
using Integration.Extract;
using Integration.Pipelines.Definitions;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Pipelines.Definitions;

/// <summary>A mappings folder with one small pipeline that is right, for a test to spoil.</summary>
internal sealed class Bench : IDisposable
{
    public const string Yaml = """
        source:
          sql: { connection: OneStop, query: things.sql, key: id, watermark: updated_at }
          children:
            fees: { query: fees.sql, on: id }
        target:
          dvcqg: { connection: Portal, service: DongBoHoSoMC }
        schedule: { cron: "*/10 * * * *", zone: Asia/Ho_Chi_Minh }
        personal: [ChuHoSo]
        group: owner
        order: step
        guard: { share: 0.1, count: 7 }
        map:
          MaHoSo: id
          ChuHoSo: { from: [first, last], join: " " }
          TrangThai: { from: status, lookup: states }
          GhiChu: { from: note, max: 20, cut: true, when: { column: status, is: [a, b] } }
          Loai: { value: "1" }
          Ngay: { from: at, format: yyyyMMdd, required: true }
          Le: { each: fees, map: { Gia: amount } }
          Nguoi: { map: { Ten: first } }

        """;

    public const string Contract = """
        {
          "type": "object", "required": ["MaHoSo"], "additionalProperties": false,
          "properties": {
            "MaHoSo": { "type": "string" }, "ChuHoSo": { "type": "string" }, "TrangThai": { "type": "string", "enum": ["1", "2"] },
            "GhiChu": { "type": "string" }, "Loai": { "type": "string" }, "Ngay": { "type": "string", "x-date": "yyyyMMdd" },
            "Le": { "type": "array", "items": { "type": "object", "properties": { "Gia": { "type": "string" } } } },
            "Nguoi": { "type": "object", "properties": { "Ten": { "type": "string" } } }
          }
        }
        """;

    public const string Sample = """
        {
          "in": { "id": "H1", "first": "An", "last": "Mẫu", "status": "a", "note": "x", "at": "2025-07-02", "fees": [ { "amount": 5 } ] },
          "expected": {
            "MaHoSo": "H1", "ChuHoSo": "An Mẫu", "TrangThai": "1", "GhiChu": "x", "Loai": "1", "Ngay": "20250702", "Le": [ { "Gia": "5" } ],
            "Nguoi": { "Ten": "An" }
          }
        }
        """;

    public Bench()
    {
        Folder = Directory.CreateTempSubdirectory("definitions-").FullName;
        Write("lookups/states.csv", "from,to\na,1\nb,2\n");
        Pipeline("things", Yaml);
    }

    public string Folder { get; }

    public IReadOnlyCollection<string>? Connections { get; set; } = ["OneStop", "Portal"];

    public void Pipeline(string name, string yaml)
    {
        Write($"{name}/pipeline.yaml", yaml);
        Write($"{name}/things.sql", "SELECT 1");
        Write($"{name}/fees.sql", "SELECT 2");
        Write($"{name}/contract.schema.json", Contract);
        Write($"{name}/samples/plain.json", Sample);
    }

    public void Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Write(string file, byte[] bytes) => File.WriteAllBytes(Path.Combine(Folder, file), bytes);

    public void Delete(string file) => File.Delete(Path.Combine(Folder, file));

    /// <summary>Replaces a piece of the pipeline's file, which must be there.</summary>
    public void Spoil(string find, string replace) => Write("things/pipeline.yaml", Spoilt(Yaml, find, replace));

    public static string Spoilt(string text, string find, string replace)
    {
        Assert.Contains(find, text, StringComparison.Ordinal);
        return text.Replace(find, replace, StringComparison.Ordinal);
    }

    public DefinitionSet Load() => DefinitionSet.Load(Folder, Sources.All, Targets.All, Connections);

    public IReadOnlyList<Fault> Faults() => Load().Faults;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
