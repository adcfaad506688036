using System.Globalization;
using System.Text;
using Integration.Records;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Integration.Pipelines;

/// <summary>A stored payload as a document, for people and for comparing; never on the way to the receiver.</summary>
internal static class Payload
{
    /// <summary>Texts that look like dates stay texts.</summary>
    public static JObject Parse(byte[] payload)
    {
        using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(payload))) { DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Decimal };
        return JObject.Load(reader);
    }

    /// <summary>The payload with every personal field masked, at any depth.</summary>
    public static JObject Masked(byte[] payload, IReadOnlySet<string> personal)
    {
        var document = Parse(payload);
        foreach (var value in document.Descendants().OfType<JValue>().Where(v => PersonalField.IsListed(personal, v.Path)).ToArray())
        {
            value.Value = Masking.Show(value.ToString(CultureInfo.InvariantCulture), personal: true);
        }

        return document;
    }
}
