using System.Text;

namespace Integration.Ledger.Sql;

/// <summary>The condition for failures: refused versions, and unknown ones that only a person can decide.</summary>
internal sealed class Failing
{
    /// <summary>Needs the tables <c>version v</c> and <c>pipeline p</c>.</summary>
    public string Condition { get; }

    /// <summary>The same for one <c>rejection j</c> of the version.</summary>
    public string RejectionCondition { get; }

    private readonly List<(string Name, object? Value)> _parameters = [];

    public Failing(FailureFilter filter)
    {
        var (version, rejection) = (new StringBuilder("(v.state = 5 OR v.needs_person)"), new StringBuilder("j.standing"));
        Require(version, filter.Pipeline, "p.name = @pipeline", "pipeline", filter.Pipeline);
        Require(version, filter.Key, "v.key_hash = @key", "key", filter.Key is { } key ? Stored.Hash(Stored.Key(key)) : null);
        Require(rejection, filter.Rule, "j.rule = @rule", "rule", filter.Rule);
        Require(rejection, filter.TargetField, "j.target_field = @field", "field", filter.TargetField);
        if (filter.Rule is not null || filter.TargetField is not null)
        {
            version.Append(" AND EXISTS (SELECT 1 FROM rejection j WHERE j.version_id = v.id AND ").Append(rejection).Append(')');
        }

        (Condition, RejectionCondition) = (version.ToString(), rejection.ToString());
    }

    public (string Name, object? Value)[] With(params (string Name, object? Value)[] more) => [.. _parameters, .. more];

    private void Require(StringBuilder where, string? given, string condition, string name, object? value)
    {
        if (given is not null)
        {
            where.Append(" AND ").Append(condition);
            _parameters.Add((name, value));
        }
    }
}
