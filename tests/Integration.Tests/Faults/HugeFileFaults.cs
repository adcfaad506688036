using System.Diagnostics;
using System.Text;
using Integration.Ledger;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Row D9: files too large to be held in memory. Alone, since what the process allocates is what is measured.</summary>
[Collection(nameof(Alone))]
public sealed class HugeFileFaults : IDisposable
{
    private readonly string _inbox = Directory.CreateTempSubdirectory("inbox-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_inbox, recursive: true);

    [Theory, Trait("Fault", "D9")]
    [InlineData("K1,\"", "x", 200_000_000, "dài hơn")]
    [InlineData("K1,\"", "x\n", 200_000_000, "dài hơn")]
    [InlineData("K1,", "x", 200_000_000, "dài hơn")]
    public async Task A_field_of_two_hundred_megabytes_is_refused_without_being_held_in_memory(string start, string repeated, int bytes, string why)
    {
        await using var bench = await StartAsync();
        await using (var writer = new StreamWriter(PathOf("a.csv")))
        {
            await writer.WriteAsync($"key,name\n{start}");
            await writer.WriteAsync(string.Concat(Enumerable.Repeat(repeated, 20_000_000 / repeated.Length)));
            await writer.FlushAsync(Cancelled);

            // The rest is a hole in the file: NULs, and no line break.
            writer.BaseStream.SetLength(bytes);
        }

        var before = GC.GetTotalAllocatedBytes();
        Assert.Contains(why, await bench.BrokenAsync(RunOutcome.Stopped), StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 400_000_000);
        await bench.AssertArrivedAsync([]);
    }

    /// <summary>
    /// By command: INTEGRATION_TEST_CSV_MB=5000 test.sh -method "*gigabytes*". Reads the file with the real program and prints what it took.
    /// </summary>
    [Fact, Trait("Fault", "D9")]
    public async Task A_file_of_gigabytes_is_read_by_the_real_program_in_bounded_memory()
    {
        var megabytes = Environment.GetEnvironmentVariable("INTEGRATION_TEST_CSV_MB") is { } asked ? int.Parse(asked, System.Globalization.CultureInfo.InvariantCulture) : 0;
        Assert.SkipUnless(megabytes > 0, "Runs only when INTEGRATION_TEST_CSV_MB says how large the file is to be.");
        await using var bench = await StartAsync();
        var rows = 0L;
        await using (var writer = new StreamWriter(PathOf("large.csv"), append: false, new UTF8Encoding(false), 1 << 20))
        {
            await writer.WriteAsync("key,name\n");
            var name = new string('x', 190);
            for (; rows < megabytes * 1_000_000L / 205; rows++)
            {
                writer.Write($"K{rows:0000000000},{name}{rows % 10}\n");
            }
        }

        // Reading is what is measured: a portal that is not there lets the lane rest at once.
        await bench.CloseAsync();
        var settings = bench.Settings.Append(new("Connections:Portal:Url", "http://127.0.0.1:9")).Append(new("Delivery:Lease", "00:02:00")).Append(new("Limits:Backlog", "1000000000"));
        var started = Stopwatch.StartNew();
        await using var program = StrainedWorker.Start("exec \"$@\"", settings, "sync", FaultBench.Things, "--lang", "vi");
        var peak = 0L;
        while (!program.Ended.IsCompleted)
        {
            peak = Math.Max(peak, PeakKilobytes(program.Id));
            await Task.WhenAny(program.Ended, Task.Delay(200, Cancelled));
        }

        var took = started.Elapsed;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{new FileInfo(PathOf("done/large.csv")).Length / 1_000_000} MB, {rows} rows in {took.TotalSeconds:F0} s; peak RSS {peak / 1024} MB\n{program.Said}");
        await bench.RestartAsync();
        Assert.Equal(rows, await bench.CountAsync(RecordState.Ready));
        Assert.InRange(peak, 1, 700 * 1024);
    }

    private Task<FaultBench> StartAsync() => FaultBench.StartAsync("csv: { connection: Source, key: key, stable: 0s }", new(StringComparer.Ordinal) { ["Folder"] = _inbox });

    private string PathOf(string name) => Path.Combine(_inbox, name);

    private static long PeakKilobytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
