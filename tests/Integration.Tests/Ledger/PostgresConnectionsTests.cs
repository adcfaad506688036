using System.Buffers;
using Integration.Ledger;
using Integration.Ledger.Postgres;
using Integration.Records;
using Integration.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Integration.Tests.Ledger;

/// <summary>Few connections, quarrelling transactions, clients that stand still, several servers.</summary>
public sealed class PostgresConnectionsTests(PostgresCluster cluster)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_pipelines_on_two_connections_wait_for_each_other_and_leak_none()
    {
        var connection = await cluster.CreateDatabaseAsync(Cancelled);
        await using var ledger = await OpenAsync($"{connection};Maximum Pool Size=2");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(async () =>
        {
            var ticket = (await ledger.TryLeaseAsync($"sync:p{n}", "w", Minute, Cancelled))!;
            var run = await ledger.BeginRunAsync(new RunStart($"p{n}", RunKind.Schedule, "w", "m", null), Cancelled);
            await using var sweep = await ledger.BeginSweepAsync($"p{n}", Cancelled);
            for (var page = 0; page < 3; page++)
            {
                await ledger.CommitSliceAsync(ticket, run, SliceOf($"k{page}"), Cancelled);
                await sweep.SeeAsync([$"k{page}"], Cancelled);
            }

            Assert.Equal(new SweepCounts(3, 0), await sweep.CountAsync(Cancelled));
        })));
        Assert.Equal(20, (await ledger.ReadStatusAsync(Cancelled)).Count(s => s.States[RecordState.Ready] == 3));
        Assert.InRange((long)(await PostgresPair.SqlAsync(connection, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'integration'"))!, 1, 2);
    }

    [Theory]
    [InlineData("40001", 5, 6)]
    [InlineData("40P01", 5, 6)]
    [InlineData("40001", 1000, 6)]
    [InlineData("40P01", 1000, 6)]
    public async Task A_transaction_that_met_another_one_is_run_again_a_few_times_and_no_more(string state, int failures, int tries)
    {
        var connection = await cluster.CreateDatabaseAsync(Cancelled);
        await using var ledger = await OpenAsync(connection);
        await PostgresPair.SqlAsync(connection, "CREATE SEQUENCE tries");
        await PostgresPair.SqlAsync(connection, $"""
            CREATE FUNCTION quarrel() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('tries') <= {failures} THEN RAISE EXCEPTION 'met another one' USING ERRCODE = '{state}'; END IF;
                RETURN NEW;
            END $$
            """);
        await PostgresPair.SqlAsync(connection, "CREATE TRIGGER quarrel BEFORE INSERT ON lease FOR EACH ROW EXECUTE FUNCTION quarrel()");

        if (failures < tries)
        {
            Assert.NotNull(await ledger.TryLeaseAsync("job", "a", Minute, Cancelled));
        }
        else
        {
            var busy = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.TryLeaseAsync("job", "a", Minute, Cancelled));
            Assert.StartsWith("Sổ đồng bộ bận quá lâu", busy.What.Vi, StringComparison.Ordinal);
        }

        Assert.Equal((long)tries, await PostgresPair.SqlAsync(connection, "SELECT last_value FROM tries"));
        Assert.Equal(failures < tries ? 1L : 0L, await PostgresPair.SqlAsync(connection, "SELECT count(*) FROM lease"));
    }

    [Fact]
    public async Task A_worker_that_stands_still_in_its_transaction_does_not_keep_the_others_out()
    {
        var connection = await cluster.CreateDatabaseAsync(Cancelled);
        await using (var first = await OpenAsync(connection))
        {
            // Made before: the slice's own transaction is the one to stand still in.
        }

        await using var proxy = new CommitProxy(connection, (_, statements) => statements.Contains("INSERT INTO version", StringComparison.Ordinal) ? CommitFate.Swallow : CommitFate.Pass);
        await using var frozen = LedgerFactory.Create(
            "postgres", $"{proxy.ConnectionString};Options=-c idle_in_transaction_session_timeout=1000", TimeProvider.System, NullLoggerFactory.Instance);
        var ticket = (await frozen.TryLeaseAsync("sync:p", "frozen", TimeSpan.FromSeconds(1), Cancelled))!;
        var run = await frozen.BeginRunAsync(new RunStart("p", RunKind.Schedule, "frozen", "m", null), Cancelled);
        var commit = frozen.CommitSliceAsync(ticket, run, SliceOf("by-frozen"), Cancelled);
        await Until.TrueAsync(() => Task.FromResult(proxy.Held == 1), TimeSpan.FromSeconds(30), () => Task.FromResult("the COMMIT is swallowed"));

        await using var other = await OpenAsync(connection);
        Ticket? taken = null;
        await Until.TrueAsync(
            async () => (taken = await other.TryLeaseAsync("sync:p", "other", Minute, Cancelled)) is not null, TimeSpan.FromSeconds(25), () => Task.FromResult("the other takes the lease"));
        var next = await other.BeginRunAsync(new RunStart("p", RunKind.Schedule, "other", "m", null), Cancelled);
        await other.CommitSliceAsync(taken!, next, SliceOf("by-other"), Cancelled);

        proxy.LetGo();
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => commit);
        Assert.Equal("by-other", await PostgresPair.SqlAsync(connection, "SELECT string_agg(key, ',') FROM every_version"));
    }

    [Theory]
    [InlineData("idle_in_transaction_session_timeout", "30s")]
    [InlineData("tcp_keepalives_idle", "20")]
    [InlineData("tcp_keepalives_count", "4")]
    public async Task Every_connection_limits_how_long_it_may_stand_still_in_a_transaction_or_be_out_of_reach(string limit, string value)
    {
        await using var servers = new PostgresServers(await cluster.CreateDatabaseAsync(Cancelled), NullLogger.Instance);
        await using var connection = await servers.OpenAsync(Cancelled);
        await using var show = new NpgsqlCommand($"SHOW {limit}", connection);
        Assert.Equal(value, await show.ExecuteScalarAsync(Cancelled));
    }

    [Fact]
    public async Task A_connection_that_is_lost_stays_lost_for_whoever_holds_it_and_is_told_as_that()
    {
        await using var servers = new PostgresServers(await cluster.CreateDatabaseAsync(Cancelled), NullLogger.Instance);
        await using var connection = await servers.OpenAsync(Cancelled);
        var session = new PostgresSession(connection, Cancelled);
        await Assert.ThrowsAsync<PostgresException>(() => session.NumberAsync("SELECT 1 FROM pg_terminate_backend(pg_backend_pid())"));
        await Assert.ThrowsAsync<NpgsqlException>(() => session.ExecuteAsync("CREATE TEMP TABLE t (n int)"));
        await Assert.ThrowsAsync<NpgsqlException>(() => session.NumberAsync("SELECT 1"));
        await session.WriteAsync("DROP TABLE t");
        await Assert.ThrowsAsync<NpgsqlException>(session.FlushAsync);
    }

    [Theory]
    [InlineData("Host=127.0.0.1", true)]
    [InlineData("Host=a,b", true)]
    [InlineData("Host=a,b;Target Session Attributes=read-write", true)]
    [InlineData("Host=a,b;Target Session Attributes=primary", true)]
    [InlineData("Host=a,b;Target Session Attributes=standby", false)]
    [InlineData("Host=a,b;Target Session Attributes=prefer-standby", false)]
    [InlineData("Host=a,b;Target Session Attributes=read-only", false)]
    public async Task Only_a_server_that_takes_writes_can_be_a_ledger(string connection, bool may)
    {
        Assert.Equal(may, LedgerFactory.MayWrite(connection));
        if (may)
        {
            await LedgerFactory.Create("postgres", connection, TimeProvider.System, NullLoggerFactory.Instance).DisposeAsync();
        }
    }

    [Fact]
    public async Task Of_several_servers_the_one_that_is_there_is_used()
    {
        var connection = new NpgsqlConnectionStringBuilder(await cluster.CreateDatabaseAsync(Cancelled));
        connection.Host = $"127.0.0.1:1,127.0.0.1:{connection.Port}";
        await using var ledger = await OpenAsync($"{connection.ConnectionString};Target Session Attributes=read-write");
        Assert.NotNull(await ledger.TryLeaseAsync("job", "a", Minute, Cancelled));
    }

    private static async Task<ILedger> OpenAsync(string connection)
    {
        var ledger = LedgerFactory.Create("postgres", connection, TimeProvider.System, NullLoggerFactory.Instance);
        await ledger.OpenAsync(Cancelled);
        return ledger;
    }

    private static Slice SliceOf(string key)
    {
        var slice = new Slice { Watermark = key };
        slice.Bytes.Write("{}"u8);
        slice.Add(new SliceEntry { Key = key, Kind = EntryKind.Put, Hash = ContentHash.Of("{}"u8), Start = 0, Length = 2 });
        return slice;
    }
}
