namespace Integration.Deliver.Dvcqg;

/// <summary>
/// What is told about a portal in <c>Connections:{name}</c>. No path is built in: provinces reach the portal through adapters and relays of
/// their own, whose paths differ.
/// </summary>
internal sealed record DvcqgConnection
{
    public required HttpConnection Http { get; init; }

    public required DvcqgShape Shape { get; init; }

    public required string LoginPath { get; init; }

    /// <summary>Writes and look-ups. <c>{service}</c> stands for the service's name.</summary>
    public required string DataPath { get; init; }

    /// <summary>Catalogue reads.</summary>
    public required string SharePath { get; init; }

    public required string Username { get; init; }

    /// <summary>Reads the password anew, so that a changed file needs no restart.</summary>
    public required Func<string> Password { get; init; }

    /// <summary>The unit's code (<c>madonvi</c>).</summary>
    public required string Unit { get; init; }

    /// <summary>Relay only: query parameter that carries the unit; empty: none.</summary>
    public required string UnitParameter { get; init; }

    public required TimeSpan SessionLifetime { get; init; }

    /// <summary>A refusal whose message holds one of these words may mean that the session has ended.</summary>
    public required IReadOnlyList<string> SessionWords { get; init; }

    private static readonly string[] UsualSessionWords = ["phiên", "session", "token", "hết hạn", "đăng nhập"];

    /// <exception cref="SettingsException">Something is missing or wrong.</exception>
    public static DvcqgConnection Read(IConfigurationSection section)
    {
        var settings = new Settings(section);
        var http = HttpConnection.Read(settings);
        var shape = settings.Choice("Shape", DvcqgShape.Envelope);
        var dstCode = settings.Text("DstCode");
        var dataPath = settings.Text("DataPath") ?? "mapi/g";
        var connection = new DvcqgConnection
        {
            Http = http with { Headers = WithDstCode(http.Headers, dstCode) },
            Shape = shape,
            LoginPath = settings.Text("LoginPath") ?? "mapi/login",
            DataPath = dataPath,
            SharePath = settings.Text("SharePath") ?? dataPath,
            Username = shape == DvcqgShape.Envelope ? settings.Required("Username") : settings.Text("Username") ?? "",
            Password = ReadPassword(settings, shape),
            Unit = settings.Required("Unit"),
            UnitParameter = settings.Text("UnitParameter") ?? "MaDinhDanhDV",
            SessionLifetime = settings.Duration("SessionLifetime", TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)),
            SessionWords = settings.List("SessionWords", UsualSessionWords),
        };
        foreach (var name in (string[])["LoginPath", "DataPath", "SharePath"])
        {
            CheckPath(settings, name, settings.Text(name) ?? "");
        }

        settings.Finish();
        return connection;
    }

    public Uri At(string path) => new($"{Http.Url.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path.TrimStart('/')}");

    /// <summary>A path is a path: with a scheme, a host or a way upwards it would lead to another place than the one that was allowed.</summary>
    public static bool IsPath(string path) =>
        !path.Contains("..", StringComparison.Ordinal) && !path.Contains('#', StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal)
        && !path.StartsWith("//", StringComparison.Ordinal) && !path.Split('?')[0].Contains(':', StringComparison.Ordinal)
        && path.All(c => c is > ' ' and <= '~');

    private static void CheckPath(Settings settings, string name, string path)
    {
        if (!IsPath(path))
        {
            settings.Fault(new($"{settings.Place(name)} phải là đường dẫn dưới Url, không phải địa chỉ đầy đủ.", $"{settings.Place(name)} must be a path below Url, not a full address."));
        }
    }

    private static Dictionary<string, string> WithDstCode(IReadOnlyDictionary<string, string> headers, string? dstCode)
    {
        var all = new Dictionary<string, string>(headers, StringComparer.OrdinalIgnoreCase);
        all.TryAdd("Charset", "utf-8");
        if (dstCode is not null)
        {
            all["dstcode"] = dstCode;
        }

        return all;
    }

    private static Func<string> ReadPassword(Settings settings, DvcqgShape shape)
    {
        var password = settings.Text("Password");
        var file = settings.Text("PasswordFile");
        if (shape == DvcqgShape.Envelope && password is null == file is null)
        {
            settings.Fault(new(
                $"Cần đúng một trong hai: {settings.Place("PasswordFile")} hoặc {settings.Place("Password")}.",
                $"Exactly one of {settings.Place("PasswordFile")} and {settings.Place("Password")} is needed."));
        }

        if (file is not null && !File.Exists(file))
        {
            settings.Fault(new($"{settings.Place("PasswordFile")}: không có tệp này.", $"{settings.Place("PasswordFile")}: there is no such file."));
        }

        return file is null ? () => password ?? "" : () => File.ReadAllText(file).TrimEnd('\r', '\n');
    }
}

internal enum DvcqgShape : byte
{
    /// <summary>Login, then <c>{session, madonvi, service, …, data:[…]}</c>.</summary>
    Envelope,

    /// <summary>A province's relay: the bare array as the body, unit and create/update in the query, no login.</summary>
    Relay,
}
