using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Integration.Tests.Commands;

/// <summary>What one command said and how it ended.</summary>
internal sealed record Answer(int Exit, string Out, string Error)
{
    public string All => Out + Error;

    /// <summary>The one JSON document on standard output; a failure when anything else stands there.</summary>
    public JToken Json
    {
        get
        {
            using var reader = new JsonTextReader(new StringReader(Out)) { DateParseHandling = DateParseHandling.None };
            var document = JToken.ReadFrom(reader);
            Assert.False(reader.Read(), $"More than JSON on standard output: {Out}");
            return document;
        }
    }

    /// <summary>Ended so, and said this.</summary>
    public Answer Is(int exit, params string[] said)
    {
        Assert.True(Exit == exit, $"Ended with {Exit} instead of {exit}: {All}");
        foreach (var part in said)
        {
            Assert.Contains(part, All, StringComparison.Ordinal);
        }

        return this;
    }
}
