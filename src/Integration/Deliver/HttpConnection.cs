using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Integration.Deliver;

/// <summary>What every receiver reached by HTTP is told in <c>Connections:{name}</c>.</summary>
internal sealed record HttpConnection
{
    public required Uri Url { get; init; }

    /// <summary>Headers added to every request.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>For a call that changes something, from the first byte to the last of the answer.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>For login and look-ups.</summary>
    public required TimeSpan LookUpTimeout { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>An answer longer than this, after decompression, is not read.</summary>
    public required int LargestReply { get; init; }

    /// <summary>The longest rest a receiver may ask for.</summary>
    public required TimeSpan LongestRest { get; init; }

    /// <summary>How long a receiver that denies access is left alone: accounts are locked for knocking too often.</summary>
    public required TimeSpan RestAfterDenial { get; init; }

    public required PacingSettings Pacing { get; init; }

    /// <summary>When the receiver takes nothing.</summary>
    public required ClosedTimes Closed { get; init; }

    /// <summary>Certificate authorities (PEM) that alone are trusted here; null: those of the machine.</summary>
    public string? CaFile { get; init; }

    /// <summary>Outgoing proxy; null: none, whatever the environment says.</summary>
    public Uri? Proxy { get; init; }

    private static readonly string[] OwnHeaders =
        ["Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Expect", "Connection", "Accept", "Accept-Encoding", "Cookie"];

    public static HttpConnection Read(Settings settings)
    {
        var plain = settings.Flag("AllowPlainHttp", unlessSet: false);
        return new HttpConnection
        {
            Url = ReadUrl(settings, "Url", settings.Required("Url"), plain) ?? new Uri("https://localhost/"),
            Headers = ReadHeaders(settings),
            Timeout = settings.Duration("Timeout", TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(30)),
            LookUpTimeout = settings.Duration("LookUpTimeout", TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            ConnectTimeout = settings.Duration("ConnectTimeout", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2)),
            LargestReply = settings.Whole("LargestReply", 1 << 20, 1 << 10, 64 << 20),
            LongestRest = settings.Duration("LongestRest", TimeSpan.FromHours(24), TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
            RestAfterDenial = settings.Duration("RestAfterDenial", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24)),
            Pacing = PacingSettings.Read(settings),
            Closed = ClosedTimes.Read(settings),
            CaFile = ReadCaFile(settings),
            Proxy = settings.Text("Proxy") is { } proxy ? ReadUrl(settings, "Proxy", proxy, plainHttp: true) : null,
        };
    }

    /// <summary>
    /// A client that sends every request once: no redirects, no cookies, no Expect, HTTP/1.1, no retries. Its requests must have a body,
    /// since a request without one is repeated by the handler itself when a connection breaks.
    /// </summary>
    public HttpClient Open()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = Proxy is not null,
            Proxy = Proxy is null ? null : new WebProxy(Proxy),
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = Pacing.MaxConcurrency,
            MaxResponseHeadersLength = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
            SslOptions = Tls(),
        };
        return new HttpClient(handler)
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    private SslClientAuthenticationOptions Tls()
    {
        var tls = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = RefuseWithReason,
        };
        if (CaFile is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(CaFile);
            tls.CertificateChainPolicy = policy;
        }

        return tls;
    }

    // The handler's own message does not tell which certificate, nor until when it was valid.
    private static bool RefuseWithReason(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var host = (sender as SslStream)?.TargetHostName ?? "?";

        var valid = certificate is X509Certificate2 known ? $", {known.NotBefore:yyyy-MM-dd}..{known.NotAfter:yyyy-MM-dd}" : "";
        var chainErrors = chain is null ? "" : string.Concat(chain.ChainStatus.Select(s => s.Status).Distinct().Select(s => $", {s}"));
        throw new UntrustedReceiverException($"{errors}{chainErrors}{valid}", UntrustedReceiverException.Explain(host, certificate as X509Certificate2, chain, errors));
    }

    private static Uri? ReadUrl(Settings settings, string name, string text, bool plainHttp)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var place = settings.Place(name);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            settings.Fault(new($"{place} phải là địa chỉ https://… đầy đủ.", $"{place} must be a full https://… address."));
            return null;
        }

        if (url.UserInfo.Length > 0)
        {
            settings.Fault(new($"{place} không được chứa tên đăng nhập hay mật khẩu.", $"{place} must not hold a user name or a password."));
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            settings.Fault(new($"{place} không được có phần ? hay #; ghi phần đó vào đường dẫn.", $"{place} must not have a ? or # part; write it into the path."));
        }

        if (url.Scheme == "http" && !url.IsLoopback && !plainHttp)
        {
            settings.Fault(new(
                $"{place} dùng http không mã hóa. Chỉ bật {settings.Place("AllowPlainHttp")}=true khi máy đó là máy chủ bảo mật đặt trong mạng của tỉnh.",
                $"{place} uses plain http. Set {settings.Place("AllowPlainHttp")}=true only for a security server inside the province's own network."));
        }

        return url;
    }

    private static IReadOnlyDictionary<string, string> ReadHeaders(Settings settings)
    {
        var headers = settings.Map("Headers");
        foreach (var (name, value) in headers)
        {
            if (OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            {
                settings.Fault(new($"{settings.Place("Headers")}:{name} không phải tên tiêu đề được phép đặt.", $"{settings.Place("Headers")}:{name} is not a header that may be set."));
            }

            if (!value.All(c => c is >= ' ' and <= '~'))
            {
                settings.Fault(new($"{settings.Place("Headers")}:{name} chỉ được chứa ký tự ASCII in được.", $"{settings.Place("Headers")}:{name} may hold printable ASCII only."));
            }
        }

        return headers;
    }

    private static string? ReadCaFile(Settings settings)
    {
        if (settings.Text("CaFile") is not { } file)
        {
            return null;
        }

        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPemFile(file);
            if (found.Count > 0)
            {
                return file;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // Told below, together with the file that holds no certificate.
        }

        settings.Fault(new($"{settings.Place("CaFile")}: không đọc được chứng thư PEM nào trong tệp.", $"{settings.Place("CaFile")}: no PEM certificate can be read from the file."));
        return null;
    }
}
