using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace PortalSimulator.Http;

/// <summary>A way in: how its requests become calls, and its verdicts become bodies.</summary>
internal abstract class Door(Answers answers)
{
    /// <exception cref="NoCallException">The request is no call.</exception>
    public abstract Call Read(HttpRequest request, ReadOnlyMemory<byte> body);

    /// <exception cref="NoCallException">The request is no call after all.</exception>
    public abstract Verdict Decide(Call call);

    /// <param name="call">Null when the request was none.</param>
    public virtual byte[] Render(Verdict verdict, Call? call) => answers.Render(verdict, call);

    /// <summary>Does what a call asks for, once whoever called is let in.</summary>
    protected static Verdict Serve(Call call, Register register, Catalogue catalogue) => call.Service switch
    {
        ServiceNames.Dossiers or ServiceNames.Progress or ServiceNames.Services => register.Apply(call),
        ServiceNames.ListProcedures => Verdict.Found(catalogue.List()),
        ServiceNames.FindServices => Verdict.Found(register.FindServices(call.Argument)),
        ServiceNames.FindDossier or ServiceNames.FindProcedure when string.IsNullOrWhiteSpace(call.Argument) =>
            new Verdict(Codes.Invalid, "Thiếu tham số tra cứu", Detail: "no argument"),
        ServiceNames.FindDossier => Verdict.Found(register.FindDossier(call.Argument)),
        ServiceNames.FindProcedure => Verdict.Found(catalogue.Find(call.Argument)),
        _ => new Verdict(Codes.NoSuchService, "Dịch vụ không tồn tại", Detail: "no such service"),
    };
}

/// <summary><c>mapi/g</c>.</summary>
internal sealed class EnvelopeDoor(Answers answers, Sessions sessions, Register register, Catalogue catalogue) : Door(answers)
{
    public override Call Read(HttpRequest request, ReadOnlyMemory<byte> body) => Envelope.Read(body);

    public override Verdict Decide(Call call) => call switch
    {
        _ when !sessions.IsOpen(call.Session) => Verdict.NoSession,
        { Madonvi: null or "" } => new Verdict(Codes.Invalid, "Thiếu mã đơn vị", Detail: "no madonvi"),
        _ => Serve(call, register, catalogue),
    };
}

/// <summary><c>mapi/login</c>.</summary>
internal sealed class LoginDoor(Answers answers, Sessions sessions) : Door(answers)
{
    public override Call Read(HttpRequest request, ReadOnlyMemory<byte> body) => new(ServiceNames.Login, null, null, null, null, body, null);

    public override Verdict Decide(Call call)
    {
        JObject credentials;
        try
        {
            using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(call.Body.Span)));
            credentials = JObject.Load(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
        }
        catch (JsonException)
        {
            throw new NoCallException("Nội dung không phải JSON hợp lệ");
        }

        var session = sessions.Login(Text(credentials["username"]), Text(credentials["password"]));
        return session is null
            ? new Verdict(Codes.Login, "Sai tên đăng nhập hoặc mật khẩu", Detail: "wrong login")
            : new Verdict("0", Verdict.Success, Session: session);
    }

    private static string? Text(JToken? token) => token?.Type == JTokenType.String ? (string?)token : null;
}

/// <summary>
/// <c>relay/{service}</c>, as one province's own relay in front of the portal: the unit and <c>isUpdating</c> in the query, the records as a
/// bare array, no session. Optionally it hands the portal's JSON on as a text in <c>message</c>, as another province's does.
/// </summary>
internal sealed class RelayDoor(Answers answers, Register register, Catalogue catalogue, PortalOptions options) : Door(answers)
{
    public override Call Read(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var service = (string?)request.RouteValues["service"] ?? "";
        var isUpdating = request.Query.ContainsKey("isUpdating") ? Envelope.ReadIsUpdating(request.Query["isUpdating"]) : (bool?)null;
        var argument = Envelope.Argument(service) is { } name ? (string?)request.Query[name] : null;
        var records = ServiceNames.IsWrite(service) ? Envelope.ReadRecords(body) : null;
        return new Call(service, null, request.Query["MaDinhDanhDV"], isUpdating, argument, body, records);
    }

    public override Verdict Decide(Call call) => string.IsNullOrEmpty(call.Madonvi)
        ? new Verdict(Codes.Invalid, "Thiếu mã định danh đơn vị", Detail: "no MaDinhDanhDV")
        : Serve(call, register, catalogue);

    public override byte[] Render(Verdict verdict, Call? call)
    {
        var json = base.Render(verdict, call);
        return options.DoubleEncodedRelay ? Answers.WrapAsText(json) : json;
    }
}
