using Integration.Records;

namespace Integration.Extract.Sql;

/// <summary>
/// Where one reading starts and what watermark it leaves, page by page and at its end.
/// <para>
/// A transaction that the snapshot does not show, and that stamped its rows before the horizon, was running at the horizon. So once all that
/// ran then have ended, a later reading that starts from the safe watermark shows everything up to where this one came, and only then the safe
/// watermark moves there. Until then reading starts from the same place again; what is read twice is told apart by its hash.
/// </para>
/// </summary>
internal sealed class Course
{
    private static readonly TimeSpan WorthTelling = TimeSpan.FromMinutes(10);

    private readonly Progress _stored;
    private readonly Horizon _horizon;
    private readonly Scale _scale;
    private readonly PageMark? _resumed;

    /// <param name="parts">Columns of a page mark: the watermark and the key.</param>
    public Course(Progress stored, Horizon horizon, Scale scale, TimeSpan lag, int parts)
    {
        (_stored, _horizon, _scale) = (stored, horizon, scale);
        _resumed = stored.Page?.At.Length == parts ? stored.Page : null;
        From = stored.Safe is { } safe ? scale.Back(safe, lag) : null;
        Notes = [.. Tell()];
    }

    /// <summary>Reading starts at this watermark, inclusive; null: at the first row.</summary>
    public string? From { get; }

    /// <summary>Reading goes on after this row, because an earlier one broke off there; null: it starts at <see cref="From"/>.</summary>
    public string[]? After => _resumed?.At;

    public IReadOnlyList<Text> Notes { get; }

    /// <summary>What may be stored with a page; null when the page ends beyond the horizon, where no reading may go on.</summary>
    public Progress? AtPage(string[] last) => !_scale.IsWithin(last[0])
        ? null
        : _stored with { Page = new PageMark(last, _resumed?.From ?? last[0], [.. _horizon.Running.Union(_resumed?.Running ?? [], StringComparer.Ordinal)]) };

    /// <param name="last">Watermark of the last row; null when there was none.</param>
    public Progress AtEnd(string? last)
    {
        var reached = last is null ? _resumed?.At[0] ?? _stored.Safe : _scale.Clamp(last);
        if (reached is null)
        {
            return _stored with { Page = null };
        }

        if (_resumed is not null)
        {
            return AtResumedEnd(reached);
        }

        if (_horizon.Running.Length == 0)
        {
            return new Progress(reached, null, null);
        }

        var probe = new Probe(reached, _horizon.Now, _horizon.Running);
        return (_stored.Probe, HeldBy()) switch
        {
            (null, _) => new Progress(_stored.Safe, probe, null),
            ({ } old, []) => new Progress(old.To, probe, null),
            ({ } old, var running) => new Progress(_stored.Safe, old with { Running = running }, null),
        };
    }

    // Two snapshots saw two parts, so nothing becomes safe beyond the place where they meet before a whole reading has shown it.
    private Progress AtResumedEnd(string reached)
    {
        var running = _horizon.Running.Union(Horizon.StillRunning(_resumed!.Running, _horizon.Latest), StringComparer.Ordinal);
        var safe = _resumed.Running.Length == 0 ? _resumed.From : _stored.Safe;
        return new Progress(safe, new Probe(reached, _horizon.Now, [.. running]), null);
    }

    private string[] HeldBy() => _stored.Probe is { } probe ? Horizon.StillRunning(probe.Running, _horizon.Latest) : [];

    private IEnumerable<Text> Tell()
    {
        if (_horizon.IsStandby)
        {
            yield return new Text(
                "Nguồn là máy chủ bản sao: không thấy được giao dịch đang mở ở máy chính, nên chỉ dựa vào độ trễ (lag).",
                "The source is a standby server: transactions open on its primary cannot be seen, so only the lag protects against late commits.");
        }

        if (_stored.Probe is { } probe && HeldBy().Length > 0 && _horizon.Now - probe.At > WorthTelling)
        {
            var minutes = (long)(_horizon.Now - probe.At).TotalMinutes;
            yield return new Text(
                "Một giao dịch ở nguồn mở đã {0} phút nên mốc đồng bộ chưa tiến; dữ liệu mới vẫn được đọc. Kiểm tra giao dịch đó trên máy chủ nguồn.",
                "A transaction at the source has been open for {0} minutes and holds the watermark back; new data is still read. Look at it on the source server.").With(minutes);
        }

        if (_stored.Safe is { } safe && _scale.WentBack(safe))
        {
            yield return new Text(
                "Mốc đã lưu nằm sau thời điểm hiện tại của nguồn: đồng hồ hoặc dữ liệu nguồn đã lùi lại. Chạy đồng bộ toàn bộ một lần (--full).",
                "The stored watermark is beyond the source's present: its clock or its data went back. Run one full sync (--full).");
        }
    }
}
