using Integration.Commands;

System.Console.OutputEncoding = System.Text.Encoding.UTF8;
return await CommandLine.RunAsync(args, Terminal.OfProcess());
