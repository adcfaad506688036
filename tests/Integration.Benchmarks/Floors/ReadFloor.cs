using Npgsql;

namespace Integration.Benchmarks.Floors;

/// <summary>F_read: every value of the source read with a data reader, and nothing done with it.</summary>
internal static class ReadFloor
{
    public static async Task<int> RunAsync(string source)
    {
        await using var data = NpgsqlDataSource.Create(source);
        foreach (var query in (string[])[$"{Source.Dossiers} ORDER BY updated_at, dossier_no", $"{Source.Fees} ORDER BY dossier_no, seq", $"{Source.Attachments} ORDER BY dossier_no, seq"])
        {
            await using var command = data.CreateCommand(query);
            await using var reader = await command.ExecuteReaderAsync();
            var isText = Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetFieldType(i) == typeof(string)).ToArray();
            while (await reader.ReadAsync())
            {
                for (var i = 0; i < isText.Length; i++)
                {
                    if (!reader.IsDBNull(i))
                    {
                        _ = isText[i] ? reader.GetString(i) : reader.GetValue(i);
                    }
                }
            }
        }

        return 0;
    }
}
