namespace PortalSimulator.Rules;

/// <summary>What is wrong with a record: shown in the request log, never to the sender, and never with the value.</summary>
/// <param name="RefusesTheCall">Nothing of the call is applied, even where records are answered one by one.</param>
internal sealed record Finding(string Rule, string Field, bool RefusesTheCall = false)
{
    public override string ToString() => $"{Field}: {Rule}";
}
