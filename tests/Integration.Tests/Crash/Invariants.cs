using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Integration.Records;
using PortalSimulator;

namespace Integration.Tests.Crash;

/// <param name="Invariant">Its number; see docs/reliability.md.</param>
internal sealed record Violation(int Invariant, string What)
{
    public override string ToString() => $"({Invariant}) {What}";
}

/// <param name="Kind">create, update or append.</param>
internal sealed record Applied(DateTime Time, string Service, string Key, string Kind, string Sha256, string Mark);

/// <summary>
/// What must hold whatever dies and when. Told from three things the worker has no hand in: what the sources said, what stands in the
/// ledger's tables, and what the portal applied. One instance a run, since some rules are about what a row may become.
/// </summary>
internal sealed class Invariants(Portal portal, string inbox, Drops drops)
{
    private readonly List<Applied> _effects = [];
    private readonly Dictionary<long, long> _tokens = [];
    private readonly HashSet<long> _unknown = [];
    private readonly Dictionary<string, DateTime> _safe = new(StringComparer.Ordinal);

    /// <summary>Effects read so far; to be looked at before the ledger is, so that no effect is younger than the version it belongs to.</summary>
    public int LookAtEffects()
    {
        foreach (var effect in portal.Effects(_effects.Count))
        {
            _effects.Add(new Applied(effect.Time, effect.Service, effect.Key, effect.Kind, effect.Sha256, Truth.MarkIn(effect.Raw)));
        }

        return _effects.Count;
    }

    public IReadOnlyList<Applied> Effects => _effects;

    /// <summary>True at every moment.</summary>
    /// <param name="before">What was committed at the source before the ledger was read.</param>
    /// <param name="known">Effects there were before the ledger was read.</param>
    /// <param name="after">What may have been said by the time the effects were read.</param>
    public IReadOnlyList<Violation> CheckAlways(TruthNow before, int known, LedgerRows ledger, TruthNow after)
    {
        LookAtEffects();
        return
        [
            .. NothingInvented(ledger, after), .. WatermarksAreCovered(before, ledger, after), .. NoFalseAcknowledgement(ledger), .. AppliedInOrderAndOnce(after),
            .. WhatIsSentIsWhatIsStored(known, ledger), .. OneInFlight(ledger), .. GroupsInOrder(ledger, after), .. LeasesAreFenced(ledger), .. ReceiptsAreWhole(ledger),
            .. NothingIsGuessed(ledger), .. FilesAreKept(ledger), .. RefusalsAreWhole(ledger), .. EffortIsBounded(ledger), .. CountsAreRight(ledger),
            .. NoCallGoesAstray(),
            .. ledger.Damage.Length > 0 ? [new Violation(2, $"the store is damaged: {ledger.Damage}")] : Array.Empty<Violation>(),
        ];
    }

    /// <summary>True once the sources are still, the faults are over and the worker had time.</summary>
    public IEnumerable<Violation> CheckSettled(LedgerRows ledger, TruthNow truth)
    {
        LookAtEffects();
        var newest = ledger.Versions.Where(v => v.Newest).DistinctBy(v => (v.Pipeline, v.Key)).ToDictionary(v => (v.Pipeline, v.Key));
        var last = new Dictionary<(string Pipeline, string Key), string>();
        foreach (var effect in _effects)
        {
            if (truth.ByMark.GetValueOrDefault(effect.Mark) is { } said)
            {
                last[(said.Pipeline, said.Key)] = effect.Mark;
            }
        }

        var dossiers = last.Keys.Where(k => k.Pipeline == HarnessFolder.Dossiers).Select(k => k.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var key in truth.ByKey)
        {
            var said = key.Last();
            var found = newest.GetValueOrDefault(key.Key);
            var arrived = last.GetValueOrDefault(key.Key);
            var waits = said.Group is { } group && !dossiers.Contains(group);
            var isRight = said.Due switch
            {
                Due.Arrives when waits => found is { State: RecordState.Waiting } && found.Mark == said.Mark,
                Due.Arrives => found is { State: RecordState.Acknowledged } && found.Mark == said.Mark && arrived == said.Mark,
                Due.RefusedThere when waits => found is { State: RecordState.Waiting } && found.Mark == said.Mark,
                Due.Gone => arrived is null && found is null or { Kind: EntryKind.Withdraw, State: RecordState.Acknowledged } || found is { Kind: EntryKind.Withdraw, State: RecordState.Quarantined },
                _ => found is { State: RecordState.Quarantined } && found.Mark == said.Mark,
            };
            if (!isRight)
            {
                yield return new(18, $"{said.Pipeline} {said.Key}: the source says {said.Mark} {said.Due}, the ledger {found?.State.ToString() ?? "nothing"} {found?.Mark}, the portal {arrived ?? "nothing"}");
            }
        }

        // A later file that is the whole set takes its place, so it need not be the newest.
        foreach (var file in truth.Strangers.Where(f => !ledger.Versions.Any(v => v.Key.StartsWith($"{f}#", StringComparison.Ordinal))))
        {
            yield return new(12, $"the bad line of {file} stands nowhere");
        }

        foreach (var open in ledger.Versions.Where(v => v.State is RecordState.Ready or RecordState.Leased or RecordState.Unknown))
        {
            yield return new(18, $"{open.Pipeline} {open.Key} {open.Mark} is still {open.State}");
        }
    }

