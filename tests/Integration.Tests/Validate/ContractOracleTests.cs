using System.Text;
using System.Text.Json;
using CsCheck;
using Integration.Records;
using NJsonSchema;
using Xunit;

namespace Integration.Tests.Validate;

/// <summary>Another reader of JSON Schema must come to the same answer on what both support.</summary>
public sealed class ContractOracleTests
{
    private const string Schema = """
        {
          "type": "object", "additionalProperties": false, "required": ["A", "L"],
          "properties": {
            "A": { "type": "string", "minLength": 2, "maxLength": 4 },
            "P": { "type": "string", "pattern": "^[A-C]\\d{1,2}(-x)?$" },
            "E": { "type": "string", "enum": ["một", "hai", "3"] },
            "I": { "type": "integer", "enum": [1, 2] },
            "N": { "type": "number" },
            "B": { "type": "boolean" },
            "L": { "type": "array", "minItems": 1, "items": { "type": "object", "required": ["G"], "properties": { "G": { "type": "integer" } } } },
            "O": { "type": "object", "additionalProperties": false, "properties": { "X": { "type": "string", "maxLength": 2 } } },
            "S": { "type": "array", "items": { "type": "string", "maxLength": 1 } }
          }
        }
        """;

    private static readonly Gen<object?> Scalars = Gen.OneOf<object?>(
        "ab", "ế", "abcde", "A1", "B22-x", "C333", "một", "hai", "3", "4", "x", 1, 2, 3, 1.5, true, false, null);

    private static readonly Gen<object?> Values = Gen.OneOf(
        Scalars,
        Scalars,
        Scalars.Array[0, 2].Select(a => (object?)a),
        Object("G", "H").Array[0, 2].Select(a => (object?)a),
        Object("X", "Y").Select(o => (object?)o));

    [Fact]
    public async Task Both_accept_and_refuse_the_same_payloads()
    {
        var contract = ContractRig.Read(Schema);
        var oracle = await JsonSchema.FromJsonAsync(Schema, TestContext.Current.CancellationToken);
        var accepted = 0;
        var good = new Dictionary<string, object?> { ["A"] = "abc", ["L"] = (object[])[new { G = 1 }] };
        Gen.Select(Gen.OneOf("A", "P", "E", "I", "N", "B", "L", "O", "S", "Z").Array[0, 3], Values.Array[3], Gen.Bool).Sample((names, values, isSparse) =>
        {
            var payload = isSparse ? [] : new Dictionary<string, object?>(good);
            for (var i = 0; i < names.Length; i++)
            {
                payload[names[i]] = values[i];
            }

            var json = JsonSerializer.Serialize(payload);
            var rejections = new List<Rejection>();
            contract.Check(Encoding.UTF8.GetBytes(json), new HashSet<string>(), rejections);
            var isGood = oracle.Validate(json).Count == 0;
            Assert.True(isGood == (rejections.Count == 0), $"{json}: {string.Join("; ", rejections)}");
            accepted += isGood ? 1 : 0;
        }, iter: 5_000, threads: 1);

        Assert.InRange(accepted, 200, 4_800);
    }

    private static Gen<Dictionary<string, object?>> Object(string name, string other) =>
        Gen.Select(Scalars, Gen.Int[0, 3]).Select((value, shape) => shape switch
        {
            0 => [],
            1 => new Dictionary<string, object?> { [other] = value },
            2 => new Dictionary<string, object?> { [name] = value, [other] = value },
            _ => new Dictionary<string, object?> { [name] = value },
        });
}
