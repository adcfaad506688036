using System.Data.Common;
using System.Globalization;

namespace Integration.Tests.Crash;

/// <summary>
/// Changes the province's database and drops files, while workers run and die, and writes down what it said (<see cref="Truth"/>). What it
/// changes, and in which order, follows from the seed alone; only the moments are those of the clock.
/// </summary>
internal sealed class Changes(int seed, Truth truth, SourceAtRisk source, Drops drops, Action<string> tell) : IAsyncDisposable
{
    private static readonly DateTime FirstStep = new(2025, 7, 15, 8, 0, 0, DateTimeKind.Unspecified);
    private static readonly string LongNote = new('x', 2001);
    private static readonly string LongHandler = new('x', 51);

    private readonly Random _dice = new(seed);
    private readonly List<Rec> _records = [];
    private DbConnection? _connection;
    private Late? _late;
    private int _marks;
    private int _number;

    /// <summary>Makes so many transactions or files, a little time apart.</summary>
    public async Task RunAsync(int transactions, CancellationToken cancellationToken)
    {
        _connection ??= await source.OpenAsync(cancellationToken);
        for (var i = 0; i < transactions; i++)
        {
            await OneAsync(cancellationToken);
            await Task.Delay(_dice.Next(5, 60), cancellationToken);
        }
    }

