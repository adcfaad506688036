using System.ComponentModel.DataAnnotations;

namespace Integration.Deliver.Dvcqg;

/// <summary>One service of the portal's envelope API, as <c>pipeline.yaml</c> names it: <c>target: { dvcqg: { … } }</c>.</summary>
internal sealed class DvcqgOptions : TargetOptions, IValidatableObject
{
    /// <summary>Name of the service in the envelope (<c>DongBoHoSoMC</c>).</summary>
    [Required]
    public string Service { get; set; } = "";

    /// <summary>Which of the connection's paths the service is called on.</summary>
    public DvcqgPath Path { get; set; } = DvcqgPath.Data;

    /// <summary>Relay only: path for creates, when it is not the connection's path. <c>{service}</c> stands for the service's name.</summary>
    public string? CreatePath { get; set; }

    /// <summary>Relay only: path for updates, when it is not the connection's path.</summary>
    public string? UpdatePath { get; set; }

    /// <summary>Records a call may carry.</summary>
    [Range(1, 1000)]
    public int Batch { get; set; } = 100;

    /// <summary>Name of the argument that tells a create from an update; <c>none</c> when the service has no such argument.</summary>
    [Required]
    public string Updating { get; set; } = "isUpdating";

    public string CreateValue { get; set; } = "False";

    public string UpdateValue { get; set; } = "True";

    /// <summary>Further arguments of the service, sent as texts (<c>type: "2"</c>).</summary>
    public Dictionary<string, string> Arguments { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Payload fields by which an entry of the reply's <c>result[]</c> is matched to its record; never by position.</summary>
    [MinLength(1)]
    public string[] RecordKey { get; set; } = ["MaHoSo"];

    /// <summary>Field of an entry of <c>result[]</c> that holds the portal's own number for the record; null: none.</summary>
    public string? Receipt { get; set; }

    /// <summary>
    /// Whether the portal names every record of a call in <c>result[]</c>, so that an answer that names none confirms none. Null: it does from the
    /// first answer on in which this program, since its start, saw it name one.
    /// </summary>
    public bool? PerRecordResults { get; set; }

    /// <summary>How the portal is asked about one record; null: it cannot be asked.</summary>
    public DvcqgLookUp? LookUp { get; set; }

    /// <summary>How a record is taken back; null: it cannot be.</summary>
    public DvcqgWithdraw? Withdraw { get; set; }

    /// <summary>
    /// What the portal's codes mean here, added to <c>"0": accepted</c> and <c>"-3": alreadyThere</c>. A code that stands nowhere is a refusal.
    /// </summary>
    public Dictionary<string, CodeMeaning> Codes { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The portal's operator has confirmed that the same bytes sent twice have no second effect.</summary>
    public bool RepeatIsSafe { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LookUp is { List: not null, Match.Length: 0 })
        {
            yield return new ValidationResult("lookUp.list cần lookUp.match / lookUp.list needs lookUp.match", [nameof(LookUp)]);
        }

        if (LookUp is { List: null, Match.Length: > 0 })
        {
            yield return new ValidationResult("lookUp.match cần lookUp.list / lookUp.match needs lookUp.list", [nameof(LookUp)]);
        }

        foreach (var path in new[] { CreatePath, UpdatePath }.Where(p => p is not null && !DvcqgConnection.IsPath(p)))
        {
            yield return new ValidationResult($"'{path}' không phải đường dẫn dưới Url của kết nối / '{path}' is not a path below the connection's Url", [nameof(CreatePath)]);
        }

        foreach (var code in Codes.Keys.Where(c => string.IsNullOrWhiteSpace(c)))
        {
            yield return new ValidationResult($"codes: mã '{code}' trống / codes: code '{code}' is blank", [nameof(Codes)]);
        }

        foreach (var twice in Codes.GroupBy(c => ReplyCode.Normalise(c.Key)).Where(g => g.Select(c => c.Value).Distinct().Count() > 1))
        {
            yield return new ValidationResult($"codes: mã {twice.Key} mang hai nghĩa / codes: code {twice.Key} has two meanings", [nameof(Codes)]);
        }

        foreach (var name in Arguments.Keys.Where(a => Reserved.Contains(a, StringComparer.Ordinal) || a == Updating))
        {
            yield return new ValidationResult($"arguments: '{name}' do chương trình tự điền / arguments: '{name}' is filled in by the program", [nameof(Arguments)]);
        }
    }

    private static readonly string[] Reserved = ["session", "madonvi", "service", "data"];
}

/// <summary>The portal takes writes and look-ups on one path and catalogue reads on another.</summary>
internal enum DvcqgPath : byte
{
    Data,
    Share,
}

/// <summary>How the portal is asked what it holds for one record.</summary>
internal sealed class DvcqgLookUp
{
    /// <summary>Name of the service (<c>TraCuuHoSo</c>).</summary>
    [Required]
    public string Service { get; set; } = "";

    /// <summary>Name of the argument that carries the record's number.</summary>
    [Required]
    public string Argument { get; set; } = "mahoso";

    /// <summary>Payload field that holds this number.</summary>
    [Required]
    public string From { get; set; } = "MaHoSo";

    public DvcqgPath Path { get; set; } = DvcqgPath.Data;

    /// <summary>Fields besides <see cref="From"/> that the answer must show before it can prove that the content is the same.</summary>
    [Range(1, 50)]
    public int AtLeast { get; set; } = 3;

    /// <summary>Field of the answer that holds a list in which the record is one entry (the progress steps of a dossier); null: the answer is the record.</summary>
    public string? List { get; set; }

    /// <summary>Fields that make an entry of <see cref="List"/> the record.</summary>
    public string[] Match { get; set; } = [];
}

/// <summary>How a record is taken back: the service gets <c>data: [{ argument: key }]</c>.</summary>
internal sealed class DvcqgWithdraw
{
    [Required]
    public string Service { get; set; } = "";

    /// <summary>Name of the field that carries the record's key.</summary>
    [Required]
    public string Argument { get; set; } = "MaHoSo";
}

/// <summary>What a code of the portal means to a delivery.</summary>
internal enum CodeMeaning : byte
{
    /// <summary>Anything not named: refused for good, the code in the message.</summary>
    Refused,
    Accepted,

    /// <summary>A create was refused because the record exists.</summary>
    AlreadyThere,

    /// <summary>An update was refused because the record does not exist.</summary>
    NotThere,

    /// <summary>Not applied, to be sent again later.</summary>
    TryLater,

    /// <summary>Not applied because the session has ended.</summary>
    Session,
}
