using Integration.Ledger.Sql;
using Integration.Records;
using Npgsql;

namespace Integration.Ledger.Postgres;

/// <summary>A server for several workers. Transactions are short, at READ COMMITTED, and lock what they read to decide.</summary>
internal sealed class PostgresDatabase : Database
{
    private const int MostAttempts = 6;

    // Any number, as long as no other program uses it in this database.
    private const long SchemaLock = 7_302_115_580_091;

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    public PostgresDatabase(string connectionString, TimeProvider clock, ILogger logger)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 100;
        }

        settings.ApplicationName ??= "integration";
        _source = NpgsqlDataSource.Create(settings);
        (_clock, _logger) = (clock, logger);
    }

    public override string Schema => "postgres";

    public override Task<T> SetUpAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => GuardAsync(() => TransactAsync(
        async session =>
        {
            await session.ExecuteAsync("SELECT pg_advisory_xact_lock(@lock)", ("lock", SchemaLock));
            return await work(session);
        },
        hasClock: false,
        cancellationToken));

    public override async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TransactAsync(work, hasClock: true, cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected && attempt < MostAttempts)
            {
                _logger.TransactionRepeated(e.SqlState, attempt);
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 20 * attempt)), _clock, cancellationToken);
            }
            catch (NpgsqlException e)
            {
                throw Translate(e);
            }
        }
    }

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) =>
        GuardAsync(() => TransactAsync(work, hasClock: true, cancellationToken));

    public override Task<HeldSession> HoldAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken);
        try
        {
            await new PostgresSession(connection, cancellationToken).ExecuteAsync("CREATE TEMP TABLE seen (key_hash uuid PRIMARY KEY)");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        return new HeldSession(token => new PostgresSession(connection, token), () => CloseAsync(connection));
    });

    public override async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException e)
        {
            throw Translate(e);
        }
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<T> TransactAsync<T>(Func<Session, Task<T>> work, bool hasClock, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var session = new PostgresSession(connection, cancellationToken);
        if (hasClock)
        {
            await session.ReadClockAsync();
        }

        var result = await work(session);

        // Past this point a cancelled caller could no longer know what was written.
        Failpoint.Reach("P04 before commit");
        var committed = transaction.CommitAsync(CancellationToken.None);
        Failpoint.Reach("P05 commit sent, answer not read");
        await committed;
        return result;
    }

    private static async ValueTask CloseAsync(NpgsqlConnection connection)
    {
        try
        {
            await new PostgresSession(connection, CancellationToken.None).ExecuteAsync("DROP TABLE IF EXISTS seen");
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The server forgets the table with the connection.
        }

        await connection.DisposeAsync();
    }

    private static LedgerUnavailableException Translate(NpgsqlException e) => e is PostgresException answer
        ? Unavailable.Because(
            answer.SqlState switch
            {
                "53100" => Unavailable.DiskFull,
                "25006" or "42501" => Unavailable.ReadOnly,
                "40001" or "40P01" or "55P03" or "57014" => Unavailable.Busy,
                "57P01" or "57P02" or "57P03" => Unavailable.Lost,
                "3D000" or "28000" or "28P01" or "53300" => Unavailable.CannotOpen,
                "XX001" or "XX002" => Unavailable.Damaged,
                _ when answer.SqlState.StartsWith("08", StringComparison.Ordinal) => Unavailable.Lost,
                _ => Unavailable.Failed,
            },
            new InvalidOperationException(answer.MessageText, answer),
            $"PostgreSQL {answer.SqlState}")
        : Unavailable.Because(e.InnerException is TimeoutException ? Unavailable.Busy : Unavailable.Lost, e, "PostgreSQL");
}
