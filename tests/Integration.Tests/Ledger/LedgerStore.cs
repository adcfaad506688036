using System.Globalization;
using Integration.Ledger;

namespace Integration.Tests.Ledger;

/// <summary>An empty store of one kind, and what the tests do to it behind the ledger's back.</summary>
public abstract class LedgerStore : IAsyncDisposable
{
    /// <summary>A ledger on this store, as another process would open it.</summary>
    internal abstract ILedger Connect();

    /// <summary>Moves the clock that leases are measured with.</summary>
    public abstract Task AdvanceAsync(TimeSpan by);

    /// <summary>Runs SQL beside the ledger; for damage no program would do.</summary>
    public abstract Task<object?> SqlAsync(string sql);

    /// <summary>Changes the first bytes of a payload, wherever it is stored.</summary>
    public Task DamageAsync(string payload) => SqlAsync(
        Schema == "sqlite"
            ? $"UPDATE payload SET bytes = CAST(replace(CAST(bytes AS TEXT), '{payload}', '!!' || substr('{payload}', 3)) AS BLOB) WHERE instr(bytes, CAST('{payload}' AS BLOB)) > 0"
            : $"UPDATE payload SET bytes = overlay(bytes PLACING '!!'::bytea FROM position('{payload}'::bytea IN bytes)) WHERE position('{payload}'::bytea IN bytes) > 0");

    /// <summary>A key's hash, and a payload's, as SQL of this store.</summary>
    public abstract string Key(string key);

    public abstract string Hash(string payload);

    public async Task<long> NumberAsync(string sql) => Convert.ToInt64(await SqlAsync(sql), CultureInfo.InvariantCulture);

    /// <summary>The SQL of one step of the schema.</summary>
    public async Task<string> StepAsync(int version)
    {
        var assembly = typeof(ILedger).Assembly;
        var name = assembly.GetManifestResourceNames().Single(n => n.StartsWith(string.Create(CultureInfo.InvariantCulture, $"Ledger/Schema/{Schema}/{version:000}_"), StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return await reader.ReadToEndAsync();
    }

    /// <summary>What counting the versions gives and the ledger's tally does not, one line a state; empty when it is true.</summary>
    public async Task<string> MiscountedAsync() => (string)(await SqlAsync(
        $"""
        SELECT coalesce({(Schema == "sqlite" ? "group_concat" : "string_agg")}(d.line, '; '), '') FROM (
            SELECT 'pipeline ' || pipeline_id || ' state ' || state || ' is off by ' || sum(n) AS line FROM (
                SELECT pipeline_id, state, count(*) AS n FROM every_version GROUP BY pipeline_id, state
                UNION ALL SELECT pipeline_id, state, -sum(versions) FROM tally GROUP BY pipeline_id, state) c
            GROUP BY pipeline_id, state HAVING sum(n) <> 0) d
        """))!;

    /// <summary>After versions were changed behind the ledger's back.</summary>
    public Task RecountAsync() => SqlAsync(
        "DELETE FROM tally; INSERT INTO tally (pipeline_id, state, versions) SELECT pipeline_id, state, count(*) FROM every_version GROUP BY pipeline_id, state");

    /// <summary>An aggregate: the texts of all rows with a space between, in order.</summary>
    public string Joined(string text, string order) => Schema == "sqlite" ? $"group_concat({text}, ' ' ORDER BY {order})" : $"string_agg({text}, ' ' ORDER BY {order})";

    protected abstract string Schema { get; }

    public abstract ValueTask DisposeAsync();
}
