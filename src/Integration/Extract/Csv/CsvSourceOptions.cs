using System.ComponentModel.DataAnnotations;

namespace Integration.Extract.Csv;

/// <summary>What <c>source: csv:</c> may say.</summary>
internal sealed class CsvSourceOptions : SourceOptions, IValidatableObject
{
    /// <summary>Folder below the connection's folder; null: that folder itself.</summary>
    public string? Folder { get; set; }

    /// <summary>Which file names are taken; <c>*</c> and <c>?</c> stand for any part and any one character.</summary>
    [Required]
    public string Pattern { get; set; } = "*.csv";

    [Required, StringLength(1, MinimumLength = 1)]
    public string Delimiter { get; set; } = ",";

    /// <summary>Name of the encoding all files are in (<c>utf-8</c>, <c>utf-16</c>, <c>windows-1258</c>); never guessed.</summary>
    [Required]
    public string Encoding { get; set; } = "utf-8";

    /// <summary>Columns that every file must have, in any order; others are told in a note. Empty: the header decides, and must hold the key.</summary>
    public string[] Columns { get; set; } = [];

    public CsvMode Mode { get; set; } = CsvMode.Append;

    /// <summary>Ending of the marker file that says a file is whole (<c>.done</c>); null: see <see cref="Stable"/>.</summary>
    public string? Done { get; set; }

    /// <summary>Without a marker a file is whole when size and time of change stood still this long.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Stable { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest cell in chars; a longer one refuses its row.</summary>
    [Range(1, 8_000_000)]
    public int MaxFieldChars { get; set; } = 100_000;

    /// <summary>Text with which a closing line begins that gives the number of records (<c>Tổng:</c>); null: there is no such line.</summary>
    public string? Trailer { get; set; }

    public override IReadOnlyCollection<string> ChildNames => [];

    public override IReadOnlyCollection<string> Files => [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Connection))
        {
            yield return new("Nguồn csv phải nêu tên kết nối. / A csv source must name a connection.", [nameof(Connection)]);
        }

        if (Pattern.AsSpan().ContainsAny('/', '\\') || Pattern.Contains("..", StringComparison.Ordinal))
        {
            yield return new("pattern chỉ là tên tệp, không có đường dẫn. / pattern is a file name without folders.", [nameof(Pattern)]);
        }

        if (Folder is not null && (Path.IsPathRooted(Folder) || Folder.Split('/', '\\').Contains("..")))
        {
            yield return new("folder phải nằm dưới thư mục của kết nối. / folder must lie below the connection's folder.", [nameof(Folder)]);
        }

        if (Delimiter is "\"" or "\r" or "\n")
        {
            yield return new("delimiter không thể là dấu nháy hay xuống dòng. / delimiter cannot be a quote or a line break.", [nameof(Delimiter)]);
        }

        if (Done is "" || (Done is not null && Done.AsSpan().ContainsAny('/', '\\')))
        {
            yield return new("done là phần đuôi tên tệp, ví dụ .done. / done is the ending of a file name, such as .done.", [nameof(Done)]);
        }
    }
}

internal enum CsvMode
{
    /// <summary>A file brings new and changed records.</summary>
    Append,

    /// <summary>A file is the complete set: a key that is not in it is gone.</summary>
    Snapshot,
}
