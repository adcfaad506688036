using System.Buffers;
using System.Text;
using System.Text.Json;
using Integration.Map;
using Integration.Records;

namespace Integration.Pipelines.Definitions;

/// <summary>
/// Runs a pipeline's samples: <c>{ "in": row with its children, "expected": payload }</c>, or instead of the payload
/// <c>"rejected": [ { "rule": …, "field": … } ]</c>. What comes out differently is a fault that names the sample and the field.
/// </summary>
internal sealed class SampleCheck
{
    private static readonly string[] SampleWords = ["in", "expected", "rejected"];
    private static readonly string[] RejectionWords = ["rule", "field"];

    private readonly PipelineDefinition _pipeline;
    private readonly FaultList _faults = new();

    private SampleCheck(PipelineDefinition pipeline) => _pipeline = pipeline;

    /// <returns>Empty when every sample came out as it says.</returns>
    public static IReadOnlyList<Fault> Run(PipelineDefinition pipeline)
    {
        var check = new SampleCheck(pipeline);
        check.RunAll();
        return check._faults.InOrder();
    }

    private void RunAll()
    {
        var (row, children) = Mapper.ColumnsOf(_pipeline.Map);
        var found = new List<Fault>();
        var options = new MapOptions(_pipeline.Name, _pipeline.Schedule.Zone, _pipeline.Personal);
        var mapper = Mapper.Compile(_pipeline.Map, _pipeline.Contract.Types, _pipeline.Lookups, options, row, children, found);
        _faults.AddRange(found);
        foreach (var file in mapper is null ? [] : _pipeline.Samples)
        {
            var at = new Mark($"{_pipeline.Name}/samples/{Path.GetFileName(file)}", 0);
            try
            {
                using var sample = JsonDocument.Parse(File.ReadAllBytes(file));
                RunOne(sample.RootElement, mapper!, row, children, at);
            }
            catch (JsonException e)
            {
                _faults.Add(at with { Line = (int)(e.LineNumber ?? 0) + 1 }, "mẫu thử không phải JSON hợp lệ", "the sample is not valid JSON");
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException)
            {
                _faults.Add(at, $"'in' không phải một dòng nguồn: {Shown.Outside(e.Message)}", $"'in' is no row of a source: {Shown.Outside(e.Message)}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _faults.Add(at, "không đọc được mẫu thử", "the sample cannot be read");
            }
        }
    }

    private void RunOne(JsonElement sample, Mapper mapper, RowShape row, IReadOnlyDictionary<string, RowShape> children, Mark at)
    {
        if (!HasWords(sample, at, SampleWords))
        {
            return;
        }

        if (!sample.TryGetProperty("in", out var input) || input.ValueKind != JsonValueKind.Object ||
            sample.TryGetProperty("expected", out var expected) == sample.TryGetProperty("rejected", out var rejected))
        {
            _faults.Add(at, "mẫu thử cần 'in' và đúng một trong 'expected', 'rejected'", "a sample needs 'in' and exactly one of 'expected' and 'rejected'");
            return;
        }

        KnowsColumns(input, row, children, at);
        var page = RawRow.Read(Encoding.UTF8.GetBytes(input.GetRawText()), row, children);
        var payload = new ArrayBufferWriter<byte>();
        var rejections = new List<Rejection>();
        if (mapper.Map(page, 0, payload, rejections))
        {
            _pipeline.Contract.Check(payload.WrittenSpan, _pipeline.Personal, rejections);
        }

        if (rejected.ValueKind != JsonValueKind.Undefined)
        {
            CompareRejections(rejected, rejections, at);
        }
        else if (rejections.Count > 0)
        {
            foreach (var rejection in rejections)
            {
                var what = Rules.What(rejection);
                _faults.Add(at, $"bị từ chối ({rejection.Rule}): {what.Vi}", $"was refused ({rejection.Rule}): {what.En}");
            }
        }
        else
        {
            using var actual = JsonDocument.Parse(payload.WrittenMemory);
            new PayloadComparison(_faults, at, _pipeline.Personal).Compare(expected, actual.RootElement);
        }
    }

    private void CompareRejections(JsonElement expected, List<Rejection> actual, Mark at)
    {
        if (expected.ValueKind != JsonValueKind.Array || expected.GetArrayLength() == 0 || !expected.EnumerateArray().All(e => HasWords(e, at, RejectionWords)))
        {
            _faults.Add(at, "'rejected' phải là danh sách { rule, field }", "'rejected' must be a list of { rule, field }");
            return;
        }

        var wanted = expected.EnumerateArray().Select(e => (Rule: TextOf(e, "rule"), Field: TextOf(e, "field"))).ToHashSet();
        foreach (var (rule, field) in wanted.Where(w => w.Rule is null || !Rules.ByCode.ContainsKey(w.Rule)))
        {
            var (vi, en) = Hint.Of(rule ?? "", Rules.ByCode.Keys);
            _faults.Add(at, $"không có quy tắc '{Shown.Word(rule)}'{vi}", $"there is no rule '{Shown.Word(rule)}'{en}");
        }

        var came = actual.Select(r => (Rule: (string?)r.Rule, Field: r.TargetField)).ToHashSet();
        foreach (var (rule, field) in wanted.Except(came))
        {
            _faults.Add(at, $"phải bị từ chối vì {Shown.Word(rule)} ở {Shown.Word(field)}, nhưng không bị", $"should be refused for {Shown.Word(rule)} at {Shown.Word(field)}, and is not");
        }

        foreach (var (rule, field) in came.Except(wanted))
        {
            _faults.Add(at, $"bị từ chối vì {rule} ở {field ?? "–"}, mẫu thử không nói tới", $"is refused for {rule} at {field ?? "–"}, which the sample does not say");
        }
    }

    // A misspelt column would quietly be an empty one.
    private void KnowsColumns(JsonElement input, RowShape row, IReadOnlyDictionary<string, RowShape> children, Mark at)
    {
        List<string> known =
        [
            .. row.Columns, .. _pipeline.Source.Key, .. _pipeline.WaitsFor?.Key ?? [], .. _pipeline.Group is { } group ? [group] : Array.Empty<string>(),
            .. _pipeline.Order is { } order ? [order] : Array.Empty<string>(),
        ];
        foreach (var property in input.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Array)
            {
                Knows(property.Name, known, at);
                continue;
            }

            if (Knows(property.Name, children.Keys, at))
            {
                foreach (var child in property.Value.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object).SelectMany(c => c.EnumerateObject()))
                {
                    Knows(child.Name, children[property.Name].Columns, at);
                }
            }
        }
    }

    private bool Knows(string name, IEnumerable<string> known, Mark at)
    {
        if (known.Contains(name))
        {
            return true;
        }

        var (vi, en) = Hint.Of(name, known);
        _faults.Add(at, $"ánh xạ không đọc '{Shown.Word(name)}'{vi}", $"the map does not read '{Shown.Word(name)}'{en}");
        return false;
    }

    private bool HasWords(JsonElement element, Mark at, string[] words)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            _faults.Add(at, $"cần một đối tượng JSON với {string.Join(", ", words)}", $"expected a JSON object with {string.Join(", ", words)}");
            return false;
        }

        foreach (var word in element.EnumerateObject().Select(p => p.Name).Where(n => !words.Contains(n)))
        {
            var (vi, en) = Hint.Of(word, words);
            _faults.Add(at, $"không hiểu '{Shown.Word(word)}' trong mẫu thử{vi}", $"'{Shown.Word(word)}' is not known in a sample{en}");
        }

        return true;
    }

    private static string? TextOf(JsonElement element, string word) =>
        element.TryGetProperty(word, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
