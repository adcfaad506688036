using System.Collections.Frozen;

namespace PortalSimulator.Faults;

/// <summary>The ways to misbehave. "After" ones apply the records first; all can be turned round with <c>when</c> but the two that commit.</summary>
internal static class FaultModes
{
    public const string Answer500 = "answer-500";
    public const string Answer502 = "answer-502";
    public const string Answer429 = "answer-429";
    public const string Empty200 = "empty-200";

    /// <summary>A login page, as a captive portal or a proxy gives.</summary>
    public const string Html200 = "html-200";

    /// <summary>After. Half of the answer without a length, then a clean close: to a careless client it looks whole.</summary>
    public const string CutBody = "cut-body";

    /// <summary>After. Half of the answer under the Content-Length of the whole.</summary>
    public const string CutBodyLength = "cut-body-length";

    /// <summary>The connection is reset and nothing was applied.</summary>
    public const string Drop = "drop";

    /// <summary>After. The connection is reset and everything was applied.</summary>
    public const string CommitThenDrop = "commit-then-drop";

    /// <summary>After.</summary>
    public const string CommitThen500 = "commit-then-500";

    /// <summary>Waits <c>delayMs</c>, then goes on; applies even when the sender has left meanwhile. May come together with any other.</summary>
    public const string Slow = "slow";

    /// <summary>All sessions are forgotten and the call answers so.</summary>
    public const string SessionLost = "session-lost";

    /// <summary>503 with Retry-After.</summary>
    public const string Maintenance = "maintenance";

    /// <summary>200 with a maintenance message.</summary>
    public const string Maintenance200 = "maintenance-200";

    public const string Redirect302 = "redirect-302";

    /// <summary>200 with <c>code</c> and <c>message</c>.</summary>
    public const string RefuseAll = "refuse-all";

    /// <summary>Ten megabytes of blanks.</summary>
    public const string Huge200 = "huge-200";

    /// <summary>After; like the three below only where records are answered one by one. The last record's result comes first.</summary>
    public const string ResultsReversed = "results-reversed";

    /// <summary>After. The last record has no result.</summary>
    public const string ResultsMissing = "results-missing";

    /// <summary>After. The last result stands twice.</summary>
    public const string ResultsTwice = "results-twice";

    /// <summary>After. There is a result of a record nobody sent.</summary>
    public const string ResultsExtra = "results-extra";

    /// <summary>After. Every record has its own result, and beside them stands a word about the session: the call must not be repeated for it.</summary>
    public const string ResultsAndSessionWord = "results-and-session-word";

    /// <summary>After. A look-up shows the record's key and a few fields that hardly ever change.</summary>
    public const string ShowsPart = "shows-part";

    /// <summary>After. 200 with code 0 and a result that is no record: of a look-up it says neither that there is one nor that there is none.</summary>
    public const string Nonsense200 = "nonsense-200";

    public static readonly FrozenSet<string> All = FrozenSet.Create(
        StringComparer.Ordinal,
        Answer500, Answer502, Answer429, Empty200, Html200, CutBody, CutBodyLength, Drop, CommitThenDrop, CommitThen500, Slow, SessionLost,
        Maintenance, Maintenance200, Redirect302, RefuseAll, Huge200, ResultsReversed, ResultsMissing, ResultsTwice, ResultsExtra,
        ResultsAndSessionWord, ShowsPart, Nonsense200);

    public static bool IsAfter(string mode) =>
        mode is CutBody or CutBodyLength or CommitThenDrop or CommitThen500 or ResultsReversed or ResultsMissing or ResultsTwice or ResultsExtra
            or ResultsAndSessionWord or ShowsPart or Nonsense200;
}
