using System.Globalization;
using Integration.Benchmarks;
using Integration.Benchmarks.Floors;
using Integration.Benchmarks.Pieces;

// One program plays every part, so that each part is a process whose CPU and memory can be told apart.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
return args switch
{
    ["receiver", var latency] => await Receiver.RunAsync(int.Parse(latency, CultureInfo.InvariantCulture)),
    ["floor", "raw", var source, var receiver] => await RawFloor.RunAsync(source, new Uri(receiver)),
    ["floor", "reader", var source, var receiver] => await ReaderFloor.RunAsync(source, new Uri(receiver)),
    ["floor", "read", var source, _] => await ReadFloor.RunAsync(source),
    ["floor", "typical", var source, var receiver, var most] => await TypicalFloor.RunAsync(source, new Uri(receiver), int.Parse(most, CultureInfo.InvariantCulture)),
    ["pieces", .. var options] => Piecewise.Run(options),
    ["later", .. var options] => await Later.RunAsync(options),
    _ => await Comparison.RunAsync(args),
};
