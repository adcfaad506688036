using Integration.Commands;

if (OpenFiles.TooFew() is { } files)
{
    return OpenFiles.Refuse(files);
}

System.Console.OutputEncoding = System.Text.Encoding.UTF8;
return await CommandLine.RunAsync(args, Terminal.OfProcess());
