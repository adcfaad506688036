using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Integration.Records;

namespace Integration.Pipelines;

/// <summary>The worker's own configuration: <c>appsettings.json</c>, then the environment (<c>Ledger__Provider=postgres</c>).</summary>
internal sealed class WorkerSettings
{
    /// <summary>Folder of the pipelines and their lookups.</summary>
    public string Mappings { get; set; } = "mappings";

    /// <summary>
    /// vi or en; by the machine's culture when not set, and Vietnamese where that says nothing. Not called Lang: every Unix has a LANG of its own
    /// in the environment.
    /// </summary>
    [RegularExpression("vi|en", ErrorMessage = "vi | en")]
    public string? OperatorLanguage { get; set; }

    /// <summary>Every pipeline runs once when the worker starts, whatever its schedule says.</summary>
    public bool RunAtStart { get; set; }

    public LedgerSettings Ledger { get; set; } = new();

    public HttpSettings Http { get; set; } = new();

    public DeliverySettings Delivery { get; set; } = new();

    public LimitSettings Limits { get; set; } = new();

    public Language Language => (OperatorLanguage ?? CultureInfo.CurrentUICulture.TwoLetterISOLanguageName) == "en" ? Language.English : Language.Vietnamese;

    /// <summary>Reads and checks the configuration.</summary>
    /// <param name="faults">Receives every mistake, with the name of the setting.</param>
    public static WorkerSettings Read(IConfiguration configuration, ICollection<Fault> faults)
    {
        var settings = new WorkerSettings();
        foreach (var (part, prefix) in ((object, string)[])[(settings, ""), (settings.Ledger, "Ledger:"), (settings.Http, "Http:"), (settings.Delivery, "Delivery:"), (settings.Limits, "Limits:")])
        {
            foreach (var property in part.GetType().GetProperties().Where(p => p.CanWrite && configuration[prefix + p.Name] is not null))
            {
                Set(part, property, prefix + property.Name, configuration, faults);
            }
        }

        if (settings.Http.Url.Length > 0 && !settings.Http.IsAddress)
        {
            faults.Add(At("Http:Url", new("Http:Url phải có dạng http://ĐỊA-CHỈ:CỔNG, ví dụ http://127.0.0.1:8080.", "Http:Url must look like http://ADDRESS:PORT, such as http://127.0.0.1:8080.")));
        }

        // Whoever takes over from a dead worker asks when its lease is over. The last call of the dead one began in the lease's first half, so a
        // lease twice as long as the settling time keeps that time for it too.
        if (settings.Delivery is { Lease.TotalSeconds: >= 1 } delivery && delivery.Settle > delivery.Lease / 2)
        {
            faults.Add(At("Delivery:Settle", new(
                $"Delivery:Settle ({settings.Delivery.Settle}) không được quá nửa Delivery:Lease ({settings.Delivery.Lease}).",
                $"Delivery:Settle ({settings.Delivery.Settle}) must not be more than half of Delivery:Lease ({settings.Delivery.Lease}).")));
        }

        return settings;
    }

    /// <summary>A mistake in a setting, told under the setting's name.</summary>
    public static Fault At(string setting, Text what) => new(new Mark(setting, 0), what);

    // One by one and not in one bind, which would stop at the first value of a wrong type.
    private static void Set(object part, PropertyInfo property, string name, IConfiguration configuration, ICollection<Fault> faults)
    {
        try
        {
            property.SetValue(part, configuration.GetValue(property.PropertyType, name));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            faults.Add(At(name, property.PropertyType == typeof(TimeSpan)
                ? new($"{name} phải là khoảng thời gian dạng giờ:phút:giây, ví dụ 00:00:30.", $"{name} must be a duration as hours:minutes:seconds, such as 00:00:30.")
                : new($"{name} phải là số nguyên.", $"{name} must be a whole number.")));
            return;
        }

        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(r => !r.IsValid(property.GetValue(part))))
        {
            faults.Add(At(name, rule switch
            {
                RangeAttribute range => new($"{name} phải từ {range.Minimum} đến {range.Maximum}.", $"{name} must be from {range.Minimum} to {range.Maximum}."),
                RegularExpressionAttribute words => new($"{name} phải là một trong: {words.Pattern.Replace("|", ", ", StringComparison.Ordinal)}.", $"{name} must be one of: {words.Pattern.Replace("|", ", ", StringComparison.Ordinal)}."),
                _ => new($"{name} không được để trống.", $"{name} must not be empty."),
            }));
        }
    }
}

/// <summary>Where the ledger is.</summary>
internal sealed class LedgerSettings
{
    /// <summary>sqlite (embedded, one worker) or postgres (several workers).</summary>
    [RegularExpression("sqlite|postgres", ErrorMessage = "sqlite | postgres")]
    public string Provider { get; set; } = "sqlite";

    [Required]
    public string ConnectionString { get; set; } = "Data Source=data/ledger.db";

    /// <summary>File that holds the database password, so that it stands in no configuration.</summary>
    public string? PasswordFile { get; set; }
}

/// <summary>Where the worker answers health checks and shows its status.</summary>
internal sealed class HttpSettings
{
    /// <summary>Loopback unless told otherwise. Port 0 takes a free one.</summary>
    [Required]
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>Plain HTTP: the page is for this machine, or for a proxy in front of it that speaks TLS.</summary>
    public bool IsAddress
    {
        get
        {
            try
            {
                return BindingAddress.Parse(Url) is { Scheme: "http", Port: >= 0 and <= 65535, PathBase: "" };
            }
            catch (FormatException)
            {
                return false;
            }
        }
    }
}
