using System.Data.Common;
using System.Globalization;
using System.Text;
using Integration.Records;
using K4os.Compression.LZ4;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Integration.Tests.Crash;

/// <param name="Mark">Of the content that is stored with it; empty for a withdrawal.</param>
/// <param name="HasClaim">Its lease token belongs to a claim that still stands.</param>
/// <param name="HasReason">A reason for its refusal stands beside it.</param>
/// <param name="HasBytes">Its payload, or the row it was refused for, is kept.</param>
/// <param name="WasAsked">The receiver was asked about it at least once.</param>
/// <param name="Receipt">Attempt that it was accepted by; null: none.</param>
/// <param name="Acknowledged">When it was; null: it is not.</param>
internal sealed record VersionRow(
    long Id, string Pipeline, string Key, EntryKind Kind, RecordState State, bool Newest, string Hash, long Token, int Attempts, long? Receipt,
    string Mark, bool HasClaim, bool HasReason, bool HasBytes, bool WasAsked, DateTime? Acknowledged);

/// <param name="Told">Records it said something about.</param>
internal sealed record AttemptRow(long Id, bool IsLookUp, long Records, long Told, long Status, bool HasReply, long Token);

/// <summary>Everything the ledger holds, as it stands in its tables at one moment.</summary>
/// <param name="Taken">Pipeline and SHA-256 of the files that were taken.</param>
/// <param name="RunsUnderWay">Runs that began and have not ended.</param>
/// <param name="Tallied">Versions by state as the ledger itself keeps count of them.</param>
/// <param name="Damage">What the store itself says is wrong with its files; empty when nothing is.</param>
internal sealed record LedgerRows(
    IReadOnlyList<VersionRow> Versions, IReadOnlyDictionary<long, AttemptRow> Attempts, IReadOnlyDictionary<string, string> Watermarks,
    IReadOnlySet<(string Pipeline, string Sha256)> Taken, long RunsUnderWay, long Audited,
    IReadOnlyDictionary<(string Pipeline, RecordState State), long> Tallied, string Damage)
{
    public static readonly LedgerRows Nothing =
        new([], new Dictionary<long, AttemptRow>(), new Dictionary<string, string>(), new HashSet<(string, string)>(), 0, 0, new Dictionary<(string, RecordState), long>(), "");

    public int Count(RecordState state) => Versions.Count(v => v.State == state);

    public override string ToString() => string.Join("; ", Versions.GroupBy(v => v.Pipeline).OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => $"{g.Key} {string.Join(' ', g.GroupBy(v => v.State).OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Count()}"))}"));
}

/// <summary>
/// All SQL of the harness that knows the ledger's tables. Not the product's own code: what the product believes of its ledger is what is under test.
/// </summary>
internal sealed class LedgerTables(DbConnection ledger)
{
    private const string Versions = """
        SELECT v.id, p.name, v.key, v.kind, v.state, v.newest, v.hash, v.lease_token, v.attempts, v.attempt_id,
            substr(b.bytes, v.payload_offset + 1, v.payload_length),
            EXISTS (SELECT 1 FROM claim c WHERE c.token = v.lease_token),
            EXISTS (SELECT 1 FROM rejection r WHERE r.version_id = v.id AND r.standing),
            EXISTS (SELECT 1 FROM attempt_record t JOIN attempt a ON a.id = t.attempt_id WHERE t.version_id = v.id AND a.kind = 1)
                OR EXISTS (SELECT 1 FROM attempt a WHERE a.id = v.attempt_id AND a.kind = 1),
            v.acknowledged_at, v.payload_id, v.payload_offset, v.payload_length
        FROM every_version v JOIN pipeline p ON p.id = v.pipeline_id LEFT JOIN payload b ON b.id = v.payload_id ORDER BY v.id
        """;

