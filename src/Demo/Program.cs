var watch = System.Diagnostics.Stopwatch.StartNew();
var p = Demo.Province.SampleProvince.Create("/tmp/prov");
Console.WriteLine(watch.Elapsed);
foreach (var e in Demo.Province.Expectations.Read(p)) { Console.WriteLine(e); foreach (var k in e.Planted) Console.WriteLine("   " + k.Key.Name + " " + k.Value); }
Console.WriteLine(Environment.WorkingSet / 1000000);
