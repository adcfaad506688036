using System.Globalization;
using Integration.Extract;
using Integration.Ledger;
using Integration.Records;
using Newtonsoft.Json.Linq;

namespace Integration.Pipelines;

/// <summary>What a sync would do, without doing it.</summary>
/// <param name="Failure">Why the source could not be read to its end; null when it was.</param>
internal sealed record DryRunResult(string Pipeline, SliceCounts Counts, IReadOnlyList<DryRunRecord> Records, IReadOnlyList<Text> Notes, Text? Failure);

/// <param name="Kind">New, changed or refused.</param>
/// <param name="Changes">Path (<c>DanhSachLePhi[0].Gia</c>), value last acknowledged, value now; masked where personal.</param>
internal sealed record DryRunRecord(string Key, DryRunKind Kind, IReadOnlyList<FieldChange> Changes, IReadOnlyList<Rejection> Rejections);

internal enum DryRunKind
{
    Create,
    Update,
    Refused,
}

internal sealed record FieldChange(string Field, string? Before, string? Now);

/// <summary>Reads and maps as a run would, compares with the ledger, and writes nothing.</summary>
internal sealed class DryRun(Pipeline pipeline, ILedger ledger)
{
    private readonly List<DryRunRecord> _shown = [];
    private SliceCounts _counts;

    /// <param name="show">Records to describe one by one; the others are only counted.</param>
    public async Task<DryRunResult> RunAsync(bool full, int show, CancellationToken cancellationToken)
    {
        var (notes, failure) = ((IReadOnlyList<Text>)[], (Text?)null);
        try
        {
            notes = await ReadAsync(full, show, cancellationToken);
        }
        catch (SourceUnavailableException e)
        {
            failure = e.What;
        }
        catch (SourceBrokenException e)
        {
            failure = e.What;
        }

        return new DryRunResult(pipeline.Name, _counts, _shown, notes, failure);
    }

    private async Task<IReadOnlyList<Text>> ReadAsync(bool full, int show, CancellationToken cancellationToken)
    {
        var watermark = full ? null : await ledger.ReadWatermarkAsync(pipeline.Name, cancellationToken);
        await using var reading = await pipeline.Source.BeginAsync(
            new ReadingRequest(watermark, (sha, token) => ledger.IsFileTakenAsync(pipeline.Name, sha, token)), cancellationToken);
        RecordReader? records = null;
        var slice = new Slice();
        while (await reading.ReadAsync(cancellationToken) is { } page)
        {
            var faults = new List<Fault>();
            records ??= RecordReader.For(pipeline.Definition, page, faults);
            if (records is null)
            {
                throw new SourceBrokenException(new Text(string.Join("\n", faults.Select(f => f.What.Vi)), string.Join("\n", faults.Select(f => f.What.En))));
            }

            slice.Clear();
            records.Read(page, slice, null);
            await CompareAsync(slice, show, cancellationToken);
        }

        return reading.Notes;
    }

    private async Task CompareAsync(Slice slice, int show, CancellationToken cancellationToken)
    {
        var newest = await ledger.ReadNewestHashesAsync(pipeline.Name, [.. slice.Entries.Select(e => e.Key)], cancellationToken);
        foreach (var entry in slice.Entries)
        {
            var known = newest.TryGetValue(entry.Key, out var hash);
            if (known && hash == entry.Hash)
            {
                _counts += new SliceCounts(1, 1, 0, 0, 0, 0);
                continue;
            }

            var refused = entry.Kind == EntryKind.Reject;
            _counts += new SliceCounts(1, 0, refused || known ? 0 : 1, !refused && known ? 1 : 0, 0, refused ? 1 : 0);
            if (_shown.Count < show)
            {
                var before = refused ? null : await ledger.ReadAcknowledgedPayloadAsync(pipeline.Name, entry.Key, cancellationToken);
                _shown.Add(new DryRunRecord(
                    entry.Key,
                    refused ? DryRunKind.Refused : before is null ? DryRunKind.Create : DryRunKind.Update,
                    refused ? [] : Changes(before, slice.BytesOf(entry).ToArray()),
                    entry.Rejections ?? []));
            }
        }
    }

    private FieldChange[] Changes(byte[]? before, byte[] now)
    {
        var old = before is null ? [] : Fields(before);
        var current = Fields(now);
        return [.. current.Keys.Union(old.Keys, StringComparer.Ordinal)
            .Where(field => old.GetValueOrDefault(field) != current.GetValueOrDefault(field))
            .Select(field => new FieldChange(field, Shown(field, old.GetValueOrDefault(field)), Shown(field, current.GetValueOrDefault(field))))];
    }

    // Value by value, at any depth: a list is compared item by item, and what is personal in it is masked.
    private static Dictionary<string, string> Fields(byte[] payload) =>
        Payload.Parse(payload).Descendants().OfType<JValue>().ToDictionary(v => v.Path, v => v.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private string? Shown(string field, string? value) => value is null ? null : Masking.Show(value, PersonalField.IsListed(pipeline.Definition.Personal, field));
}
