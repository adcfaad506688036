namespace PortalSimulator.Http;

/// <summary>The paths of the national side. The adapter of a province's security server only forwards, so its longer paths mean the same.</summary>
internal static class NationalEndpoints
{
    private static readonly string[] Prefixes = ["", "/XrdAdapter/RestService/forward", "/VXPAdapter/RestService/forward"];

    public static void Map(IEndpointRouteBuilder routes, Reception reception, LoginDoor login, EnvelopeDoor envelope, RelayDoor relay, Answers answers)
    {
        foreach (var prefix in Prefixes)
        {
            routes.MapPost($"{prefix}/mapi/login", reception.Through(login));
            routes.MapPost($"{prefix}/mapi/g", reception.Through(envelope));
        }

        routes.MapPost("/relay/{service}", reception.Through(relay));
        routes.MapGet("/login.html", reception.Astray(Answers.Login()));
        routes.MapFallback(reception.Astray(new Answer(answers.Render(new Verdict(Codes.Malformed, "Không có địa chỉ này"), null), 404)));
    }
}
