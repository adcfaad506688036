using Npgsql;

namespace Integration.Ledger.Postgres;

/// <summary>
/// The server of a ledger, or the several that may come to be it (<c>Host=a:5432,b:5432</c>): of them the one that takes writes is used, and
/// after a fail-over the one that takes them then.
/// </summary>
internal sealed class PostgresServers : IAsyncDisposable
{
    // A worker that stops between two statements, or is no longer reached, must not keep the others from the rows it locked. Far longer than any healthy pause.
    private static readonly (string Name, int Value)[] s_limits =
        [("idle_in_transaction_session_timeout", 30_000), ("tcp_keepalives_idle", 20), ("tcp_keepalives_interval", 5), ("tcp_keepalives_count", 4)];

    // The library's builder says of every setting that it contains it.
    private static readonly NpgsqlConnectionStringBuilder Unset = [];

    private readonly NpgsqlDataSource _source;
    private readonly ILogger _logger;
    private string? _last;

    public PostgresServers(string connectionString, ILogger logger)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.MaxAutoPrepare == 0)
        {
            settings.MaxAutoPrepare = 100;
        }

        foreach (var (name, value) in s_limits)
        {
            if (settings.Options?.Contains(name, StringComparison.Ordinal) != true)
            {
                settings.Options = $"{settings.Options} -c {name}={value}".Trim();
            }
        }

        // A transaction is begun and ended by statements, which all need the one connection.
        settings.Multiplexing = false;

        // Nothing is left behind in a session that a reset would have to undo, and a reset costs as much as a transaction.
        settings.NoResetOnClose = true;
        settings.ApplicationName ??= "integration";
        if (settings.ReadBufferSize == Unset.ReadBufferSize)
        {
            settings.ReadBufferSize = 32 * 1024;
        }

        if (settings.WriteBufferSize == Unset.WriteBufferSize)
        {
            settings.WriteBufferSize = 64 * 1024;
        }

        (MostConnections, Patience, _logger) = (settings.MaxPoolSize, TimeSpan.FromSeconds(settings.Timeout), logger);
        _source = Build(settings);
    }

    /// <summary>The most connections there may be at a time.</summary>
    public int MostConnections { get; }

    /// <summary>How long a connection is waited for.</summary>
    public TimeSpan Patience { get; }

    /// <param name="connectionString">Several hosts, or one.</param>
    /// <returns>False when it asks for a server that takes no writes; a ledger is nothing but writes.</returns>
    public static bool MayWrite(string connectionString) => Wanted(new NpgsqlConnectionStringBuilder(connectionString)) is not null;

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken);
        var server = $"{connection.Host}:{connection.Port}";
        if (Interlocked.Exchange(ref _last, server) is { } before && before != server)
        {
            _logger.ServerChanged(server, before);
        }

        return connection;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    // The library takes the wish for a kind of server with the call that makes the source, not from the connection string.
    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        var wanted = Wanted(settings) ?? throw new ArgumentException($"A ledger needs a server that takes writes, not '{settings.TargetSessionAttributes}'.", nameof(settings));
        var isSeveral = settings.Host?.Contains(',', StringComparison.Ordinal) == true;
        settings.Remove("Target Session Attributes");
        if (isSeveral && settings.HostRecheckSeconds == Unset.HostRecheckSeconds)
        {
            settings.HostRecheckSeconds = 2;
        }

        // A ledger uses no types of its own; asking a server for all it has takes longer than a status.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString).ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return isSeveral ? builder.BuildMultiHost().WithTargetSession(wanted) : builder.Build();
    }

    private static TargetSessionAttributes? Wanted(NpgsqlConnectionStringBuilder settings) => settings.TargetSessionAttributes switch
    {
        null or "" or "any" or "read-write" => TargetSessionAttributes.ReadWrite,
        "primary" or "prefer-primary" => TargetSessionAttributes.Primary,
        _ => null,
    };
}
