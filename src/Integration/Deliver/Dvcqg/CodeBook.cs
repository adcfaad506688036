namespace Integration.Deliver.Dvcqg;

/// <summary>What the portal's codes mean in one pipeline. A code that stands nowhere is a refusal, never a success.</summary>
internal sealed class CodeBook
{
    private readonly Dictionary<string, CodeMeaning> _meanings = new(StringComparer.Ordinal) { ["0"] = CodeMeaning.Accepted, ["-3"] = CodeMeaning.AlreadyThere };

    public CodeBook(IEnumerable<KeyValuePair<string, CodeMeaning>> codes)
    {
        foreach (var (code, meaning) in codes)
        {
            _meanings[ReplyCode.Normalise(code) ?? code] = meaning;
        }
    }

    public bool Knows(string code) => _meanings.ContainsKey(code);

    public CodeMeaning Of(string code) => _meanings.GetValueOrDefault(code, CodeMeaning.Refused);
}
