using System.Collections.Concurrent;
using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;

namespace Integration.Tests.Deliver.Dvcqg;

/// <summary>A small portal that behaves: logs in, and answers what the test says. Everything it was sent is kept.</summary>
internal sealed class PortalStub : IAsyncDisposable
{
    public const string Ok = """{"error_code":"0","message":"Thành công"}""";

    private readonly Dictionary<string, IAsyncDisposable> _shared = new(StringComparer.Ordinal);
    private readonly MisbehavingServer _server;
    private int _logins;

    /// <param name="answer">What a call (not a login) is answered: a whole HTTP answer.</param>
    public PortalStub(Func<StubRequest, string> answer) : this((r, _) => Task.FromResult(answer(r)))
    {
    }

    public PortalStub(Func<StubRequest, Conversation, Task<string>> answer)
    {
        _server = new MisbehavingServer(async c =>
        {
            while (await c.ReadRequestAsync() is { } request)
            {
                if (request.Path.StartsWith("/mapi/login", StringComparison.Ordinal))
                {
                    LoginRequests.Add(request);
                    await c.SendAsync(Login(Interlocked.Increment(ref _logins)));
                    continue;
                }

                Calls.Add(request);
                await c.SendAsync(await answer(request, c));
            }
        });
    }

    public ConcurrentBag<StubRequest> Calls { get; } = [];

    public ConcurrentBag<StubRequest> LoginRequests { get; } = [];

    public int Logins => Volatile.Read(ref _logins);

    /// <summary>The answer to the n-th login.</summary>
    public Func<int, string> Login { get; set; } = n => MisbehavingServer.Answer($$"""{"session":"S{{n}}","error_code":0,"message":""}""");

    public string Url => _server.Url;

    public static PortalStub Answering(string body, string status = "200 OK", string headers = "Content-Type: application/json\r\n") =>
        new(_ => MisbehavingServer.Answer(body, status, headers));

    public static string SessionOf(StubRequest request) => (string)JObject.Parse(request.Text)["session"]!;

    public DvcqgTarget Target(DvcqgOptions? options = null, TimeProvider? clock = null, params (string Name, string Value)[] settings) =>
        Target(_server.Url, _shared, options, clock, settings);

    public static DvcqgTarget Target(string url, IDictionary<string, IAsyncDisposable> shared, DvcqgOptions? options = null, TimeProvider? clock = null, params (string Name, string Value)[] settings) =>
        DvcqgTarget.Create(
            options ?? new DvcqgOptions { Connection = "Portal", Service = "DongBoHoSoMC" },
            new TargetContext("dossiers", "Portal", Section([("Url", url), ("Username", "tinh"), ("Password", "bí mật"), ("Unit", "H60"), ("RequestsPerSecond", "0"), .. settings]),
                shared, clock ?? TimeProvider.System, NullLoggerFactory.Instance));

    public static IConfigurationSection Section(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.GroupBy(s => s.Name).Select(s => KeyValuePair.Create($"Connections:Portal:{s.Key}", (string?)s.Last().Value)))
        .Build()
        .GetSection("Connections:Portal");

    public static DeliveryItem Item(long version, string dossier, string? payload = null) =>
        new(version, dossier, System.Text.Encoding.UTF8.GetBytes(payload ?? $$"""{"MaHoSo":"{{dossier}}","TrangThaiHoSo":"4"}"""));

    public static DeliveryBatch Batch(params string[] dossiers) => new(DeliveryKind.Create, [.. dossiers.Select((d, i) => Item(i + 1, d))]);

    public async ValueTask DisposeAsync()
    {
        foreach (var shared in _shared.Values)
        {
            await shared.DisposeAsync();
        }

        await _server.DisposeAsync();
    }
}
