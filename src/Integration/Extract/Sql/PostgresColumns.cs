using System.Globalization;

namespace Integration.Extract.Sql;

/// <summary>What columns a query has, by the types that the server says they are of.</summary>
internal static class PostgresColumns
{
    public static async Task<IReadOnlyList<Column>> DescribeAsync(PostgresSession session, string query, CancellationToken cancellationToken)
    {
        var names = new List<(string Name, uint Type)>();
        await using (var command = session.Command($"SELECT * FROM (\n{query}\n) q LIMIT 0"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            names.AddRange(Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetDataTypeOID(i))));
        }

        var types = await TypesAsync(session, names.Select(n => n.Type).Distinct(), cancellationToken);
        return [.. names.Select(n => Describe(n.Name, n.Type, types[n.Type].Name, types[n.Type].Category))];
    }

    private static Column Describe(string name, uint type, string typeName, char category) => new(
        name,
        type switch
        {
            16 => ColumnKind.Boolean,
            20 or 21 or 23 or 26 => ColumnKind.Integer,
            700 or 701 or 1700 => ColumnKind.Number,
            1082 => ColumnKind.Date,
            1114 => ColumnKind.LocalTime,
            1184 => ColumnKind.Instant,
            17 => ColumnKind.Unreadable,
            _ when category is 'A' or 'C' or 'P' or 'R' => ColumnKind.Unreadable,
            _ => ColumnKind.Text,
        },
        typeName,
        category is 'B' or 'D' or 'E' or 'I' or 'N' or 'S' or 'T' or 'V');

    private static async Task<Dictionary<uint, (string Name, char Category)>> TypesAsync(PostgresSession session, IEnumerable<uint> types, CancellationToken cancellationToken)
    {
        await using var command = session.Command(
            "SELECT t.oid, pg_catalog.format_type(t.oid, -1), t.typcategory FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1)", $"{{{string.Join(',', types)}}}");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<uint, (string, char)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found[uint.Parse(reader.GetString(0), CultureInfo.InvariantCulture)] = (reader.GetString(1), reader.GetString(2)[0]);
        }

        return found;
    }
}
