using Integration.Ledger.Sql;
using Integration.Records;
using Microsoft.Data.Sqlite;

namespace Integration.Ledger.Sqlite;

/// <summary>One writer at a time on one connection, readers beside it (WAL); what is committed is on the disk (synchronous=FULL).</summary>
internal sealed class SqliteDatabase(string connectionString, TimeProvider clock) : Database
{
    private readonly int _known = StepSchema.Newest("sqlite");
    private readonly SemaphoreSlim _writing = new(1, 1);
    private SqlitePrepared? _writer;

    public override string Schema => "sqlite";

    public override long? FreeDisk
    {
        get
        {
            try
            {
                var file = Path.GetFullPath(new SqliteConnectionStringBuilder(connectionString).DataSource);
                return new DriveInfo(Path.GetDirectoryName(file)!).AvailableFreeSpace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return null;
            }
        }
    }

    public override Task<T> SetUpAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => TransactAsync(work, cancellationToken);

    public override Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => TransactAsync(
        async session =>
        {
            // A newer program's command may have stepped the schema up under a worker that runs.
            if (await session.NumberAsync("SELECT max(version) FROM schema_version") is { } found && found > _known)
            {
                throw new LedgerTooNewException((int)found, _known);
            }

            return await work(session);
        },
        cancellationToken);

    private async Task<T> TransactAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return await GuardAsync(async () =>
            {
                _writer ??= new SqlitePrepared(Open(SqliteOpenMode.ReadWriteCreate, pooling: false));
                await using var transaction = _writer.Connection.BeginTransaction(deferred: false);
                var result = await work(new SqliteSession(_writer, transaction, clock.GetUtcNow(), cancellationToken));
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
        await using var prepared = new SqlitePrepared(Open(SqliteOpenMode.ReadWrite, pooling: true));
        await using var transaction = prepared.Connection.BeginTransaction(deferred: true);
        return await work(new SqliteSession(prepared, transaction, clock.GetUtcNow(), cancellationToken));
    });

    public override Task<HeldSession> HoldAsync(CancellationToken cancellationToken) => GuardAsync(() =>
    {
        var prepared = new SqlitePrepared(Open(SqliteOpenMode.ReadWrite, pooling: false));

        // On disk, whatever the library's default: a sweep of millions of keys stays out of memory.
        Execute(prepared.Connection, "PRAGMA temp_store = FILE; PRAGMA temp.journal_mode = OFF; CREATE TEMP TABLE seen (key_hash BLOB PRIMARY KEY) WITHOUT ROWID");
        return Task.FromResult(new HeldSession(token => new SqliteSession(prepared, null, clock.GetUtcNow(), token), prepared.DisposeAsync));
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
                    10 => Unavailable.DiskFails,
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
                Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 8000");
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
        _writer?.Dispose();
        _writer = null;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
