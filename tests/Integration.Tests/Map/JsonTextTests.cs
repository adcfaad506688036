using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using Integration.Map;
using Integration.Records;
using Xunit;

namespace Integration.Tests.Map;

/// <summary>
/// The bytes of a record are its identity in ledgers that exist: they are what <see cref="Utf8JsonWriter"/> has always made of its chars, to the last one.
/// </summary>
public sealed class JsonTextTests
{
    private static readonly Gen<string> Unicode = Gen.OneOf(
        Gen.Int[0, 0x10FFFF].Where(static c => c is < 0xD800 or > 0xDFFF).Array[0, 20].Select(static codes => string.Concat(codes.Select(char.ConvertFromUtf32))),
        Gen.OneOf("a", "Nguyễn Văn Ứng", "\"", "\\", "/", "<>&'+`", "\0", "\u001F", "\u007F", "\u0085", "\u00A0", "\u00AD", "\u2028", "\u2029", "\uE000", "\uFEFF", "\uFFFF", "😀", "\U0010FFFF", "\n\t\r\b\f")
            .Array[0, 12].Select(string.Concat));

    // A field of a record: a text, a number, raw JSON, an object or a list of objects.
    private static readonly Gen<Node> Nodes = Gen.Recursive<Node>(static (depth, node) => Gen.Select(Gen.Int[0, 4], Unicode, Unicode, Gen.Long, depth < 2 ? node.Array[0, 3] : Gen.Const(Array.Empty<Node>()))
        .Select(static (kind, name, text, number, inner) => new Node(kind, name, text, number, inner)));

    private readonly JsonText _json = new();
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void Every_character_is_written_as_ever()
    {
        var codes = Enumerable.Range(0, 0xD800).Concat(Enumerable.Range(0xE000, 0x2000)).Concat(Enumerable.Range(0x1F300, 0x400)).Append(0x10000).Append(0x10FFFF);
        foreach (var codesOfOne in codes.Chunk(7))
        {
            AssertSame(new Node(0, "F", string.Concat(codesOfOne.Select(char.ConvertFromUtf32)), 0, []));
        }

        foreach (var code in codes.Where(static c => c is < 0x3000 or > 0xD000))
        {
            AssertSame(new Node(0, "F", char.ConvertFromUtf32(code), 0, []));
        }
    }

    [Fact]
    public void Whole_records_are_written_as_ever() => Nodes.Array[0, 5].Sample(fields => AssertSame(fields), iter: 3_000, threads: 1);

    [Fact]
    public void A_long_text_that_has_to_be_escaped_outgrows_no_room()
    {
        foreach (var text in (string[])[new('"', 100_000), string.Concat(Enumerable.Repeat("😀\n", 400_000)), new('a', 3_000_000), new string('ế', 4_000) + "\u00A0" + new string('b', 4_100)])
        {
            AssertSame(new Node(0, "F", text, 0, []), new Node(0, "G", "x", 0, []));
        }
    }

    private void AssertSame(params Node[] fields)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var field in fields)
            {
                field.Write(writer);
            }

            writer.WriteEndObject();
        }

        _output.ResetWrittenCount();
        _json.Clear();
        _json.StartObject();
        foreach (var field in fields)
        {
            field.Write(_json);
        }

        _json.EndObject();
        _json.CopyTo(_output);
        Assert.True(output.WrittenSpan.SequenceEqual(_output.WrittenSpan), $"{Encoding.UTF8.GetString(output.WrittenSpan[..Math.Min(2_000, output.WrittenCount)])}");
    }

    private sealed record Node(int Kind, string Name, string Text, long Number, Node[] Inner)
    {
        public void Write(Utf8JsonWriter json)
        {
            json.WritePropertyName(JsonEncodedText.Encode(Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
            switch (Kind)
            {
                case 0:
                    json.WriteStringValue(Text.AsSpan());
                    break;
                case 1:
                    json.WriteNumberValue(Number);
                    break;
                case 2:
                    json.WriteRawValue("-0.5E+3", skipInputValidation: true);
                    break;
                case 3:
                    json.WriteStartObject();
                    WriteInner(json);
                    json.WriteEndObject();
                    break;
                default:
                    json.WriteStartArray();
                    foreach (var _ in Inner)
                    {
                        json.WriteStartObject();
                        WriteInner(json);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    break;
            }
        }

        public void Write(JsonText json)
        {
            var name = JsonText.Name(Name);
            switch (Kind)
            {
                case 0:
                    json.WriteText(name, WireText.Of(Encoding.UTF8.GetBytes(Text)));
                    break;
                case 1:
                    json.WriteNumber(name, Number);
                    break;
                case 2:
                    json.WriteRaw(name, "-0.5E+3"u8);
                    break;
                case 3:
                    json.StartObject(name);
                    WriteInner(json);
                    json.EndObject();
                    break;
                default:
                    json.StartList(name);
                    foreach (var _ in Inner)
                    {
                        json.StartObject();
                        WriteInner(json);
                        json.EndObject();
                    }

                    json.EndList();
                    break;
            }
        }

        private void WriteInner(Utf8JsonWriter json) => Array.ForEach(Inner, node => node.Write(json));

        private void WriteInner(JsonText json) => Array.ForEach(Inner, node => node.Write(json));
    }
}
