using Integration.Records;
using Integration.Validate;
using Xunit;

namespace Integration.Tests.Validate;

public sealed class ContractFileTests
{
    [Theory]
    [InlineData("\"format\": \"date\"", "'format'")]
    [InlineData("\"minimum\": 1", "'minimum'")]
    [InlineData("\"maxLenght\": 5", "nearest: 'maxLength'")]
    [InlineData("\"default\": \"x\"", "'default'")]
    [InlineData("\"$ref\": \"#/x\"", "'$ref'")]
    [InlineData("\"required\": []", "'required'")]
    [InlineData("\"maxLength\": -1", "from 0")]
    [InlineData("\"maxLength\": \"5\"", "from 0")]
    [InlineData("\"minLength\": 6, \"maxLength\": 5", "above 'maxLength'")]
    [InlineData("\"pattern\": \"(\"", "regular expression")]
    [InlineData("\"pattern\": \"[\\\\D]\"", "regular expression")]
    [InlineData("\"pattern\": 5", "must be a text")]
    [InlineData("\"enum\": []", "'enum'")]
    [InlineData("\"enum\": [1]", "'enum'")]
    [InlineData("\"enum\": [null]", "'enum'")]
    [InlineData("\"x-date\": \"yyyyMMddHHMMss\"", "not an exact date format")]
    [InlineData("\"x-date\": \"yyyymmdd\"", "not an exact date format")]
    [InlineData("\"x-date\": \"HH:mm\"", "not an exact date format")]
    [InlineData("\"x-date\": \"yyyyMMdd\", \"x-not-before\": \"Ngay\"", "nearest: 'NgayA'")]
    [InlineData("\"x-not-before\": \"NgayA\"", "both need 'x-date'")]
    public void A_keyword_is_understood_or_refused_with_its_line(string keywords, string says)
    {
        var (contract, faults) = ContractRig.TryRead($$"""
            { "type": "object", "properties": {
                "NgayA": { "type": "string", "x-date": "yyyyMMdd" },
                "F": { "type": "string", {{keywords}} } } }
            """);

        var fault = Assert.Single(faults);
        Assert.Null(contract);
        Assert.Contains(says, fault.What.En, StringComparison.Ordinal);
        Assert.Equal(new Mark("dossiers/contract.schema.json", 3), fault.At);
    }

    [Theory]
    [InlineData("""{ "type": "string" }""", "root")]
    [InlineData("""[]""", "JSON object")]
    [InlineData("""{ "type": ["object", "null"] }""", "'type'")]
    [InlineData("""{ "type": "objekt" }""", "'type'")]
    [InlineData("""{ "properties": {} }""", "'type'")]
    [InlineData("""{ "type": "object", "required": ["X"] }""", "not there")]
    [InlineData("""{ "type": "object", "required": ["A", "A"], "properties": { "A": { "type": "number" } } }""", "twice")]
    [InlineData("""{ "type": "object", "additionalProperties": { "type": "string" } }""", "true or false")]
    [InlineData("""{ "type": "object", "properties": { "A": true } }""", "JSON object")]
    [InlineData("""{ "type": "object", "properties": { "A.B": { "type": "number" } } }""", ". [ ]")]
    [InlineData("""{ "type": "object", "properties": { "A": { "type": "array" } } }""", "'items' is missing")]
    [InlineData("""{ "type": "object", "type": "object" }""", "not valid JSON")]
    [InlineData("""{ "type": "object" """, "not valid JSON")]
    [InlineData("""{ "type": "object" } {}""", "behind")]
    public void A_broken_schema_is_refused(string schema, string says)
    {
        var (contract, faults) = ContractRig.TryRead(schema);

        Assert.Null(contract);
        Assert.Contains(faults, f => f.What.En.Contains(says, StringComparison.Ordinal) && f.At.Line > 0);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var (_, faults) = ContractRig.TryRead("""
            { "type": "object", "properties": {
                "A": { "type": "string", "format": "x" },
                "B": { "type": "integer", "maxLength": 3 },
                "C": { "type": "array", "items": { "type": "object", "oneOf": [] } } } }
            """);

        Assert.Equal([2, 3, 4], faults.Select(f => f.At.Line));
    }

    [Fact]
    public void Notes_for_people_are_allowed()
    {
        Assert.Equal(FieldType.Text, ContractRig.Read(
            """{ "$id": "x", "title": "t", "type": "object", "properties": { "A": { "type": "string", "description": "d", "$comment": "c", "examples": ["1"] } } }""").Types["A"]);
    }

    [Fact]
    public void Lists_do_not_lie_in_each_other_without_end()
    {
        string Nested(int depth) => depth == 0 ? """{ "type": "integer" }""" : $$"""{ "type": "array", "items": {{Nested(depth - 1)}} }""";
        string Root(int depth) => $$"""{ "type": "object", "properties": { "A": {{Nested(depth)}} } }""";

        Assert.NotNull(ContractRig.TryRead(Root(8)).Contract);
        Assert.Contains("deep", Assert.Single(ContractRig.TryRead(Root(9)).Faults).What.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_a_fault_and_no_exception()
    {
        var faults = new List<Fault>();

        Assert.Null(Contract.Read("/nowhere/contract.schema.json", "dossiers/contract.schema.json", faults));
        Assert.Single(faults);
    }

    [Fact]
    public void The_version_changes_with_the_bytes()
    {
        Assert.Equal(ContractRig.Read("""{ "type": "object" }""").Version, ContractRig.Read("""{ "type": "object" }""").Version);
        Assert.NotEqual(ContractRig.Read("""{ "type": "object" }""").Version, ContractRig.Read("""{ "type":  "object" }""").Version);
    }
}
