using System.Text;
using Newtonsoft.Json;

namespace Integration.Deliver.Dvcqg;

/// <summary>Where a call goes and what it carries, in the envelope's shape or a relay's.</summary>
internal sealed class Requests(DvcqgConnection connection, DvcqgOptions options)
{
    private const string None = "none";

    public (Uri At, Envelope Body) Send(DeliveryBatch batch)
    {
        var data = new ReadOnlyMemory<byte>[batch.Items.Count];
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = batch.Kind == DeliveryKind.Withdraw ? Withdrawal(batch.Items[i]) : batch.Items[i].Payload;
        }

        var service = batch.Kind == DeliveryKind.Withdraw ? options.Withdraw!.Service : options.Service;
        var arguments = Updating(batch.Kind).Concat(options.Arguments);
        if (connection.Shape == DvcqgShape.Envelope)
        {
            return (connection.At(PathOf(options.Path, service)), Envelope.Wrapped(connection.Unit, service, arguments, data));
        }

        var own = batch.Kind switch { DeliveryKind.Create => options.CreatePath, DeliveryKind.Update => options.UpdatePath, _ => null };
        return (Relayed(own?.Replace("{service}", service, StringComparison.Ordinal) ?? PathOf(options.Path, service), arguments), Envelope.Bare(data));
    }

    /// <summary>A relay takes the number in its query, as its other reads show; its body is empty but there, so that nothing repeats it.</summary>
    public (Uri At, Envelope Body) Ask(DvcqgLookUp lookUp, string number)
    {
        KeyValuePair<string, string>[] argument = [new(lookUp.Argument, number)];
        var path = PathOf(lookUp.Path, lookUp.Service);
        return connection.Shape == DvcqgShape.Envelope
            ? (connection.At(path), Envelope.Wrapped(connection.Unit, lookUp.Service, argument, data: null))
            : (Relayed(path, argument), Envelope.Bare([]));
    }

    private Uri Relayed(string path, IEnumerable<KeyValuePair<string, string>> arguments)
    {
        IEnumerable<KeyValuePair<string, string>> unit = connection.UnitParameter == None ? [] : [new(connection.UnitParameter, connection.Unit)];
        var query = string.Join('&', unit.Concat(arguments).Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value)}"));
        return connection.At(query.Length == 0 ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}");
    }

    private string PathOf(DvcqgPath path, string service) =>
        (path == DvcqgPath.Share ? connection.SharePath : connection.DataPath).Replace("{service}", service, StringComparison.Ordinal);

    private IEnumerable<KeyValuePair<string, string>> Updating(DeliveryKind kind) => options.Updating == None || kind == DeliveryKind.Withdraw
        ? []
        : [new(options.Updating, kind == DeliveryKind.Update ? options.UpdateValue : options.CreateValue)];

    private ReadOnlyMemory<byte> Withdrawal(DeliveryItem item) =>
        Encoding.UTF8.GetBytes($"{{{JsonConvert.ToString(options.Withdraw!.Argument)}:{JsonConvert.ToString(item.Key)}}}");
}
