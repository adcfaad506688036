using System.Globalization;

namespace Demo.Province;

/// <summary>Makes clean dossiers, one after the other, in the order in which they were received.</summary>
internal sealed class DossierMaker
{
    public static readonly DateOnly FirstDay = new(2024, 7, 1);
    public const int Days = 730;

    /// <summary>The moment the sample was taken; nothing in it is younger.</summary>
    public static readonly DateTime Taken = FirstDay.AddDays(Days).ToDateTime(TimeOnly.MinValue);

    private static readonly string[] _open = ["moi", "tiep-nhan", "dang-xu-ly", "dang-xu-ly", "dang-xu-ly", "bo-sung", "nghia-vu-tai-chinh"];
    private static readonly string[] _notes = ["Hồ sơ hợp lệ.", "Đã kiểm tra bản gốc.", "Người nộp hẹn bổ sung bản sao.", "Đề nghị trả kết quả qua bưu chính.", "Liên hệ trước khi trả kết quả."];
    private static readonly string[] _ownerKinds = ["doanh-nghiep", "doanh-nghiep", "to-chuc", "co-quan"];
    private static readonly string[] _papers = ["Đơn đề nghị", "Tờ khai theo mẫu", "Bản sao giấy tờ tùy thân", "Giấy ủy quyền", "Bản vẽ kèm theo"];

    private readonly Dice _dice;
    private readonly int _count;
    private readonly Service[] _atCommune;
    private readonly Service[] _atDepartment;
    private readonly Dictionary<string, Agency> _departments;
    private readonly Agency[] _communesBefore;
    private readonly Agency[] _communesAfter;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private DateOnly _day;
    private int _made;

    public DossierMaker(Dice dice, IReadOnlyList<Service> services, int count)
    {
        (_dice, _count) = (dice, count);
        var usable = services.Where(s => s.National is not null).ToArray();
        _atCommune = [.. usable.Where(s => s.AtCommune)];
        _atDepartment = [.. usable.Where(s => !s.AtCommune)];
        _departments = Agencies.All.Where(a => a.Level == 1).ToDictionary(a => a.Code, StringComparer.Ordinal);
        _communesBefore = [.. Agencies.All.Where(a => a.Level == 3 && a.Until is not null)];
        _communesAfter = [.. Agencies.All.Where(a => a.Level == 3 && a.Until is null)];
    }

    public Dossier Next()
    {
        var index = _made++;
        var day = FirstDay.AddDays((int)((long)index * Days / _count));
        var service = _dice.PickFront(_dice.Percent(55) ? _atCommune : _atDepartment);
        var agency = PickAgency(service, day);
        var no = Number(agency, day);
        var online = service.Online && _dice.Percent(60);
        var received = day.ToDateTime(new TimeOnly(7, 30)).AddSeconds(_dice.Next(9 * 3600));
        var submitted = online ? received.AddMinutes(-_dice.Next(1200)) : received;
        var due = received.AddDays(1 + (service.Days * 7 / 5));
        var trail = Trail.Walk(_dice, ChooseStatus(received, service), no, received, due, service.Days);
        var fees = MakeFees(service);
        var citizen = _dice.Percent(85);
        var oldId = _dice.Percent(5);
        // What was moved over at the merger carries one stamp.
        var moved = index < _count / 20 && trail.Last < Agencies.Merger.ToDateTime(new TimeOnly(2, 0));

        return new Dossier
        {
            No = no,
            Procedure = service.Procedure,
            Agency = agency.Code,
            Channel = online ? "truc-tuyen" : _dice.Percent(10) ? "bcci" : "truc-tiep",
            OwnerKind = citizen ? "cong-dan" : _dice.Pick(_ownerKinds),
            OwnerName = citizen ? People.Name(_dice) : People.Company(_dice),
            OwnerId = oldId ? People.OldId(_dice) : People.CitizenId(_dice),
            OwnerIdKind = oldId ? "cmnd" : "cccd",
            Phone = People.Phone(_dice),
            Email = _dice.Percent(40) ? People.Email(index) : null,
            Summary = $"{service.Name} theo đơn đề nghị",
            Note = index % 1000 == 1 ? LongText.Of(2000) : _dice.Percent(50) ? _dice.Pick(_notes) : null,
            Status = trail.Status,
            Submitted = submitted,
            Received = received,
            Due = due,
            Finished = trail.Finished,
            Returned = trail.Returned,
            Refused = trail.Refused,
            ReturnMethod = _dice.Percent(25) ? "buu-chinh" : "truc-tiep",
            SubmittedTo = online && _dice.Percent(50) ? "cong-quoc-gia" : "tinh",
            HasDigitized = _dice.Percent(70),
            VneidVerified = online,
            PaidOnline = fees.Count > 0 && online ? _dice.Percent(50) ? "quoc-gia" : "tinh" : "khong",
            Updated = moved ? Agencies.Merger.ToDateTime(new TimeOnly(2, 0)) : trail.Last.AddMicroseconds(_dice.Next(1_000_000)),
            Fees = fees,
            Attachments = MakeAttachments(no, service.Field),
            Results = trail.Finished is null ? [] : [MakeResult(no, service)],
            Steps = moved ? [.. trail.Steps.Select(s => s with { Updated = Agencies.Merger.ToDateTime(new TimeOnly(2, 0)) })] : trail.Steps,
        };
    }

