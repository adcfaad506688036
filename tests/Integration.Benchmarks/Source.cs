using Npgsql;

namespace Integration.Benchmarks;

/// <summary>The province's database of every program: 25 columns a dossier, one fee and one attachment each.</summary>
internal static class Source
{
    public const string Dossiers = """
        SELECT dossier_no, procedure_code, agency_code, channel, owner_kind, owner_name, owner_id_no, owner_id_kind, phone, email, summary, note, status,
               submitted_at, received_at, due_at, finished_at, returned_at, refused_at, return_method, submitted_to, has_digitized, vneid_verified,
               paid_online, updated_at
        FROM dossier
        """;

    public const string Fees = "SELECT dossier_no, seq, name, code, moment, amount, kind FROM dossier_fee";

    public const string Attachments = "SELECT dossier_no, seq, file_id, name, component_code, url, digitized, reused, from_store FROM dossier_attachment";

    public static async Task FillAsync(string connection, long rows, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await ExecuteAsync(
            source,
            $"""
            CREATE TABLE dossier (
                dossier_no text NOT NULL, procedure_code text, agency_code text, channel text, owner_kind text, owner_name text, owner_id_no text,
                owner_id_kind text, phone text, email text, summary text, note text, status text, submitted_at timestamp, received_at timestamp,
                due_at timestamp, finished_at timestamp, returned_at timestamp, refused_at timestamp, return_method text, submitted_to text,
                has_digitized integer, vneid_verified integer, paid_online text, updated_at timestamp NOT NULL);
            CREATE TABLE dossier_fee (dossier_no text NOT NULL, seq integer NOT NULL, name text, code text, moment text, amount numeric, kind text);
            CREATE TABLE dossier_attachment (
                dossier_no text NOT NULL, seq integer NOT NULL, file_id text, name text, component_code text, url text, digitized integer, reused text, from_store integer);

            INSERT INTO dossier SELECT
                'H60.02-250715-' || to_char(n, 'FM00000000'), '1.000656.000.00.00.H60', 'H60.02', (ARRAY['truc-tiep', 'truc-tuyen', 'bcci'])[1 + n % 3],
                'cong-dan', 'Người nộp ' || n, lpad(n::text, 12, '0'), 'cccd', '09' || lpad(n::text, 8, '0'), 'nguoi' || n || '@mau.example',
                'Đăng ký khai tử theo đơn đề nghị số ' || n, 'Hồ sơ nộp đủ thành phần, đã kiểm tra lần ' || n % 7,
                (ARRAY['tiep-nhan', 'dang-xu-ly', 'xong', 'da-tra'])[1 + n % 4], timestamp '2025-07-15 08:00:00' + n * interval '1 second',
                timestamp '2025-07-15 08:30:00' + n * interval '1 second', timestamp '2026-07-18 17:00:00', timestamp '2026-07-17 10:00:00',
                timestamp '2026-07-17 11:00:00', NULL, 'truc-tiep', 'tinh', 1, n % 2, 'tinh', timestamp '2025-07-15 08:30:00' + n * interval '1 second'
            FROM generate_series(1, {rows}) n;
            INSERT INTO dossier_fee SELECT
                'H60.02-250715-' || to_char(n, 'FM00000000'), 1, 'Lệ phí hộ tịch', 'LP-' || n % 50, 'tiep-nhan', (n % 100) * 1000, 'le-phi' FROM generate_series(1, {rows}) n;
            INSERT INTO dossier_attachment SELECT
                'H60.02-250715-' || to_char(n, 'FM00000000'), 1, 'tep-' || n, 'Đơn đề nghị ' || n || '.pdf', 'TP01', 'https://mot-cua.mau.example/tep/' || n, 1, '0', 0
            FROM generate_series(1, {rows}) n;
            ALTER TABLE dossier ADD PRIMARY KEY (dossier_no);
            ALTER TABLE dossier_fee ADD PRIMARY KEY (dossier_no, seq);
            ALTER TABLE dossier_attachment ADD PRIMARY KEY (dossier_no, seq);
            CREATE INDEX dossier_updated ON dossier (updated_at, dossier_no);
            """,
            cancellationToken);
        await ExecuteAsync(source, "VACUUM ANALYZE", cancellationToken);
    }

    public static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
