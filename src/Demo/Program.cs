using Demo;

Console.OutputEncoding = System.Text.Encoding.UTF8;
return await DemoOptions.Command(Play.RunAsync).Parse(args).InvokeAsync();