    /// <summary>After the merger one counter in ten still writes its old code; the lookup knows its successor.</summary>
    private Agency PickAgency(Service service, DateOnly day)
    {
        var before = day < Agencies.Merger;
        if (service.AtCommune)
        {
            return _dice.Pick(before || _dice.Percent(10) ? _communesBefore : _communesAfter);
        }

        var code = service.Field.Department;
        return _departments[_dice.Percent(before ? 40 : 4) ? "H22" + code[3..] : code];
    }

    private string Number(Agency agency, DateOnly day)
    {
        if (day != _day)
        {
            _numbers.Clear();
            _day = day;
        }

        var number = _numbers[agency.Code] = _numbers.GetValueOrDefault(agency.Code) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{agency.Code}-{day:yyMMdd}-{number:0000}");
    }

    private string ChooseStatus(DateTime received, Service service)
    {
        if (received.AddDays((service.Days * 3) + 2) >= Taken)
        {
            return _dice.Pick(_open);
        }

        return _dice.Next(100) switch
        {
            < 82 => "da-tra",
            < 88 => "xong",
            < 92 => "khong-tiep-nhan",
            < 95 => "rut",
            < 97 => "dung",
            _ => "bo-sung",
        };
    }

    private List<Fee> MakeFees(Service service)
    {
        if (service.Fee == 0)
        {
            return [];
        }

        var fees = new List<Fee> { new($"Lệ phí {service.Field.Name}", $"LP.{service.Field.Code}", "tiep-nhan", service.Fee, "le-phi") };
        if (_dice.Percent(30))
        {
            fees.Add(new Fee("Phí thẩm định hồ sơ", $"P.{service.Field.Code}", "tra-ket-qua", service.Fee * 2, "phi"));
        }

        return fees;
    }

    private Result MakeResult(string no, Service service) => new(
        string.Create(CultureInfo.InvariantCulture, $"{_dice.Pick(service.Field.Papers)} số {_dice.Next(10_000):0000}"),
        $"TP.{service.Field.Code}", $"GT-{no}", $"https://motcua.mau.example/ket-qua/{no}.pdf", $"KQ.{service.National}");

    private Attachment[] MakeAttachments(string no, Field field)
    {
        var files = new Attachment[_dice.Between(1, 3)];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = new(
                $"{no}.F{i + 1}", $"{_papers[i]}.pdf", $"TP.{field.Code}.{i + 1}", $"https://motcua.mau.example/tep/{no}/{i + 1}.pdf",
                _dice.Percent(70), _dice.Percent(15) ? "1" : "0", _dice.Percent(10));
        }

        return files;
    }
}