    private IEnumerable<Violation> NothingInvented(LedgerRows ledger, TruthNow truth)
    {
        foreach (var version in ledger.Versions)
        {
            var isKnown = version.Kind == EntryKind.Withdraw
                ? truth.ByKey[(version.Pipeline, version.Key)].Any(s => s.Due == Due.Gone)
                : version.Mark.Length > 0
                    ? truth.ByMark.GetValueOrDefault(version.Mark) is { } said && (said.Pipeline, said.Key) == (version.Pipeline, version.Key)
                    : truth.Strangers.Any(f => version.Key.StartsWith($"{f}#", StringComparison.Ordinal));
            if (!isKnown)
            {
                yield return new(1, $"version {version.Id} ({version.Pipeline} {version.Key} {version.Kind} {version.Mark}) is nothing the source ever said");
            }
        }

        foreach (var twice in ledger.Versions.Where(v => v.Newest).GroupBy(v => (v.Pipeline, v.Key)).Where(g => g.Count() > 1))
        {
            yield return new(1, $"{twice.Key} has {twice.Count()} newest versions");
        }

        foreach (var effect in _effects)
        {
            if (truth.ByMark.GetValueOrDefault(effect.Mark) is not { } said || HarnessFolder.ServiceOf(said.Pipeline) != effect.Service || (said.Group ?? said.Key) != effect.Key)
            {
                yield return new(1, $"the portal applied {effect.Service} {effect.Key} {effect.Mark}, which the source never said");
            }
            else if (said.Due != Due.Arrives)
            {
                yield return new(1, $"the portal applied {effect.Service} {effect.Key} {effect.Mark}, which was to be {said.Due}");
            }
        }
    }

    private IEnumerable<Violation> WatermarksAreCovered(TruthNow before, LedgerRows ledger, TruthNow after)
    {
        // A key that has two is told where nothing may be invented.
        var newest = ledger.Versions.Where(v => v.Newest).DistinctBy(v => (v.Pipeline, v.Key)).ToDictionary(v => (v.Pipeline, v.Key), v => v.Mark);
        foreach (var (pipeline, watermark) in ledger.Watermarks)
        {
            if (SafeOf(watermark) is not { } safe)
            {
                continue;
            }

            if (_safe.GetValueOrDefault(pipeline) > safe)
            {
                yield return new(2, $"the watermark of {pipeline} went back from {_safe[pipeline]:O} to {safe:O}");
            }

            _safe[pipeline] = safe;
            foreach (var key in before.ByKey.Where(k => k.Key.Pipeline == pipeline))
            {
                var last = key.Last();
                if (last.Stamp < safe && (newest.GetValueOrDefault(key.Key) is not { } mark || !after.ByKey[key.Key].Any(s => s.Seq >= last.Seq && s.Mark == mark)))
                {
                    yield return new(2, $"{pipeline} {last.Key} {last.Mark} is stamped {last.Stamp:O}, before the watermark {safe:O}, and is not stored");
                }
            }
        }
    }

    private IEnumerable<Violation> NoFalseAcknowledgement(LedgerRows ledger)
    {
        var applied = _effects.Select(e => (e.Service, e.Sha256)).ToHashSet();
        foreach (var version in ledger.Versions.Where(v => v.State == RecordState.Acknowledged))
        {
            var service = HarnessFolder.ServiceOf(version.Pipeline);

            // A withdrawal in doubt is asked about too, and is at its end where the portal had no version of the record that is older.
            var isTrue = version.Kind == EntryKind.Put ? applied.Contains((service, version.Hash)) : !WasThere(ledger, version, service);
            if (!isTrue)
            {
                yield return new(3, $"{version.Pipeline} {version.Key} {version.Mark} is acknowledged, and the portal never applied it");
            }

            if (version.Receipt is not { } receipt || !ledger.Attempts.TryGetValue(receipt, out var attempt) || attempt is not { Status: 200, HasReply: true })
            {
                yield return new(3, $"{version.Pipeline} {version.Key} {version.Mark} is acknowledged without a receipt");
            }
        }
    }

