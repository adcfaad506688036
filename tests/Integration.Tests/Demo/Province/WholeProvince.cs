using Demo.Province;

namespace Integration.Tests.Demo.Province;

/// <summary>The province of the default seed, made once for all tests that read it.</summary>
public sealed class WholeProvince : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("province-").FullName;

    public WholeProvince() => Province = SampleProvince.Create(_folder);

    internal SampleProvince Province { get; }

    /// <summary>Rows of a query as texts; null for NULL.</summary>
    internal IEnumerable<string?[]> Rows(string sql) => Rows(Province, sql);

    internal static IEnumerable<string?[]> Rows(SampleProvince province, string sql)
    {
        using var connection = province.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = new string?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            }

            yield return row;
        }
    }

    internal long Number(string sql) => Number(Province, sql);

    internal static long Number(SampleProvince province, string sql) => long.Parse(Rows(province, sql).Single()[0]!, System.Globalization.CultureInfo.InvariantCulture);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
