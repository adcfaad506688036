using Integration.Extract.Csv;
using Integration.Extract.Sql;

namespace Integration.Extract;

/// <summary>Every kind of source there is. A new one is a folder with its source and its options, and a line here.</summary>
internal static class Sources
{
    public static IReadOnlyList<SourceKind> All { get; } =
    [
        new("sql", typeof(SqlSourceOptions), (options, context) => new SqlSource((SqlSourceOptions)options, context)),
        new("csv", typeof(CsvSourceOptions), (options, context) => new CsvSource((CsvSourceOptions)options, context)),
    ];
}