    // Whenever an older version arrives, it was not gone; but what came after it may be the same content once more.
    private bool WasThere(LedgerRows ledger, VersionRow withdrawal, string service)
    {
        var ofKey = ledger.Versions.Where(v => v.Pipeline == withdrawal.Pipeline && v.Key == withdrawal.Key).ToLookup(v => v.Id < withdrawal.Id, v => v.Hash);
        return _effects.Any(e => e.Service == service && ofKey[true].Contains(e.Sha256) && (e.Time <= withdrawal.Acknowledged || !ofKey[false].Contains(e.Sha256)));
    }

    private IEnumerable<Violation> AppliedInOrderAndOnce(TruthNow truth)
    {
        // An update may be repeated where the portal showed too little of the record to tell that it had arrived.
        var excused = portal.Summary().Faults.GetValueOrDefault("shows-part");
        foreach (var key in _effects.Where(e => truth.ByMark.ContainsKey(e.Mark)).GroupBy(e => (truth.ByMark[e.Mark].Pipeline, truth.ByMark[e.Mark].Key)))
        {
            var said = truth.ByKey[key.Key].ToList();
            var at = -1;
            foreach (var effect in key)
            {
                var next = said.FindIndex(at + 1, s => s.Mark == effect.Mark);
                if (next >= 0)
                {
                    at = next;
                }
                else if (at >= 0 && said[at].Mark != effect.Mark)
                {
                    yield return new(7, $"{key.Key} was told {effect.Mark} after {said[at].Mark}, which is newer");
                }
                else if (effect.Kind != "update" || --excused < 0)
                {
                    yield return new(4, $"{key.Key} {effect.Mark} was applied twice ({effect.Kind})");
                }
            }
        }
    }

    private IEnumerable<Violation> WhatIsSentIsWhatIsStored(int known, LedgerRows ledger)
    {
        var stored = ledger.Versions.Select(v => v.Hash).ToHashSet(StringComparer.Ordinal);
        foreach (var effect in _effects.Take(known).Where(e => !stored.Contains(e.Sha256)))
        {
            yield return new(6, $"the portal applied other bytes of {effect.Service} {effect.Key} {effect.Mark} than any that are stored");
        }

        foreach (var content in _effects.GroupBy(e => e.Mark).Where(g => g.Select(e => e.Sha256).Distinct().Count() > 1))
        {
            yield return new(6, $"{content.Key} was sent in different bytes");
        }
    }

    private static IEnumerable<Violation> OneInFlight(LedgerRows ledger) => ledger.Versions
        .Where(v => v.State is RecordState.Leased or RecordState.Unknown).GroupBy(v => (v.Pipeline, v.Key)).Where(g => g.Count() > 1)
        .Select(g => new Violation(7, $"{g.Count()} versions of {g.Key} are in flight"));