    private const string Attempts = """
        SELECT a.id, a.kind, a.records, a.status, length(a.response_hash), a.token,
            (SELECT count(*) FROM attempt_record t WHERE t.attempt_id = a.id) + coalesce(w.plain, 0)
        FROM attempt a
            LEFT JOIN (SELECT v.attempt_id, count(*) AS plain FROM every_version v WHERE v.attempt_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM attempt_record t WHERE t.version_id = v.id AND t.attempt_id = v.attempt_id) GROUP BY v.attempt_id) w ON w.attempt_id = a.id
        """;

    private static readonly string[] s_tables = ["pipeline", "lease", "run", "claim", "version", "pack", "ordered_slots", "record", "attempt", "attempt_record", "rejection", "source_file", "audit", "tally"];

    /// <returns><see cref="LedgerRows.Nothing"/> while the ledger has no tables.</returns>
    public async Task<LedgerRows> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ledger.OpenAsync(cancellationToken);
            await using var transaction = await ledger.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellationToken);
            return await ReadAsync(transaction, cancellationToken);
        }
        catch (Exception e) when (e is SqliteException { SqliteErrorCode: 1 or 14 } or PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn })
        {
            return LedgerRows.Nothing;
        }
    }

    /// <summary>Whether every pipeline has ended a run that began since and did not break off, and nothing is on its way.</summary>
    /// <param name="since">Of the machine's clock.</param>
    public async Task<bool> IsSettledAsync(DateTimeOffset since, int pipelines, CancellationToken cancellationToken)
    {
        try
        {
            await ledger.OpenAsync(cancellationToken);
            return await NumberAsync("SELECT count(*) FROM every_version WHERE state IN (0, 1, 3)", null, cancellationToken) == 0
                && await NumberAsync("SELECT count(*) FROM run WHERE outcome = 0", null, cancellationToken) == 0
                && await NumberAsync(string.Create(CultureInfo.InvariantCulture,
                    $"SELECT count(DISTINCT pipeline_id) FROM run WHERE outcome NOT IN (0, 2) AND kind <> 3 AND started >= {since.ToUnixTimeMilliseconds() * 1000}"), null, cancellationToken) == pipelines;
        }
        catch (Exception e) when (e is SqliteException { SqliteErrorCode: 1 or 14 } or PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn })
        {
            return false;
        }
    }

    /// <returns>Records that are leased by a claim up to <paramref name="token"/>.</returns>
    public async Task<long> LeasedUpToAsync(long token, CancellationToken cancellationToken)
    {
        await ledger.OpenAsync(cancellationToken);
        return await NumberAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM version WHERE state = {(int)RecordState.Leased} AND lease_token <= {token}"), null, cancellationToken);
    }

    /// <summary>All small tables as text, to be kept when a run failed.</summary>
    public async Task<string> DumpAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        await ledger.OpenAsync(cancellationToken);
        foreach (var table in s_tables)
        {
            text.Append("== ").Append(table).Append('\n');
            await QueryAsync($"SELECT * FROM {table}", null, r => text.AppendJoin('\t', Enumerable.Range(0, r.FieldCount).Select(i => Shown(r.GetValue(i)))).Append('\n'), cancellationToken);
        }

        return text.ToString();
    }

    private async Task<LedgerRows> ReadAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var packed = new Dictionary<long, byte[]>();
        await QueryAsync("SELECT id, packed, plain FROM payload WHERE plain IS NOT NULL", transaction, r => packed.Add(r.GetInt64(0), Unpacked(r.GetFieldValue<byte[]>(1), r.GetInt32(2))), cancellationToken);
        var versions = new List<VersionRow>();
        await QueryAsync(Versions, transaction, r => versions.Add(Version(r, packed)), cancellationToken);
        var attempts = new Dictionary<long, AttemptRow>();
        await QueryAsync(
            Attempts, transaction,
            r => attempts.Add(r.GetInt64(0), new(r.GetInt64(0), r.GetInt16(1) == 1, r.GetInt64(2), r.GetInt64(6), r.GetInt64(3), !r.IsDBNull(4) && r.GetInt64(4) > 0, r.GetInt64(5))),
            cancellationToken);
        var watermarks = new Dictionary<string, string>(StringComparer.Ordinal);
        await QueryAsync("SELECT name, watermark FROM pipeline WHERE watermark IS NOT NULL", transaction, r => watermarks.Add(r.GetString(0), r.GetString(1)), cancellationToken);
        var taken = new HashSet<(string, string)>();
        await QueryAsync("SELECT p.name, f.sha256 FROM source_file f JOIN pipeline p ON p.id = f.pipeline_id", transaction, r => taken.Add((r.GetString(0), r.GetString(1))), cancellationToken);
        var tallied = new Dictionary<(string, RecordState), long>();
        await QueryAsync(
            "SELECT p.name, t.state, CAST(sum(t.versions) AS bigint) FROM tally t JOIN pipeline p ON p.id = t.pipeline_id GROUP BY p.name, t.state", transaction,
            r => tallied.Add((r.GetString(0), (RecordState)r.GetInt16(1)), r.GetInt64(2)), cancellationToken);
        var damage = "";
        if (ledger is SqliteConnection)
        {
            await QueryAsync("PRAGMA integrity_check", transaction, r => damage += r.GetString(0) is "ok" ? "" : r.GetString(0), cancellationToken);
        }

        return new LedgerRows(
            versions, attempts, watermarks, taken, await NumberAsync("SELECT count(*) FROM run WHERE outcome = 0", transaction, cancellationToken),
            await NumberAsync("SELECT count(*) FROM audit", transaction, cancellationToken), tallied, damage);
    }

    private static VersionRow Version(DbDataReader r, Dictionary<long, byte[]> packed)
    {
        var bytes = !r.IsDBNull(15) && packed.TryGetValue(r.GetInt64(15), out var payload) ? payload.AsSpan(r.GetInt32(16), r.GetInt32(17)).ToArray()
            : r.IsDBNull(10) ? [] : r.GetFieldValue<byte[]>(10);
        return new VersionRow(
            r.GetInt64(0), r.GetString(1), r.GetString(2), (EntryKind)r.GetInt16(3), (RecordState)r.GetInt16(4), Flag(r, 5), Convert.ToHexStringLower(r.GetFieldValue<byte[]>(6)),
            r.GetInt64(7), r.GetInt32(8), r.IsDBNull(9) ? null : r.GetInt64(9), Truth.MarkIn(Encoding.UTF8.GetString(bytes)), Flag(r, 11), Flag(r, 12), bytes.Length > 0, Flag(r, 13),
            r.IsDBNull(14) ? null : DateTime.UnixEpoch.AddMicroseconds(r.GetInt64(14)));
    }

    // The end of each block of 64 kB stands in front of them all.
    private static byte[] Unpacked(byte[] packed, int length)
    {
        var plain = new byte[length];
        var blocks = (length + 65535) / 65536;
        for (var (block, start) = (0, 4 * blocks); block < blocks; block++)
        {
            var end = BitConverter.ToInt32(packed, 4 * block);
            var into = plain.AsSpan(65536 * block, Math.Min(65536, length - (65536 * block)));
            if (LZ4Codec.Decode(packed.AsSpan(start, end - start), into) != into.Length)
            {
                throw new InvalidDataException($"Block {block} of a payload is not what was packed.");
            }

            start = end;
        }

        return plain;
    }

    private static bool Flag(DbDataReader r, int column) => Convert.ToBoolean(r.GetValue(column), CultureInfo.InvariantCulture);

    private static string Shown(object value) => value switch
    {
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private async Task<long> NumberAsync(string sql, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        var number = 0L;
        await QueryAsync(sql, transaction, r => number = r.GetInt64(0), cancellationToken);
        return number;
    }

    private async Task QueryAsync(string sql, DbTransaction? transaction, Action<DbDataReader> row, CancellationToken cancellationToken)
    {
        await using var command = ledger.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            row(reader);
        }
    }
}
