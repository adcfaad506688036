namespace Integration.Pipelines.Definitions;

/// <summary>Finds passwords and keys written into a definition. Their place is named, their value never.</summary>
internal sealed class SecretScan(FaultList faults)
{
    public void Look(YamlMap top)
    {
        foreach (var entry in top.Entries)
        {
            Look(entry, inMap: entry.Word == "map");
        }
    }

    // In the map a word is a field of the payload and a value a column, so only values tell.
    private void Look(YamlEntry entry, bool inMap)
    {
        if (!inMap && entry.Value is YamlText { Value.Length: > 0 } && Shown.NamesSecret(entry.Word))
        {
            Refuse(entry.At);
            return;
        }

        Look(entry.Value, inMap);
    }

    private void Look(YamlNode node, bool inMap)
    {
        switch (node)
        {
            case YamlText text when Shown.LooksSecret(text.Value):
                Refuse(text.At);
                break;
            case YamlList list:
                foreach (var item in list.Items)
                {
                    Look(item, inMap);
                }

                break;
            case YamlMap map:
                foreach (var entry in map.Entries)
                {
                    Look(entry, inMap);
                }

                break;
        }
    }

    private void Refuse(Records.Mark at) => faults.Add(at,
        "có vẻ là mật khẩu hoặc khóa bí mật; hãy chuyển vào cấu hình kết nối (biến môi trường hoặc PasswordFile) và đổi khóa đã lộ",
        "this looks like a password or key; move it to the connection's configuration (environment or PasswordFile) and replace what was exposed");
}
