using System.Buffers;
using System.Globalization;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;
using PortalSimulator.Faults;

namespace PortalSimulator.Http;

/// <summary><c>sim/…</c>: what only a simulator has. Never struck by faults and not written into the request log.</summary>
internal sealed class SimEndpoints(Portal portal, CancellationToken stopping)
{
    private const string Lines = "application/x-ndjson";

    private static readonly JsonSerializerSettings Settings = new()
    {
        ContractResolver = new CamelCasePropertyNamesContractResolver { NamingStrategy = new CamelCaseNamingStrategy { ProcessDictionaryKeys = false } },
        NullValueHandling = NullValueHandling.Ignore,
        MissingMemberHandling = MissingMemberHandling.Error,
        DateFormatString = "yyyy-MM-ddTHH:mm:ss.fffZ",
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sim/effects", SendEffectsAsync);
        routes.MapGet("/sim/requests", SendRequestsAsync);
        routes.MapGet("/sim/summary", http => SendAsync(http, portal.Summary()));
        routes.MapGet("/sim/faults", http => SendAsync(http, portal.Faults));
        routes.MapPut("/sim/faults", http => ChangeAsync<FaultPlan>(http, plan => portal.Faults = plan));
        routes.MapDelete("/sim/faults", http => DoAsync(http, () => portal.Faults = new FaultPlan()));
        routes.MapGet("/sim/options", http => SendAsync(http, portal.Switches));
        routes.MapPut("/sim/options", http => ChangeAsync<Switches>(http, switches => portal.Switches = switches));
        routes.MapPut("/sim/procedures", http => ChangeAsync<List<JObject>>(http, portal.ReplaceProcedures));
        routes.MapDelete("/sim/sessions", http => DoAsync(http, portal.ForgetSessions));
        routes.MapPost("/sim/forget", http => ChangeAsync<RecordName>(http, name => portal.Forget(name.Service, name.Key)));
        routes.MapPost("/sim/reset", http => DoAsync(http, portal.Reset));
    }

    private async Task SendEffectsAsync(HttpContext http)
    {
        if (!TryReadWindow(http, out var after, out var limit))
        {
            await RefuseAsync(http, "after and limit are whole numbers.");
            return;
        }

        var (start, end) = portal.Register.Effects(after, limit);
        http.Response.ContentType = Lines;
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            for (int read; start < end; start += read)
            {
                read = portal.Register.ReadEffects(buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - start)), start);
                if (read == 0)
                {
                    http.Abort();
                    return;
                }

                await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SendRequestsAsync(HttpContext http)
    {
        if (!TryReadWindow(http, out var after, out var limit))
        {
            await RefuseAsync(http, "after and limit are whole numbers.");
            return;
        }

        http.Response.ContentType = Lines;
        foreach (var chunk in portal.Requests(after, limit).Chunk(500))
        {
            var lines = new StringBuilder();
            foreach (var entry in chunk)
            {
                lines.Append(JsonConvert.SerializeObject(entry, Settings)).Append('\n');
            }

            await http.Response.WriteAsync(lines.ToString(), http.RequestAborted);
        }
    }

    private async Task ChangeAsync<T>(HttpContext http, Action<T> change)
    {
        T? wanted;
        try
        {
            using var reader = new StreamReader(http.Request.Body);
            wanted = JsonConvert.DeserializeObject<T>(await reader.ReadToEndAsync(http.RequestAborted), Settings);
        }
        catch (JsonException mistake)
        {
            await RefuseAsync(http, mistake.Message);
            return;
        }

        if (wanted is null)
        {
            await RefuseAsync(http, "A JSON body is needed.");
            return;
        }

        try
        {
            await DoAsync(http, () => change(wanted));
        }
        catch (ArgumentException mistake)
        {
            await RefuseAsync(http, mistake.Message);
        }
    }

    private Task DoAsync(HttpContext http, Action change)
    {
        change();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return http.Response.CompleteAsync().WaitAsync(stopping);
    }

    private Task RefuseAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return SendAsync(http, new { error = why });
    }

    private Task SendAsync(HttpContext http, object what)
    {
        http.Response.ContentType = Answer.Json;
        return http.Response.WriteAsync(JsonConvert.SerializeObject(what, Formatting.Indented, Settings), stopping);
    }

    private static bool TryReadWindow(HttpContext http, out long after, out long limit)
    {
        limit = long.MaxValue;
        return TryRead(http, "after", 0, out after) && TryRead(http, "limit", int.MaxValue, out limit);
    }

    private static bool TryRead(HttpContext http, string name, long otherwise, out long value)
    {
        value = otherwise;
        return !http.Request.Query.TryGetValue(name, out var text) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
