using System.Diagnostics;
using System.Text;
using Integration.Tests.Mappings;
using Xunit;

namespace Integration.Tests.Pipelines.Definitions;

public sealed class FuzzTests : IDisposable
{
    private const int Mutations = 2_000;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);
    private static readonly string[] _oddities = ["{", "}", "[", "]", ":", ": ", "- ", ",", "&a ", "*a", "!t ", "|", ">", "'", "\"", "\t", "\n", "#", "%", "@", "---\n", "<<: ", "\\u0000", "\\ud800", "\0", "\u2028", "😀", "? "];

    private readonly string _folder = Directory.CreateTempSubdirectory("definitions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_damage_to_a_definition_throws_or_hangs()
    {
        Shipped.CopyTo(_folder);
        var originals = Shipped.Pipelines.ToDictionary(p => p, p => File.ReadAllBytes(Path.Combine(_folder, p, "pipeline.yaml")));
        var faulty = 0;
        for (var seed = 0; seed < Mutations; seed++)
        {
            var random = new Random(seed);
            var pipeline = Shipped.Pipelines[seed % Shipped.Pipelines.Count];
            var file = Path.Combine(_folder, pipeline, "pipeline.yaml");
            File.WriteAllBytes(file, Mutate(originals[pipeline], random));
            var watch = Stopwatch.StartNew();
            try
            {
                var set = Shipped.Load(_folder);
                Assert.True(set.Faults.Count > 0 || set.Pipelines.Count == Shipped.Pipelines.Count);
                faulty += set.Faults.Count > 0 ? 1 : 0;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {e}");
            }

            Assert.True(watch.Elapsed < _longest, $"seed {seed} took {watch.Elapsed}");
            File.WriteAllBytes(file, originals[pipeline]);
        }

        Assert.InRange(faulty, Mutations / 2, Mutations);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes.RemoveRange(at, length);
                    break;
                case 1:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(_oddities[random.Next(_oddities.Length)]));
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Enumerable.Repeat(Encoding.UTF8.GetBytes(_oddities[random.Next(_oddities.Length)]), random.Next(1, 400)).SelectMany(b => b));
                    break;
            }
        }

        return [.. bytes];
    }
}
