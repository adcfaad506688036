using Integration.Records;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Integration.Extract.Sql;

/// <summary>A source database as the configuration names it: <c>Provider</c>, <c>ConnectionString</c>, <c>PasswordFile</c>, <c>Zone</c>.</summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly SqlSourceOptions _options;
    private readonly TimeProvider _clock;
    private readonly NpgsqlDataSource? _postgres;

    /// <exception cref="SourceBrokenException">A setting is missing or cannot be used.</exception>
    public Database(SqlSourceOptions options, SourceContext context)
    {
        (_options, _clock, Name, RecordBytes) = (options, context.Clock, options.Connection ?? "", context.RecordBytes);
        var text = context.Connection?["ConnectionString"];
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Wrong("ConnectionString", "còn trống", "is missing");
        }

        Zone = context.Connection!["Zone"] is { Length: > 0 } zone ? FindZone(zone) : context.Zone;
        ToUtc = Zone.HasSameRules(context.Zone) ? null : Convert;
        try
        {
            switch (context.Connection["Provider"]?.ToLowerInvariant())
            {
                case "postgres":
                    ConnectionString = Postgres(text, context.Connection["PasswordFile"]);
                    _postgres = DataSource(ConnectionString);
                    break;
                case "sqlite":
                    ConnectionString = new SqliteConnectionStringBuilder(text) { Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString();
                    break;
                default:
                    throw Wrong("Provider", "phải là postgres hoặc sqlite", "must be postgres or sqlite");
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw Wrong("ConnectionString", "không hợp lệ", "is not valid");
        }
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public int RecordBytes { get; }

    /// <summary>
    /// A reading met a cell beyond <see cref="RecordBytes"/>, or lost its connection, perhaps by one: later ones are prepared for such from the beginning,
    /// as long as this program runs.
    /// </summary>
    public bool HasHugeCells { get; set; }

    /// <summary>Zone in which the database writes its local times.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>Null when local times are the pipeline's own; otherwise they are turned into UTC, or null where that is not one moment.</summary>
    public Func<DateTime, DateTime?>? ToUtc { get; }

    public async Task<ISession> ConnectAsync(CancellationToken cancellationToken) => _postgres is null
        ? await SqliteSession.ConnectAsync(_options, this, _clock, cancellationToken)
        : await PostgresSession.ConnectAsync(_postgres, _options, this, _clock, cancellationToken);

    /// <summary>One server of those that the connection string may name.</summary>
    public NpgsqlDataSource Server(string? host, int port) => DataSource(new NpgsqlConnectionStringBuilder(ConnectionString) { Host = host, Port = port }.ToString());

    public ValueTask DisposeAsync() => _postgres?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static NpgsqlDataSource DataSource(string connectionString) =>
        new NpgsqlDataSourceBuilder(connectionString).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();

    // No pool: between two readings nothing stays open at the source, and no session outlives its settings.
    private string Postgres(string text, string? passwordFile)
    {
        var builder = new NpgsqlConnectionStringBuilder(text)
        {
            ApplicationName = PostgresSession.ApplicationName,
            Pooling = false,
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,
            TcpKeepAlive = true,
            ReadBufferSize = 64 * 1024,

            // The server stops a statement itself; this is for a server that says nothing any more.
            CommandTimeout = (int)_options.Timeout.TotalSeconds + 5,
        };
        if (!string.IsNullOrEmpty(passwordFile))
        {
            try
            {
                builder.Password = File.ReadAllText(passwordFile).TrimEnd('\r', '\n');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Wrong("PasswordFile", "không đọc được tệp này", "cannot be read");
            }
        }

        return builder.ToString();
    }

    private TimeZoneInfo FindZone(string zone) => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)
        ? found
        : throw Wrong("Zone", $"không có múi giờ '{zone}'", $"there is no time zone '{zone}'");

    private DateTime? Convert(DateTime local) => Zone.IsInvalidTime(local) || Zone.IsAmbiguousTime(local) ? null : TimeZoneInfo.ConvertTimeToUtc(local, Zone);

    private SourceBrokenException Wrong(string setting, string vi, string en) =>
        new(new Text($"Connections:{Name}:{setting} {vi}.", $"Connections:{Name}:{setting} {en}.")) { Setting = $"Connections:{Name}" };
}
