using System.Buffers;
using System.Text.Json;
using Integration.Records;

namespace Integration.Validate;

/// <summary>
/// What the receiver demands of a payload, from <c>contract.schema.json</c>: a subset of JSON Schema, with <c>x-date</c> and
/// <c>x-not-before</c> for dates. Checked in one pass over the bytes that will be sent. Safe to use from several threads.
/// </summary>
internal sealed class Contract
{
    // Longer texts are rare, and get room of their own.
    private const int RoomForText = 4096;

    private readonly ObjectRule _root;

    internal Contract(ObjectRule root, ContentHash version)
    {
        _root = root;
        Version = version;
        var types = new Dictionary<string, FieldType>(StringComparer.Ordinal);
        var terms = new Dictionary<string, FieldTerms>(StringComparer.Ordinal);
        Collect(root, types, terms);
        Types = types;
        Terms = terms;
        Required = terms.Where(static t => t.Value.IsRequired).Select(static t => t.Key).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Every field by path: <c>MaHoSo</c>, <c>DanhSachLePhi</c>, <c>DanhSachLePhi[].Gia</c>; <c>KENH[]</c> for the plain items of a list.</summary>
    public IReadOnlyDictionary<string, FieldType> Types { get; }

    /// <summary>What is demanded of every field, by path; of the plain items of a list nothing.</summary>
    public IReadOnlyDictionary<string, FieldTerms> Terms { get; }

    /// <summary>Paths of the fields that must be there, each within the object it belongs to.</summary>
    public IReadOnlySet<string> Required { get; }

    /// <summary>Hash of the file's bytes.</summary>
    public ContentHash Version { get; }

    /// <summary>Reads a contract; every mistake in it is told at once, and a keyword that is not supported is one.</summary>
    /// <returns>Null when there was a mistake.</returns>
    public static Contract? Read(string path, string shownPath, ICollection<Fault> faults) => ContractFile.Read(path, shownPath, faults);

    /// <summary>Checks a payload. Blank text in an optional field passes: it is how "no value" is sent.</summary>
    /// <param name="personal">Fields whose values are masked, as <see cref="PersonalField"/> reads them.</param>
    /// <param name="rejections">Gets every breach; its source field is left open.</param>
    public void Check(ReadOnlySpan<byte> payload, IReadOnlySet<string> personal, List<Rejection> rejections)
    {
        var scratch = ArrayPool<char>.Shared.Rent(RoomForText);
        var inspection = new Inspection(personal, rejections, scratch);
        var reader = new Utf8JsonReader(payload);
        try
        {
            reader.Read();
            _root.Check(ref reader, ref inspection);
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            rejections.Add(new Rejection(Rules.Unreadable.Code, null, null, null, "JSON"));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(scratch);
        }
    }

    private static void Collect(ObjectRule parent, Dictionary<string, FieldType> types, Dictionary<string, FieldTerms> terms)
    {
        foreach (var property in parent.Properties)
        {
            var earlier = property.NotBefore < 0 ? null : parent.Properties[property.NotBefore].Value.Path;
            terms[property.Value.Path] = new FieldTerms(property.Value, property.IsRequired, earlier, property.ShowsTime);
            Collect(property.Value, types, terms);
        }
    }

    private static void Collect(ValueRule rule, Dictionary<string, FieldType> types, Dictionary<string, FieldTerms> terms)
    {
        if (rule is not ObjectRule || !rule.Path.EndsWith("[]", StringComparison.Ordinal))
        {
            types[rule.Path] = rule.Type;
        }

        switch (rule)
        {
            case ObjectRule part:
                Collect(part, types, terms);
                break;
            case ListRule list:
                Collect(list.Items, types, terms);
                break;
        }
    }
}
