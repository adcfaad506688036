namespace Integration.Tests.Crash;

/// <summary>
/// The pipelines of a harness run: small records and few rules, but every way through the worker: watermark, sweep, files that add and files
/// that are the whole set; groups in order, records that wait for others, and two services that look-ups can ask about.
/// </summary>
internal static class HarnessFolder
{
    public const string Dossiers = "dossiers";
    public const string Steps = "steps";
    public const string Services = "services";
    public const string Drops = "drops";
    public const string Snapshots = "snapshots";

    private static readonly Dictionary<string, string> DossierCodes = new(StringComparer.Ordinal)
    {
        ["MaTTHC"] = "1.900001", ["TenTTHC"] = "Thủ tục mẫu", ["MaLinhVuc"] = "MAU", ["TenLinhVuc"] = "Lĩnh vực mẫu", ["KenhThucHien"] = "1", ["LoaiDoiTuong"] = "1",
        ["Email"] = "mau@tinh.example", ["SoDienThoai"] = "0000000000", ["NgayTiepNhan"] = "20250715080000", ["NgayHenTra"] = "20250730170000", ["TrangThaiHoSo"] = "4", ["HinhThuc"] = "0",
        ["DonViXuLy"] = "Đơn vị mẫu",
    };

    private static readonly string[] DossierColumns = ["dossier_no", "owner", "summary", "note"];

    public static IReadOnlyList<string> All { get; } = [Dossiers, Steps, Services, Drops, Snapshots];

    /// <summary>The portal's service a pipeline writes to.</summary>
    public static string ServiceOf(string pipeline) => pipeline switch
    {
        Steps => "CapNhatTienDoHoSoMC",
        Services or Snapshots => "DongBoDVC",
        _ => "DongBoHoSoMC",
    };

    /// <param name="perRecord">The portal names every record in its answers, and the pipelines know it.</param>
    public static void Write(string folder, bool perRecord)
    {
        const string Find = "lookUp: { service: TraCuuHoSo, argument: mahoso, from: MaHoSo }";
        const string FindService = "lookUp: { service: LayDVC, argument: MADVC, from: MADVC, path: share, atLeast: 1 }";
        var each = perRecord ? ", perRecordResults: true" : "";
        WritePipeline(folder, Dossiers, Sql("dossier_no", "updated_at"), $"connection: Portal, service: DongBoHoSoMC, batch: 8, {Find}{each}", "", Dossier(), DossierColumns);
        WritePipeline(folder, Drops, Csv("drops", "dossier_no", "append"), $"connection: Files, service: DongBoHoSoMC, batch: 5, {Find}{each}", "", Dossier(), DossierColumns);
        WritePipeline(
            folder, Services, Sql("service_code", null), $"connection: Portal, service: DongBoDVC, batch: 6, recordKey: MADVC, {FindService}{each}", "guard: { share: 1, count: 1000000 }\n",
            Service(), ["service_code", "name"]);
        WritePipeline(
            folder, Snapshots, Csv("snapshots", "service_code", "snapshot"), $"connection: Files, service: DongBoDVC, batch: 6, recordKey: MADVC, {FindService}{each}",
            "guard: { share: 1, count: 1000000 }\n", Service(), ["service_code", "name"]);
        WritePipeline(
            folder, Steps, Sql("step_id", "updated_at"),
            "connection: Portal, service: CapNhatTienDoHoSoMC, batch: 6, updating: none, recordKey: [MaHoSo, ThoiDiemXuLy], "
            + "lookUp: { service: TraCuuHoSo, argument: mahoso, from: MaHoSo, list: DanhSachTienDo, match: [ThoiDiemXuLy, NoiDungXuLy] }" + each,
            "group: dossier_no\norder: step_no\nwaits-for: { pipeline: dossiers, key: dossier_no }\n",
            new(StringComparer.Ordinal)
            {
                ["MaHoSo"] = "dossier_no", ["NguoiXuLy"] = "handler", ["ThoiDiemXuLy"] = "{ from: at, format: yyyyMMddHHmmss }", ["NoiDungXuLy"] = "{ from: content, required: true }",
                ["TrangThai"] = "{ value: \"4\" }",
            },
            ["step_id", "dossier_no", "step_no", "handler", "at", "content"]);
        Directory.CreateDirectory(Path.Combine(folder, "lookups"));
        File.WriteAllText(Path.Combine(folder, Dossiers, "query.sql"), "SELECT dossier_no, owner, summary, note, updated_at FROM dossier");
        File.WriteAllText(Path.Combine(folder, Steps, "query.sql"), "SELECT step_id, dossier_no, step_no, handler, at, content, updated_at FROM step");
        File.WriteAllText(Path.Combine(folder, Services, "query.sql"), "SELECT service_code, name FROM service");
    }

    private static string Sql(string key, string? watermark) => watermark is null
        ? $"sql: {{ connection: OneStop, query: query.sql, key: {key}, mode: sweep, settle: 0s }}"
        : $"sql: {{ connection: OneStop, query: query.sql, key: {key}, watermark: {watermark}, lag: 0s, settle: 0s, pageRows: 20 }}";

    private static string Csv(string folder, string key, string mode) =>
        $"csv: {{ connection: Inbox, folder: {folder}, key: {key}, mode: {mode}, done: .done }}";

    private static Dictionary<string, string> Dossier()
    {
        var map = DossierCodes.ToDictionary(c => c.Key, c => $"{{ value: \"{c.Value}\" }}", StringComparer.Ordinal);
        map["MaHoSo"] = "dossier_no";
        map["ChuHoSo"] = "{ from: owner, required: true }";
        map["TrichYeuHoSo"] = "summary";
        map["GhiChu"] = "note";
        return map;
    }

    private static Dictionary<string, string> Service() => new(StringComparer.Ordinal)
    {
        ["MADVC"] = "service_code", ["MATTHC"] = "{ value: \"1.900001\" }", ["TENDVC"] = "{ from: name, required: true }",
    };

    private static void WritePipeline(string folder, string name, string source, string target, string more, Dictionary<string, string> map, string[] columns)
    {
        var here = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.WriteAllText(Path.Combine(here, "pipeline.yaml"), $$"""
            source:
              {{source}}
            target:
              dvcqg: { {{target}}, codes: { "-2": session, "-4": notThere, "-9": tryLater } }
            schedule: { cron: "* * * * *" }
            {{more}}map:
            {{string.Join('\n', map.Select(m => $"  {m.Key}: {m.Value}"))}}

            """);
        File.WriteAllText(Path.Combine(here, "contract.schema.json"), $$"""
            { "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
              "properties": { {{string.Join(", ", map.Keys.Select(f => $"\"{f}\": {{ \"type\": \"string\" }}"))}} }, "additionalProperties": false }
            """);
        var required = map.First(m => m.Value.Contains("required", StringComparison.Ordinal)).Key;
        Directory.CreateDirectory(Path.Combine(here, "samples"));
        File.WriteAllText(Path.Combine(here, "samples", "nothing-said.json"), $$"""
            { "in": { {{string.Join(", ", columns.Select(c => $"\"{c}\": null"))}} }, "rejected": [ { "rule": "required", "field": "{{required}}" } ] }
            """);
    }
}