    private IEnumerable<Violation> GroupsInOrder(LedgerRows ledger, TruthNow truth)
    {
        // A step that was edited before it was ever read is read where its new stamp stands, maybe after later steps of its dossier were sent.
        var stored = ledger.Versions.Where(v => v.Pipeline == HarnessFolder.Steps).GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.MinBy(v => v.Id)!);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var reached = new Dictionary<string, Said>(StringComparer.Ordinal);
        foreach (var effect in _effects.Where(e => e.Service == HarnessFolder.ServiceOf(HarnessFolder.Steps)))
        {
            if (truth.ByMark.GetValueOrDefault(effect.Mark) is not { } said || !seen.Add(said.Key) || truth.ByKey[(said.Pipeline, said.Key)].First() is not { Due: Due.Arrives, Loose: false } first)
            {
                continue;
            }

            if (reached.GetValueOrDefault(effect.Key) is { } before && before.Order > first.Order
                && stored.GetValueOrDefault(said.Key) is var here && (here?.Mark == first.Mark || here?.Id < stored.GetValueOrDefault(before.Key)?.Id))
            {
                yield return new(7, $"step {first.Order} of {effect.Key} was applied after step {before.Order}");
            }

            reached[effect.Key] = first;
        }
    }

    private IEnumerable<Violation> LeasesAreFenced(LedgerRows ledger)
    {
        foreach (var version in ledger.Versions)
        {
            if (version.Token < _tokens.GetValueOrDefault(version.Id))
            {
                yield return new(8, $"the token of version {version.Id} fell from {_tokens[version.Id]} to {version.Token}");
            }

            _tokens[version.Id] = version.Token;
            if (version is { State: RecordState.Leased, HasClaim: false })
            {
                yield return new(8, $"version {version.Id} ({version.Pipeline} {version.Key}) is leased by a claim that is gone");
            }
        }
    }

    private static IEnumerable<Violation> ReceiptsAreWhole(LedgerRows ledger) => ledger.Attempts.Values
        .Where(a => a.Told > a.Records).Select(a => new Violation(9, $"attempt {a.Id} of {a.Records} records tells of {a.Told}"));

    private IEnumerable<Violation> NothingIsGuessed(LedgerRows ledger)
    {
        foreach (var version in ledger.Versions)
        {
            if (version.State == RecordState.Unknown)
            {
                _unknown.Add(version.Id);
            }
            else if (!version.WasAsked && version.State is not (RecordState.Leased or RecordState.Dismissed) && _unknown.Contains(version.Id))
            {
                yield return new(10, $"{version.Pipeline} {version.Key} {version.Mark} was unknown, is {version.State}, and nobody asked");
            }
        }
    }

    private IEnumerable<Violation> FilesAreKept(LedgerRows ledger)
    {
        var dropped = drops.Dropped;
        foreach (var pipeline in dropped.Select(d => d.Pipeline).Distinct())
        {
            var there = new Dictionary<string, int>(StringComparer.Ordinal);
            var folder = Drops.FolderOf(inbox, pipeline);
            foreach (var path in Directory.EnumerateFiles(folder, "*.csv", SearchOption.AllDirectories).Where(p => Path.GetFileName(p)[0] != '.'))
            {
                var sha = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
                there[sha] = there.GetValueOrDefault(sha) + 1;
                if (Path.GetFileName(Path.GetDirectoryName(path)) is "done" or "duplicate" && !ledger.Taken.Contains((pipeline, sha)))
                {
                    yield return new(11, $"{Path.GetRelativePath(inbox, path)} was put away, and its rows are not stored");
                }
            }

            foreach (var file in dropped.Where(d => d.Pipeline == pipeline).GroupBy(d => d.Sha256).Where(g => there.GetValueOrDefault(g.Key) != g.Count()))
            {
                yield return new(11, $"{pipeline} {file.First().Name} was dropped {file.Count()} times and is there {there.GetValueOrDefault(file.Key)} times");
            }
        }
    }

    private static IEnumerable<Violation> RefusalsAreWhole(LedgerRows ledger) => ledger.Versions
        .Where(v => v.State == RecordState.Quarantined && (!v.HasReason || (v.Kind != EntryKind.Withdraw && !v.HasBytes)))
        .Select(v => new Violation(12, $"{v.Pipeline} {v.Key} {v.Mark} is refused without {(v.HasReason ? "its content" : "a reason")}"));

    private IEnumerable<Violation> NoCallGoesAstray() => portal.Requests()
        .Where(r => !r.Path.StartsWith("/mapi/", StringComparison.Ordinal)).Take(1).Select(r => new Violation(16, $"a call went to {r.Path}, where the portal pointed"));

    private static IEnumerable<Violation> EffortIsBounded(LedgerRows ledger) => ledger.Versions
        .Where(v => v.Attempts > 60).Select(v => new Violation(21, $"{v.Pipeline} {v.Key} {v.Mark} took {v.Attempts} calls"));

    private static IEnumerable<Violation> CountsAreRight(LedgerRows ledger)
    {
        var counted = ledger.Versions.GroupBy(v => (v.Pipeline, v.State)).ToDictionary(g => g.Key, g => (long)g.Count());
        return counted.Keys.Union(ledger.Tallied.Keys).Where(k => counted.GetValueOrDefault(k) != ledger.Tallied.GetValueOrDefault(k))
            .Select(k => new Violation(22, $"the ledger counts {ledger.Tallied.GetValueOrDefault(k)} versions of {k}, and there are {counted.GetValueOrDefault(k)}"));
    }

    private static DateTime? SafeOf(string watermark)
    {
        if (!watermark.StartsWith('{'))
        {
            return null;
        }

        using var json = JsonDocument.Parse(watermark);
        return json.RootElement.TryGetProperty("safe", out var safe) && safe.GetString() is { } text
            ? DateTime.Parse(text.TrimStart('\''), CultureInfo.InvariantCulture, DateTimeStyles.None)
            : null;
    }
}
