using System.Net.Mime;
using System.Text;
using Integration.Ledger;
using Integration.Pipelines;
using Integration.Records;

namespace Integration.Console;

/// <summary>What the worker answers over HTTP: health for machines, one status page for people.</summary>
internal static class Pages
{
    private const int Groups = 50;

    public static void Map(WebApplication app)
    {
        app.Use(async (http, next) =>
        {
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers.CacheControl = "no-store";
            await next(http);
        });
        app.MapGet("/health/live", (WorkerHealth health) => Health(health.IsLive));
        app.MapGet("/health/ready", (WorkerHealth health) => Health(health.IsReady));
        app.MapGet("/status.css", () => Results.Text(StatusPage.Style, "text/css", Encoding.UTF8));
        app.MapGet("/", async (HttpContext http, ILedger ledger, Workspace workspace, WorkerIdentity worker, TimeProvider clock) =>
        {
            var language = http.Request.Query["lang"].ToString() switch { "en" => Language.English, "vi" => Language.Vietnamese, _ => worker.Language };
            return Results.Text(await PageAsync(ledger, workspace, language, clock, http.RequestAborted), MediaTypeNames.Text.Html, Encoding.UTF8);
        });
    }

    private static async Task<string> PageAsync(ILedger ledger, Workspace workspace, Language language, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            var status = await ledger.ReadStatusAsync(cancellationToken);
            var failures = await ledger.ReadFailureGroupsAsync(new FailureFilter(), cancellationToken);
            var held = await Backpressure.OfAllAsync(ledger, workspace.Definitions.Pipelines, workspace.Settings.Limits, cancellationToken);
            return StatusPage.Render(workspace.Definitions.Pipelines, status, held, [.. failures.Take(Groups)], failures.Count, language, clock.GetUtcNow());
        }
        catch (LedgerUnavailableException e)
        {
            return StatusPage.RenderUnavailable(e.What, language);
        }
    }

    private static IResult Health(bool good) => Results.Text(good ? "ok" : "not ready", statusCode: good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
