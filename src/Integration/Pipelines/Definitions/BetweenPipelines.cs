namespace Integration.Pipelines.Definitions;

/// <summary>Checks that only make sense with all pipelines side by side.</summary>
internal sealed class BetweenPipelines(IReadOnlyList<Draft> drafts, FaultList faults)
{
    private readonly Dictionary<string, Draft> _byName = drafts.ToDictionary(d => d.Name, StringComparer.Ordinal);

    public void Check()
    {
        foreach (var draft in drafts.Where(d => d.WaitsFor is not null))
        {
            ParentExists(draft);
            NoCircle(draft);
        }

        foreach (var same in drafts.Where(d => d.Endpoint is not null).GroupBy(d => d.Endpoint).Where(g => g.Count() > 1))
        {
            var names = string.Join(", ", same.Select(d => d.Name));
            foreach (var draft in same.Skip(1))
            {
                faults.Add(draft.TargetAt, $"nhiều luồng cùng ghi vào một dịch vụ của một kết nối: {names}", $"several pipelines write to one service of one connection: {names}");
            }
        }
    }

    private void ParentExists(Draft draft)
    {
        var (parent, key) = (draft.WaitsFor!.Pipeline, draft.WaitsFor.Key);
        if (!_byName.TryGetValue(parent, out var found))
        {
            var shown = Shown.Word(parent);
            var (vi, en) = Hint.Of(parent, _byName.Keys);
            faults.Add(draft.WaitsForAt, $"'waits-for' nêu luồng '{shown}' không tồn tại{vi}",
                $"'waits-for' names pipeline '{shown}', which does not exist{en}");
        }
        else if (found.Definition is { } definition && definition.Source.Key.Length != key.Count)
        {
            faults.Add(draft.WaitsForAt, $"khóa của luồng '{parent}' có {definition.Source.Key.Length} cột, 'waits-for.key' có {key.Count}",
                $"the key of pipeline '{parent}' has {definition.Source.Key.Length} columns, 'waits-for.key' has {key.Count}");
        }
    }

    private void NoCircle(Draft draft)
    {
        var way = new List<string> { draft.Name };
        for (var next = draft.WaitsFor; next is not null; next = _byName.GetValueOrDefault(next.Pipeline)?.WaitsFor)
        {
            if (next.Pipeline == draft.Name)
            {
                var circle = string.Join(" → ", [.. way, draft.Name]);
                faults.Add(draft.WaitsForAt, $"các luồng chờ nhau thành vòng: {circle}", $"pipelines wait for each other in a circle: {circle}");
            }

            if (way.Contains(next.Pipeline))
            {
                return;
            }

            way.Add(next.Pipeline);
        }
    }
}
