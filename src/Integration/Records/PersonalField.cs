namespace Integration.Records;

/// <summary>Tells which fields of a payload hold personal data, by the names a pipeline lists under <c>personal</c>.</summary>
internal static class PersonalField
{
    /// <summary>True when the field, or anything it lies in, is listed: by its name at any depth, or by its path without indexes.</summary>
    /// <param name="path">Path with or without indexes (<c>DanhSachLePhi[].Gia</c>, <c>ThongTinNguoiNop.Email</c>).</param>
    public static bool IsListed(IReadOnlySet<string> personal, string path)
    {
        if (personal.Count == 0)
        {
            return false;
        }

        var plain = "";
        foreach (var part in path.Split('.'))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? part : part[..bracket];
            plain = plain.Length == 0 ? name : $"{plain}.{name}";
            if (personal.Contains(name) || personal.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }
}
