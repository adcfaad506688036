using System.Data;
using System.Net.Sockets;
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

    private readonly PostgresServers _servers;
    private readonly SemaphoreSlim _holdable;
    private readonly int _known = StepSchema.Newest("postgres");
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    public PostgresDatabase(string connectionString, TimeProvider clock, ILogger logger)
    {
        _servers = new PostgresServers(connectionString, logger);
        _holdable = new SemaphoreSlim(Math.Max(1, _servers.MostConnections - 1));
        (_clock, _logger) = (clock, logger);
    }

    public override string Schema => "postgres";

    public override Task<T> SetUpAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => GuardAsync(() => TransactAsync(
        async session =>
        {
            await session.NumberAsync("SELECT 1 FROM pg_advisory_xact_lock(@lock)", ("lock", SchemaLock));
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

    // What moves from one table to another while it is looked for is found once.
    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) =>
        GuardAsync(() => TransactAsync(
            async session =>
            {
                await session.FlushAsync();
                return await work(session);
            },
            hasClock: true,
            cancellationToken,
            IsolationLevel.RepeatableRead));

    public override Task<T> ReadApartAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var connection = await _servers.OpenAsync(cancellationToken);
        return await work(new PostgresSession(connection, cancellationToken));
    });

    // One connection always stays free: whoever holds one writes his slices by another, and would wait for himself.
    public override Task<HeldSession> HoldAsync(CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        if (!await _holdable.WaitAsync(_servers.Patience, cancellationToken))
        {
            throw new NpgsqlException("No connection is free to be held for a whole reading; raise Maximum Pool Size.", new TimeoutException());
        }

        NpgsqlConnection? connection = null;
        try
        {
            connection = await _servers.OpenAsync(cancellationToken);
            await new PostgresSession(connection, cancellationToken).ExecuteAsync("DROP TABLE IF EXISTS pg_temp.seen; CREATE TEMP TABLE seen (key_hash uuid PRIMARY KEY)");
        }
        catch
        {
            await (connection?.DisposeAsync() ?? default);
            _holdable.Release();
            throw;
        }

        return new HeldSession(token => new PostgresSession(connection, token), async () =>
        {
            await CloseAsync(connection);
            _holdable.Release();
        });
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

    public override ValueTask DisposeAsync()
    {
        _holdable.Dispose();
        return _servers.DisposeAsync();
    }

    private async Task<T> TransactAsync<T>(Func<Session, Task<T>> work, bool hasClock, CancellationToken cancellationToken, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        // A connection that is closed in a transaction rolls it back.
        await using var connection = await _servers.OpenAsync(cancellationToken);
        var session = new PostgresSession(connection, cancellationToken);
        await session.BeginAsync(isolation);
        if (hasClock)
        {
            await session.AskClockAsync(_known);
        }

        var result = await work(session);
        Failpoint.Reach("P04 before commit");
        var committed = session.CommitAsync();
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
        : Unavailable.Because(e.InnerException is TimeoutException ? Unavailable.Busy : Unavailable.Lost, new InvalidOperationException(InWords(e), e), "PostgreSQL");

    // The library's own words for a broken connection are for programmers.
    private static string InWords(NpgsqlException e)
    {
        for (Exception? inner = e.InnerException; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case SocketException socket:
                    return socket.SocketErrorCode.ToString();
                case EndOfStreamException:
                    return "connection closed";
                case TimeoutException:
                    return e.Message.StartsWith("Exception", StringComparison.Ordinal) ? "timeout" : e.Message;
            }
        }

        return e.Message.StartsWith("Exception", StringComparison.Ordinal) ? "connection broken" : e.Message;
    }
}
