using System.ComponentModel.DataAnnotations;
using System.Globalization;
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

    public Language Language => (OperatorLanguage ?? CultureInfo.CurrentUICulture.TwoLetterISOLanguageName) == "en" ? Language.English : Language.Vietnamese;

    /// <summary>Reads and checks the configuration.</summary>
    /// <param name="faults">Receives every mistake, with the name of the setting.</param>
    public static WorkerSettings Read(IConfiguration configuration, ICollection<Fault> faults)
    {
        var settings = new WorkerSettings();
        try
        {
            configuration.Bind(settings);
        }
        catch (InvalidOperationException e)
        {
            faults.Add(At("appsettings.json", new Text($"Cấu hình có giá trị sai kiểu: {Masking.Outside(e.Message)}", $"A configuration value has the wrong type: {Masking.Outside(e.Message)}")));
            return settings;
        }

        Check(settings, "", faults);
        Check(settings.Ledger, "Ledger:", faults);
        Check(settings.Http, "Http:", faults);
        Check(settings.Delivery, "Delivery:", faults);
        return settings;
    }

    private static void Check(object part, string prefix, ICollection<Fault> faults)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(part, new ValidationContext(part), results, validateAllProperties: true);
        foreach (var result in results)
        {
            var name = prefix + string.Join(", ", result.MemberNames);
            faults.Add(At(name, new Text($"Giá trị của {name} không hợp lệ: {result.ErrorMessage}", $"{name} is not valid: {result.ErrorMessage}")));
        }
    }

    private static Fault At(string setting, Text what) => new(new Mark(setting, 0), what);
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
}
