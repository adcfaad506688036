using Integration.Records;
using Spectre.Console;

namespace Integration.Commands;

/// <summary>All faults of the definitions and the configuration, each with its place.</summary>
internal static class FaultReport
{
    public static void Write(CommandContext context, IReadOnlyList<Fault> faults)
    {
        if (context.IsJson)
        {
            context.Write(new { faults = faults.Select(f => new { file = f.At.File, line = f.At.Line, column = f.At.Column, what = context.Say(f.What) }) });
            return;
        }

        foreach (var fault in faults.OrderBy(f => f.At.File, StringComparer.Ordinal).ThenBy(f => f.At.Line))
        {
            context.Line($"[yellow]{fault.At.ToString()}[/]: {context.Say(fault.What)}");
        }

        context.Line($"[red]{context.Say($"{faults.Count} lỗi; chưa có gì được khởi động.", $"{faults.Count} faults; nothing was started.")}[/]");
    }
}
