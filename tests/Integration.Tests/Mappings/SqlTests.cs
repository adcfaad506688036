using System.Data.Common;
using Integration.Extract.Sql;
using Integration.Map;
using Integration.Pipelines.Definitions;
using Integration.Tests.Support;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace Integration.Tests.Mappings;

/// <summary>The shipped queries on both databases, against the tables of the sample province.</summary>
public sealed class SqlTests(PostgresCluster cluster)
{
    private static readonly string Tables = File.ReadAllText(Path.Combine(Shipped.Root, "src", "Demo", "OneStop.sql"));

    [Fact]
    public async Task Every_query_gives_the_columns_its_pipeline_reads_on_SQLite()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");

        await CheckAsync(connection);
    }

    [Fact]
    public async Task Every_query_gives_the_columns_its_pipeline_reads_on_PostgreSQL()
    {
        await using var connection = new NpgsqlConnection(await cluster.CreateDatabaseAsync(TestContext.Current.CancellationToken));

        await CheckAsync(connection);
    }

    [Fact]
    public void Every_query_only_selects()
    {
        foreach (var file in Directory.EnumerateFiles(Shipped.Folder, "*.sql", SearchOption.AllDirectories))
        {
            var text = string.Join(' ', File.ReadAllLines(file).Where(l => !l.StartsWith("--", StringComparison.Ordinal)));
            Assert.StartsWith("SELECT ", text, StringComparison.Ordinal);
            Assert.DoesNotContain(';', text);
        }
    }

    private static async Task CheckAsync(DbConnection connection)
    {
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(connection, Tables);
        foreach (var pipeline in Shipped.Load().Pipelines)
        {
            var (row, children) = Mapper.ColumnsOf(pipeline.Map);
            var options = (SqlSourceOptions)pipeline.Source;
            string[] read = [.. row.Columns, .. options.Key, .. Named(options.Watermark), .. Named(pipeline.Group), .. Named(pipeline.Order), .. pipeline.WaitsFor?.Key ?? []];
            Assert.Empty(read.Except(await ColumnsAsync(connection, pipeline, options.Query)));
            foreach (var (name, child) in options.Children)
            {
                string[] childRead = [.. children[name].Columns, .. child.On, .. child.OrderBy];
                Assert.Empty(childRead.Except(await ColumnsAsync(connection, pipeline, child.Query)));
            }
        }
    }

    private static string[] Named(string? column) => column is null ? [] : [column];

    private static async Task<string[]> ColumnsAsync(DbConnection connection, PipelineDefinition pipeline, string file)
    {
        var query = await File.ReadAllTextAsync(Path.Combine(pipeline.Folder, file), TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM (\n{query}\n) q";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
