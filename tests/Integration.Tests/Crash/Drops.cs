using System.Security.Cryptography;
using System.Text;

namespace Integration.Tests.Crash;

/// <param name="IsRepeat">The same bytes were dropped before.</param>
internal sealed record DroppedFile(string Pipeline, string Name, string Sha256, bool IsRepeat);

/// <summary>Drops CSV files for the worker: some add records, some are the whole set, some have a bad line, some come twice.</summary>
internal sealed class Drops(string inbox, Truth truth, Action<string> tell)
{
    private readonly Lock _gate = new();
    private readonly List<DroppedFile> _dropped = [];
    private readonly List<(string Pipeline, byte[] Bytes)> _bytes = [];
    private readonly List<string> _dossiers = [];
    private readonly SortedDictionary<string, string> _services = new(StringComparer.Ordinal);
    private int _number;

    public static string FolderOf(string inbox, string pipeline) => Path.Combine(inbox, pipeline);

    public IReadOnlyList<DroppedFile> Dropped
    {
        get
        {
            lock (_gate)
            {
                return [.. _dropped];
            }
        }
    }

    public void CreateFolders()
    {
        Directory.CreateDirectory(FolderOf(inbox, HarnessFolder.Drops));
        Directory.CreateDirectory(FolderOf(inbox, HarnessFolder.Snapshots));
    }

    public void Drop(Random dice, Func<string> mark)
    {
        if (_bytes.Count > 0 && dice.Next(8) == 0)
        {
            var (pipeline, bytes) = _bytes[dice.Next(_bytes.Count)];
            Write(pipeline, bytes, [], hasStranger: false, isRepeat: true);
        }
        else if (dice.Next(3) == 0)
        {
            DropServices(dice, mark);
        }
        else
        {
            DropDossiers(dice, mark);
        }
    }

    private void DropDossiers(Random dice, Func<string> mark)
    {
        var text = new StringBuilder("dossier_no,owner,summary,note\n");
        var said = new List<Said>();
        var rows = Enumerable.Range(0, dice.Next(4, 16)).Select(_ => dice.Next(3) == 0 && _dossiers.Count > 0 ? _dossiers[dice.Next(_dossiers.Count)] : null).ToArray();
        foreach (var known in rows.Where(r => r is null || rows.Count(o => o == r) == 1))
        {
            var key = known ?? $"F-{++_number:0000}";
            var content = mark();
            var due = dice.Next(30) switch { 0 => Due.RefusedHere, 1 => Due.RefusedThere, _ => Due.Arrives };
            text.Append(key).Append(',').Append(due == Due.RefusedHere ? "" : "Đặng Thị Mẫu").Append(',').Append(content).Append(" Từ tệp,")
                .Append('x', due == Due.RefusedThere ? 2001 : 0).Append('\n');
            said.Add(new Said(HarnessFolder.Drops, key, content, due));
            if (known is null)
            {
                _dossiers.Add(key);
            }
        }

        var hasStranger = dice.Next(5) == 0;
        text.Append(hasStranger ? "dòng hỏng\n" : "");
        var (last, lastMark) = ($"F-{++_number:0000}", mark());
        text.Append(last).Append(",Đặng Thị Mẫu,").Append(lastMark).Append(" Dòng cuối,\n");
        said.Add(new Said(HarnessFolder.Drops, last, lastMark, Due.Arrives));
        Write(HarnessFolder.Drops, Encoding.UTF8.GetBytes(text.ToString()), said, hasStranger, isRepeat: false);
    }

    private void DropServices(Random dice, Func<string> mark)
    {
        var said = new List<Said>();
        var missing = _services.Keys.Where(_ => dice.Next(8) == 0).ToArray();
        foreach (var key in _services.Keys.Except(missing).Where(_ => dice.Next(4) == 0).Concat(Enumerable.Range(0, dice.Next(1, 4)).Select(_ => $"T-{++_number:0000}")).ToArray())
        {
            _services[key] = mark();
            said.Add(new Said(HarnessFolder.Snapshots, key, _services[key], Due.Arrives));
        }

        var text = new StringBuilder("service_code,name\n");
        foreach (var (key, content) in _services.Where(s => !missing.Contains(s.Key, StringComparer.Ordinal)))
        {
            text.Append(key).Append(',').Append(content).Append(" Dịch vụ từ tệp\n");
        }

        // A line that cannot be read may be any of those that seem to be missing, so all of them stay.
        var hasStranger = dice.Next(3) == 0;
        text.Append(hasStranger ? "dòng,hỏng,quá\n" : "");
        foreach (var key in hasStranger ? [] : missing)
        {
            said.Add(new Said(HarnessFolder.Snapshots, key, "", Due.Gone));
            _services.Remove(key);
        }

        Write(HarnessFolder.Snapshots, Encoding.UTF8.GetBytes(text.ToString()), said, hasStranger, isRepeat: false);
    }

    private void Write(string pipeline, byte[] bytes, List<Said> said, bool hasStranger, bool isRepeat)
    {
        var (folder, name) = (FolderOf(inbox, pipeline), $"f{_dropped.Count:0000}.csv");
        if (hasStranger)
        {
            truth.AddStranger(name);
        }

        var added = said.ConvertAll(truth.Add);
        File.WriteAllBytes(Path.Combine(folder, $".{name}"), bytes);
        File.Move(Path.Combine(folder, $".{name}"), Path.Combine(folder, name));
        lock (_gate)
        {
            _dropped.Add(new DroppedFile(pipeline, name, Convert.ToHexStringLower(SHA256.HashData(bytes)), isRepeat));
        }

        File.WriteAllBytes(Path.Combine(folder, $"{name}.done"), []);
        truth.Commit(added);
        _bytes.Add((pipeline, bytes));
        tell($"dropped {pipeline} {name}: {said.Count} changes{(hasStranger ? ", a bad line" : "")}{(isRepeat ? ", known bytes" : "")}");
    }
}
