using System.Text;

namespace Demo.Province;

/// <summary>Spoils one record in fifty, in turn by every kind, and writes down where.</summary>
internal sealed class Planter(Dice dice, DirtReport report, string unmappedProcedure, int dossiers)
{
    /// <summary>One record in so many is dirty: 2 %.</summary>
    public const int OneIn = 50;

    private static readonly DirtKind[] _dossierKinds =
    [
        DirtKind.UnmappedProcedure, DirtKind.UnknownStatus, DirtKind.MissingField, DirtKind.TooLong, DirtKind.ControlCharacter, DirtKind.FeeInWords,
        DirtKind.Decomposed,
    ];

    private static readonly DirtKind[] _stepKinds =
        [DirtKind.UnknownStatus, DirtKind.MissingField, DirtKind.TooLong, DirtKind.ControlCharacter, DirtKind.Decomposed];

    private static readonly string[] _controls = ["\u0001", "\u0007", "\u000b", "\u001f"];
    private static readonly Fee _feeInWords = new("Lệ phí", "LP.KHAC", "tiep-nhan", "năm mươi nghìn đồng", "le-phi");

    // Those of H60 may be given a successor by the mappings' own lookup.
    private static readonly Agency[] _formerDistricts = [.. Agencies.All.Where(a => a.Level == 2 && a.Parent == "H22")];

    private readonly Turn _dossierTurn = new(dice);
    private readonly Turn _stepTurn = new(dice);
    private int _spoiltDossiers;
    private int _usualDossiers;
    private int _spoiltSteps;

    public Dossier Plant(Dossier dossier)
    {
        var steps = Plant(dossier.Steps);
        dossier = ReferenceEquals(steps, dossier.Steps) ? dossier : dossier with { Steps = steps };
        if (!_dossierTurn.IsMine())
        {
            return dossier;
        }

        var kind = NextDossierKind();
        report.Add(PipelineNames.Dossiers, dossier.No, kind);
        return kind switch
        {
            _ when kind == DirtKind.UnmappedProcedure => dossier with { Procedure = unmappedProcedure },
            _ when kind == DirtKind.UnknownStatus => dossier with { Status = "cho-phan-cong" },
            _ when kind == DirtKind.MissingField => dossier with { Received = null },
            _ when kind == DirtKind.TooLong => dossier with { Note = LongText.Of(2001 + dice.Next(2000)) },
            _ when kind == DirtKind.ControlCharacter => dossier with { Summary = dossier.Summary.Insert(dossier.Summary.Length / 2, dice.Pick(_controls)) },
            _ when kind == DirtKind.FeeInWords => dossier with { Fees = [.. dossier.Fees.Skip(1), _feeInWords] },
            _ when kind == DirtKind.FormerDistrict => dossier with { Agency = dice.Pick(_formerDistricts).Code },
            _ => Decompose(dossier),
        };
    }

    /// <summary>A district can only be too old after the merger, in the second half of the dossiers: one in four there, so an eighth of all.</summary>
    private DirtKind NextDossierKind()
    {
        var slot = _spoiltDossiers++;
        var half = dossiers / OneIn / 2;
        return slot >= half && slot % 4 == 0 ? DirtKind.FormerDistrict : _dossierKinds[_usualDossiers++ % _dossierKinds.Length];
    }

    private IReadOnlyList<Step> Plant(IReadOnlyList<Step> steps)
    {
        Step[]? spoilt = null;
        for (var i = 0; i < steps.Count; i++)
        {
            if (_stepTurn.IsMine())
            {
                spoilt ??= [.. steps];
                var kind = _stepKinds[_spoiltSteps++ % _stepKinds.Length];
                report.Add(PipelineNames.Progress, steps[i].Id, kind);
                spoilt[i] = Spoil(steps[i], kind);
            }
        }

        return spoilt ?? steps;
    }

    private Step Spoil(Step step, DirtKind kind) => kind switch
    {
        _ when kind == DirtKind.UnknownStatus => step with { Status = "cho-ky-so" },
        _ when kind == DirtKind.MissingField => step with { Content = null },
        _ when kind == DirtKind.TooLong => step with { Handler = LongText.Of(51 + dice.Next(40)) },
        _ when kind == DirtKind.ControlCharacter => step with { Content = step.Content + dice.Pick(_controls) + "(hết)" },
        _ => step with { Handler = Nfd(step.Handler), Content = Nfd(step.Content + " đúng quy định") },
    };

    /// <summary>The note is near the limit: only a length taken after NFC lets it through.</summary>
    private static Dossier Decompose(Dossier dossier) => dossier with
    {
        OwnerName = Nfd(dossier.OwnerName),
        Summary = Nfd(dossier.Summary),
        Note = Nfd(LongText.Of(1990)),
    };

    public static string Nfd(string text) => text.Normalize(NormalizationForm.FormD);

    /// <summary>One place by chance in every block of fifty.</summary>
    private sealed class Turn(Dice dice)
    {
        private int _seen;
        private int _chosen;

        public bool IsMine()
        {
            var place = _seen++ % OneIn;
            if (place == 0)
            {
                _chosen = dice.Next(OneIn);
            }

            return place == _chosen;
        }
    }
}