    /// <summary>Ends what is still open; nothing is said after this.</summary>
    public async Task FreezeAsync(CancellationToken cancellationToken) => await CommitLateAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_late is { } late)
        {
            await late.Connection.DisposeAsync();
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
    }

    private async Task OneAsync(CancellationToken cancellationToken)
    {
        var what = _dice.Next(100);
        if (what < 22)
        {
            drops.Drop(_dice, () => $"[v{++_marks}]");
            return;
        }

        if (_late is { } open && --open.Left <= 0)
        {
            await CommitLateAsync(cancellationToken);
        }

        if (source.HasManyWriters && _late is null && what < 34)
        {
            await OpenLateAsync(cancellationToken);
            return;
        }

        // Rows of one transaction share a stamp, and so do those of the same second.
        var stamp = SourceAtRisk.Now();
        var said = new List<Said>();
        await using var transaction = await _connection!.BeginTransactionAsync(cancellationToken);
        for (var rows = _dice.Next(1, 9); rows > 0; rows--)
        {
            await ChangeAsync(_connection!, transaction, stamp, said, loose: false, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        truth.Commit(said);
        tell($"committed {Shown(said)}");
    }

    private async Task OpenLateAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenAsync(cancellationToken);
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        _late = new Late(connection, transaction) { Left = _dice.Next(2, 7) };
        for (var rows = _dice.Next(1, 4); rows > 0; rows--)
        {
            await ChangeAsync(connection, transaction, SourceAtRisk.Now(), _late.Said, loose: true, cancellationToken);
        }

        tell($"said, to be committed late: {Shown(_late.Said)}");
    }

    private async Task CommitLateAsync(CancellationToken cancellationToken)
    {
        if (_late is not { } late)
        {
            return;
        }

        _late = null;
        await late.Transaction.CommitAsync(cancellationToken);
        truth.Commit(late.Said);
        await late.Transaction.DisposeAsync();
        await late.Connection.DisposeAsync();
        _records.ForEach(r => r.IsBusy = false);
        tell($"committed late {Shown(late.Said)}");
    }

    private async Task ChangeAsync(DbConnection connection, DbTransaction transaction, DateTime stamp, List<Said> said, bool loose, CancellationToken cancellationToken)
    {
        var (record, content, twin) = Choose(loose);
        record.IsBusy = loose;
        if (content is null)
        {
            await SourceAtRisk.RunAsync(connection, transaction, "DELETE FROM service WHERE service_code = @key", [("@key", record.Key)], cancellationToken);
            said.Add(truth.Add(new Said(record.Pipeline, record.Key, "", Due.Gone)));
            return;
        }

        var isNews = record.Contents.Count == 0 || record.IsGone || record.Contents[^1] != content;
        var isFirst = record.Contents.Count == 0;
        record.IsGone = false;
        if (isNews)
        {
            record.Contents.Add(content);
            said.Add(truth.Add(new Said(
                record.Pipeline, record.Key, content.Mark, content.Due, record.Group, record.Order, record.Pipeline == HarnessFolder.Services ? null : stamp, loose && isFirst)));
        }

        await WriteAsync(connection, transaction, record, content, stamp, twin, cancellationToken);
    }

    private (Rec Record, Content? Content, bool Twin) Choose(bool loose)
    {
        var what = _dice.Next(100);
        var free = _records.Where(r => !r.IsBusy).ToList();
        var dossiers = free.Where(r => r.Pipeline == HarnessFolder.Dossiers).ToList();
        var services = free.Where(r => r.Pipeline == HarnessFolder.Services).ToList();
        var due = _dice.Next(100) switch { < 5 => Due.RefusedHere, < 9 => Due.RefusedThere, _ => Due.Arrives };
        if (dossiers.Count > 0)
        {
            var dossier = dossiers[_dice.Next(dossiers.Count)];
            switch (what)
            {
                case < 18:
                    return (dossier, New(due), false);
                case < 26 when dossier.Contents.Count > 1:
                    return (dossier, dossier.Contents[^2], false);
                case < 31:
                    return (dossier, dossier.Contents[^1], true);
                case < 35:
                    return (dossier, dossier.Contents[^1], false);
                case < 62:
                    return (Add(HarnessFolder.Steps, $"S-{++_number:0000}", dossier), New(due), false);
                case < 65 when free.Where(r => r.Pipeline == HarnessFolder.Steps).ToList() is { Count: > 0 } steps:
                    return (steps[_dice.Next(steps.Count)], New(Due.Arrives), false);
            }
        }

        // A transaction that locks what a sweep compares would only make both wait; late ones keep to stamped tables.
        if (!loose && services.Count > 0 && what is >= 65 and < 78)
        {
            var service = services[_dice.Next(services.Count)];
            switch (what)
            {
                case < 69 when !service.IsGone:
                    service.IsGone = true;
                    return (service, null, false);
                case < 72 when service.IsGone:
                    return (service, service.Contents[^1], false);
                case < 78:
                    return (service, New(Due.Arrives), false);
            }
        }

        return what is >= 78 and < 84 && !loose
            ? (Add(HarnessFolder.Services, $"D-{++_number:0000}", null), New(Due.Arrives), false)
            : (Add(HarnessFolder.Dossiers, $"HS{(_dice.Next(4) == 0 ? "à" : "")}-{++_number:0000}", null), New(due), false);
    }

    private Content New(Due due) => new($"[v{++_marks}]", due);

    private Rec Add(string pipeline, string key, Rec? group)
    {
        var record = new Rec(pipeline, key, group?.Key, group is null ? 0 : ++group.Steps, ++_number);
        _records.Add(record);
        return record;
    }

    private async Task WriteAsync(DbConnection connection, DbTransaction transaction, Rec record, Content content, DateTime stamp, bool twin, CancellationToken cancellationToken)
    {
        var at = source.Stamp(stamp);
        switch (record.Pipeline)
        {
            case HarnessFolder.Dossiers:
                // The same record and content in the other of its two spellings.
                var (before, form) = (record.Spelled, twin && record.Spelled.IsNormalized() ? System.Text.NormalizationForm.FormD : System.Text.NormalizationForm.FormC);
                record.Spelled = record.Key.Normalize(form);
                await SourceAtRisk.RunAsync(
                    connection, transaction,
                    """
                    DELETE FROM dossier WHERE dossier_no = @before;
                    INSERT INTO dossier (dossier_no, owner, summary, note, updated_at) VALUES (@key, @owner, @summary, @note, @at)
                    """,
                    [
                        ("@before", before), ("@key", record.Spelled), ("@owner", content.Due == Due.RefusedHere ? null : "Đặng Thị Mẫu".Normalize(form)),
                        ("@summary", $"{content.Mark} Cấp giấy phép mẫu".Normalize(form)), ("@note", content.Due == Due.RefusedThere ? LongNote : ""), ("@at", at),
                    ],
                    cancellationToken);
                break;
            case HarnessFolder.Steps:
                await SourceAtRisk.RunAsync(
                    connection, transaction,
                    """
                    INSERT INTO step (step_id, dossier_no, step_no, handler, at, content, updated_at) VALUES (@key, @dossier, @no, @handler, @moment, @content, @at)
                    ON CONFLICT (step_id) DO UPDATE SET handler = excluded.handler, content = excluded.content, at = excluded.at, updated_at = excluded.updated_at
                    """,
                    [
                        ("@key", record.Key), ("@dossier", record.Group), ("@no", record.Order), ("@handler", content.Due == Due.RefusedThere ? LongHandler : "Lê Văn Mẫu"),
                        ("@moment", content.Due == Due.RefusedHere ? $"{content.Mark} sáng nay" : FirstStep.AddSeconds(record.Number).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)),
                        ("@content", $"{content.Mark} Chuyển bước"), ("@at", at),
                    ],
                    cancellationToken);
                break;
            default:
                await SourceAtRisk.RunAsync(
                    connection, transaction, "INSERT INTO service (service_code, name) VALUES (@key, @name) ON CONFLICT (service_code) DO UPDATE SET name = excluded.name",
                    [("@key", record.Key), ("@name", $"{content.Mark} Dịch vụ mẫu")], cancellationToken);
                break;
        }
    }

    private static string Shown(List<Said> said) => string.Join(", ", said.Select(s => $"{s.Pipeline} {s.Key} {(s.Due == Due.Gone ? "gone" : s.Mark)}{(s.Due is Due.RefusedHere or Due.RefusedThere ? $" {s.Due}" : "")}"));

    private sealed record Content(string Mark, Due Due);

    private sealed class Rec(string pipeline, string key, string? group, long order, int number)
    {
        public string Pipeline => pipeline;

        public string Key { get; } = key;

        public string? Group => group;

        public long Order => order;

        public int Number => number;

        /// <summary>As it stands in the source, composed or decomposed.</summary>
        public string Spelled { get; set; } = key;

        public List<Content> Contents { get; } = [];

        public bool IsGone { get; set; }

        public bool IsBusy { get; set; }

        public int Steps { get; set; }
    }

    private sealed class Late(DbConnection connection, DbTransaction transaction)
    {
        public DbConnection Connection => connection;

        public DbTransaction Transaction => transaction;

        public List<Said> Said { get; } = [];

        public int Left { get; set; }
    }
}
