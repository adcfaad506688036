using System.Globalization;
using Integration.Extract.Sql;
using Npgsql;
using Xunit;

namespace Integration.Tests.Extract.Sql;

/// <summary>A seeded order of steps of several writers and one poller, each step finished before the next begins.</summary>
internal sealed class Interleaving(int seed, NpgsqlConnection[] writers, SqlSource source)
{
    private const int Steps = 24;
    private const int PageRows = 3;

    private readonly Random _random = new(seed);
    private readonly bool[] _open = new bool[writers.Length];
    private readonly Dictionary<(string Key, string Name), string> _seen = [];
    private string? _watermark;
    private string _highest = "";
    private int _wouldBeLost;
    private int _version;

    /// <returns>Rows that a bare "later than the last watermark" would have lost.</returns>
    public async Task<int> RunAsync(CancellationToken token)
    {
        for (var step = 0; step < Steps; step++)
        {
            var writer = _random.Next(writers.Length);
            switch (_random.Next(8))
            {
                case 0 or 1 when !_open[writer]:
                    await BeginAsync(writer, token);
                    break;
                case 2 when _open[writer]:
                    await EndAsync(writer, token);
                    break;
                case 3:
                    await PollAsync(_random.Next(4) == 0 ? _random.Next(1, 3) : int.MaxValue, token);
                    break;
                default:
                    await WriteAsync(writer, token);
                    break;
            }
        }

        for (var writer = 0; writer < writers.Length; writer++)
        {
            if (_open[writer])
            {
                await EndAsync(writer, token);
            }
        }

        await PollAsync(int.MaxValue, token);
        await PollAsync(int.MaxValue, token);
        await using var command = new NpgsqlCommand("SELECT key, name FROM record", writers[0]);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            Assert.True(_seen.ContainsKey((reader.GetString(0), reader.GetString(1))), $"seed {seed}: {reader.GetString(0)} {reader.GetString(1)} was missed");
        }

        return _wouldBeLost;
    }

    private async Task BeginAsync(int writer, CancellationToken token)
    {
        _open[writer] = true;
        await ExecuteAsync(writer, _random.Next(2) == 0 ? "BEGIN" : "BEGIN; SELECT count(*) FROM other", token);
    }

    private async Task EndAsync(int writer, CancellationToken token)
    {
        _open[writer] = false;
        await ExecuteAsync(writer, _random.Next(6) == 0 ? "ROLLBACK" : "COMMIT", token);
    }

    // Each writer has keys of its own, so that no step waits for another writer's row.
    private Task WriteAsync(int writer, CancellationToken token)
    {
        var stamp = _random.Next(3) switch { 0 => "now()", 1 => "clock_timestamp()", _ => "date_trunc('milliseconds', clock_timestamp())" };
        var key = string.Create(CultureInfo.InvariantCulture, $"w{writer}k{_random.Next(4)}");
        return ExecuteAsync(writer, _random.Next(8) == 0
            ? $"DELETE FROM record WHERE key = '{key}'"
            : $"INSERT INTO record VALUES ('{key}', 'v{++_version}', {stamp}) ON CONFLICT (key) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at", token);
    }

    private async Task PollAsync(int pages, CancellationToken token)
    {
        await using var reading = await source.BeginAsync(Sourcing.Request(_watermark, PageRows), token);
        var highest = _highest;
        for (var i = 0; i < pages && await reading.ReadAsync(token) is { } page; i++)
        {
            var read = new ReadAll();
            read.Add(page);
            foreach (var row in read.Rows)
            {
                var stamp = row["updated_at"]!;
                if (_seen.TryAdd((row["key"]!, row["name"]!), stamp) && string.CompareOrdinal(stamp, _highest) < 0)
                {
                    _wouldBeLost++;
                }

                highest = string.CompareOrdinal(stamp, highest) > 0 ? stamp : highest;
            }

            _watermark = page.Position ?? _watermark;
        }

        _highest = highest;
    }

    private async Task ExecuteAsync(int writer, string sql, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(sql, writers[writer]);
        await command.ExecuteNonQueryAsync(token);
    }
}
