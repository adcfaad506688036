using Integration.Records;

namespace Integration.Commands;

/// <summary>All faults of the definitions and the configuration, each with its place.</summary>
internal static class FaultReport
{
    /// <returns>The exit code of wrong configuration.</returns>
    public static int Write(Screen screen, IReadOnlyCollection<Fault> faults)
    {
        var inOrder = faults.OrderBy(f => f.At.File, StringComparer.Ordinal).ThenBy(f => f.At.Line).ThenBy(f => f.At.Column).ToArray();
        if (screen.IsJson)
        {
            screen.Write(new { faults = inOrder.Select(f => new { file = f.At.File, line = f.At.Line, column = f.At.Column, what = f.What }), exit = Exit.WrongUse });
            return Exit.WrongUse;
        }

        foreach (var fault in inOrder)
        {
            // The text of a setting begins with the setting's name already.
            var what = screen.Say(fault.What);
            screen.Complain(fault.At.Line == 0 && what.Contains(fault.At.File, StringComparison.Ordinal) ? what : $"{fault.At}: {what}");
        }

        screen.Complain(screen.Say($"{faults.Count} lỗi; chưa có gì được khởi động.", $"{faults.Count} faults; nothing was started."));
        return Exit.WrongUse;
    }
}
