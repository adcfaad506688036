using Demo;
using Demo.Province;
using Demo.Screen;
using Spectre.Console;

return await DemoOptions.Command((options, cancellationToken) =>
{
    if (options.Fresh && Directory.Exists(options.Folder))
    {
        SampleProvince.Clear(options.Folder);
        WorkerSettings.ForgetLedger(options);
    }

    var province = SampleProvince.ExistsIn(options.Folder) ? SampleProvince.Open(options.Folder) : SampleProvince.Create(options.Folder, options.Dossiers);
    new ProvinceScreen(AnsiConsole.Console, options.Language).Show(province, Expectations.Read(province));
    return Task.FromResult(0);
}).Parse(args).InvokeAsync();
