using System.CommandLine;
using Demo;

Console.OutputEncoding = System.Text.Encoding.UTF8;
// Ctrl+C lets the worker finish what is in flight; the default of two seconds would cut it off.
return await DemoOptions.Command(Play.RunAsync).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(45) });
