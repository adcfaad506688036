using System.Text;
using Newtonsoft.Json;

namespace PortalSimulator.Faults;

/// <summary>One fault that is switched on.</summary>
[JsonObject(MissingMemberHandling = MissingMemberHandling.Error)]
internal sealed class FaultRule
{
    /// <summary>One of <see cref="FaultModes"/>.</summary>
    [JsonProperty("mode", Required = Required.Always)]
    public string Mode { get; init; } = "";

    /// <summary>Share of the calls it strikes, 0 to 1; which ones follows from the seed alone.</summary>
    [JsonProperty("rate")]
    public double Rate { get; init; } = 1;

    /// <summary>Strikes at most so often; null: no end.</summary>
    [JsonProperty("times", NullValueHandling = NullValueHandling.Ignore)]
    public int? Times { get; init; }

    /// <summary>Spares the first calls it could strike.</summary>
    [JsonProperty("skip")]
    public int Skip { get; init; }

    /// <summary>A service's name, <c>login</c>, or <c>*</c> for all; null: every service that writes. Login and look-ups are spared unless named.</summary>
    [JsonProperty("service", NullValueHandling = NullValueHandling.Ignore)]
    public string? Service { get; init; }

    /// <summary>Strikes only calls whose body holds this text, a record's number for one; null: all.</summary>
    [JsonProperty("holds", NullValueHandling = NullValueHandling.Ignore)]
    public string? Holds { get; init; }

    /// <summary><c>before</c> or <c>after</c> the records are applied; null: the mode's own (<see cref="FaultModes"/>).</summary>
    [JsonProperty("when", NullValueHandling = NullValueHandling.Ignore)]
    public string? When { get; init; }

    /// <summary>Of <c>slow</c>, in milliseconds.</summary>
    [JsonProperty("delayMs")]
    public int DelayMs { get; init; } = 1000;

    /// <summary>
    /// The header's value: seconds, any text (garbage too), or <c>date+N</c> for the HTTP date N seconds from now. Blank: no header.
    /// Null: 30 for maintenance, no header otherwise.
    /// </summary>
    [JsonProperty("retryAfter", NullValueHandling = NullValueHandling.Ignore)]
    public string? RetryAfter { get; init; }

    /// <summary>Where <c>redirect-302</c> points.</summary>
    [JsonProperty("location")]
    public string Location { get; init; } = "/login.html";

    /// <summary>What <c>refuse-all</c> answers.</summary>
    [JsonProperty("code")]
    public string Code { get; init; } = Codes.Invalid;

    [JsonProperty("message")]
    public string Message { get; init; } = "Dữ liệu không hợp lệ, vui lòng kiểm tra lại";

    [JsonIgnore]
    public bool IsAfter => When is null ? FaultModes.IsAfter(Mode) : When == "after";

    public bool Concerns(string service, ReadOnlySpan<byte> body = default) => IsOf(service) && (Holds is null || body.IndexOf(Encoding.UTF8.GetBytes(Holds)) >= 0);

    private bool IsOf(string service) => Service is null ? ServiceNames.IsWrite(service) : Service == "*" || Service == service;

    /// <returns>What is wrong with it, or null.</returns>
    public string? Mistake() => this switch
    {
        _ when !FaultModes.All.Contains(Mode) => $"There is no mode '{Mode}'. Modes: {string.Join(", ", FaultModes.All)}.",
        { Rate: not (>= 0 and <= 1) } => "rate goes from 0 to 1.",
        { Times: < 0 } or { Skip: < 0 } or { DelayMs: < 0 } => "times, skip and delayMs are not negative.",
        { Service: not null and not "*" } when !ServiceNames.IsKnown(Service) => $"There is no service '{Service}'.",
        { When: not (null or "before" or "after") } => "when is 'before' or 'after'.",
        { When: "before" } when Mode.StartsWith("commit-then", StringComparison.Ordinal) => $"{Mode} is always after.",
        _ => null,
    };
}

/// <summary>What <c>PUT sim/faults</c> takes: all faults at once, in the order they are tried.</summary>
[JsonObject(MissingMemberHandling = MissingMemberHandling.Error)]
internal sealed class FaultPlan
{
    [JsonProperty("seed")]
    public long Seed { get; init; }

    [JsonProperty("faults", Required = Required.Always)]
    public IReadOnlyList<FaultRule> Faults { get; init; } = [];
}
