using Integration.Ledger.Sql;
using Integration.Records;
using Microsoft.Data.Sqlite;

namespace Integration.Ledger.Sqlite;

/// <summary>One writer at a time on one connection, readers beside it (WAL); what is committed is on the disk (synchronous=FULL).</summary>
internal sealed class SqliteDatabase(string connectionString, TimeProvider clock) : Database
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private SqliteConnection? _writer;

    public override string Schema => "sqlite";

    public override Task<T> SetUpAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => WriteAsync(work, cancellationToken);

    public override async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return await GuardAsync(async () =>
            {
                _writer ??= Open(SqliteOpenMode.ReadWriteCreate, pooling: false);
                await using var transaction = _writer.BeginTransaction(deferred: false);
                var result = await work(new SqliteSession(_writer, transaction, _prepared, clock.GetUtcNow(), cancellationToken));
                Failpoint.Reach("P04 before commit");
                transaction.Commit();
                Failpoint.Reach("P05 commit sent, answer not read");
                return result;
            });
        }
        catch (LedgerUnavailableException)
        {
            // A connection that failed may be in any state; the next call opens a new one.
            Forget();
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = Open(SqliteOpenMode.ReadWrite, pooling: true);
        await using var transaction = connection.BeginTransaction(deferred: true);
        var prepared = new Dictionary<string, SqliteCommand>(StringComparer.Ordinal);
        try
        {
            return await work(new SqliteSession(connection, transaction, prepared, clock.GetUtcNow(), cancellationToken));
        }
        finally
        {
            Drop(prepared);
        }
    });

    public override Task<HeldSession> HoldAsync(CancellationToken cancellationToken) => GuardAsync(() =>
    {
        var connection = Open(SqliteOpenMode.ReadWrite, pooling: false);
        var prepared = new Dictionary<string, SqliteCommand>(StringComparer.Ordinal);

        // On disk, whatever the library's default: a sweep of millions of keys stays out of memory.
        Execute(connection, "PRAGMA temp_store = FILE; PRAGMA temp.journal_mode = OFF; CREATE TEMP TABLE seen (key_hash BLOB PRIMARY KEY) WITHOUT ROWID");
        return Task.FromResult(new HeldSession(
            token => new SqliteSession(connection, null, prepared, clock.GetUtcNow(), token),
            () =>
            {
                Drop(prepared);
                return connection.DisposeAsync();
            }));
    });

    public override async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (SqliteException e)
        {
            throw Unavailable.Because(
                e.SqliteErrorCode switch
                {
                    5 or 6 => Unavailable.Busy,
                    8 => Unavailable.ReadOnly,
                    11 or 26 => Unavailable.Damaged,
                    10 => Unavailable.Lost,
                    13 => Unavailable.DiskFull,
                    3 or 14 or 23 => Unavailable.CannotOpen,
                    _ => Unavailable.Failed,
                },
                e,
                $"SQLite {e.SqliteExtendedErrorCode}");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        Forget();
        _writing.Dispose();
        using var pool = new SqliteConnection(Settings(SqliteOpenMode.ReadWrite, pooling: true));
        SqliteConnection.ClearPool(pool);
    }

    private SqliteConnection Open(SqliteOpenMode mode, bool pooling)
    {
        var connection = new SqliteConnection(Settings(mode, pooling));
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {connection.DefaultTimeout * 1000}; PRAGMA foreign_keys = ON");
            if (mode == SqliteOpenMode.ReadWriteCreate)
            {
                Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8000");
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private string Settings(SqliteOpenMode mode, bool pooling)
    {
        var settings = new SqliteConnectionStringBuilder(connectionString) { Pooling = pooling };
        if (settings.Mode != SqliteOpenMode.ReadOnly)
        {
            settings.Mode = mode;
        }

        return settings.ToString();
    }

    private void Forget()
    {
        Drop(_prepared);
        _writer?.Dispose();
        _writer = null;
    }

    private static void Drop(Dictionary<string, SqliteCommand> prepared)
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }

        prepared.Clear();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
