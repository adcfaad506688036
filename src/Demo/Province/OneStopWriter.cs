using Microsoft.Data.Sqlite;

namespace Demo.Province;

/// <summary>Writes records into the tables of <c>OneStop.sql</c>, column by column in the order of that file.</summary>
internal sealed class OneStopWriter(SqliteConnection connection) : IDisposable
{
    private readonly Insert _service = new(connection, "service", 12);
    private readonly Insert _serviceAgency = new(connection, "service_agency", 3);
    private readonly Insert _serviceChannel = new(connection, "service_channel", 3);
    private readonly Insert _serviceFee = new(connection, "service_fee", 6);
    private readonly Insert _agency = new(connection, "agency", 4);
    private readonly Insert _dossier = new(connection, "dossier", 25);
    private readonly Insert _fee = new(connection, "dossier_fee", 7);
    private readonly Insert _attachment = new(connection, "dossier_attachment", 9);
    private readonly Insert _result = new(connection, "dossier_result", 7);
    private readonly Insert _step = new(connection, "progress", 12);

    public static string Schema
    {
        get
        {
            using var stream = typeof(OneStopWriter).Assembly.GetManifestResourceStream("OneStop.sql")!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    public void Write(Agency agency) => _agency.Row(agency.Code, agency.Name, agency.Level, agency.Parent);

    public void Write(Service s, string name, IReadOnlyList<string> agencies)
    {
        _service.Row(
            s.Code, s.Procedure, name, s.ProcedureName, s.Field.Code, s.Field.Name, s.Field.Ministry, s.Level,
            s.Online ? $"https://motcua.mau.example/nop-ho-so/{s.Code}" : null, $"{s.Days:00} ngày làm việc", s.Integrated, s.Updated);
        for (var i = 0; i < agencies.Count; i++)
        {
            _serviceAgency.Row(s.Code, i + 1, agencies[i]);
        }

        _serviceChannel.Row(s.Code, 1, "truc-tiep");
        _serviceChannel.Row(s.Code, 2, "bcci");
        if (s.Online)
        {
            _serviceChannel.Row(s.Code, 3, "truc-tuyen");
        }

        if (s.Fee > 0)
        {
            _serviceFee.Row(s.Code, 1, $"LP.{s.Field.Code}", s.Fee, "đồng", "Lệ phí thu khi tiếp nhận");
        }
    }

    public void Write(Dossier d)
    {
        _dossier.Row(
            d.No, d.Procedure, d.Agency, d.Channel, d.OwnerKind, d.OwnerName, d.OwnerId, d.OwnerIdKind, d.Phone, d.Email, d.Summary, d.Note, d.Status,
            d.Submitted, d.Received, d.Due, d.Finished, d.Returned, d.Refused, d.ReturnMethod, d.SubmittedTo, d.HasDigitized, d.VneidVerified,
            d.PaidOnline, d.Updated);
        for (var i = 0; i < d.Fees.Count; i++)
        {
            var fee = d.Fees[i];
            _fee.Row(d.No, i + 1, fee.Name, fee.Code, fee.Moment, fee.Amount, fee.Kind);
        }

        for (var i = 0; i < d.Attachments.Count; i++)
        {
            var file = d.Attachments[i];
            _attachment.Row(d.No, i + 1, file.FileId, file.Name, file.Component, file.Url, file.Digitized, file.Reused, file.FromStore);
        }

        for (var i = 0; i < d.Results.Count; i++)
        {
            var result = d.Results[i];
            _result.Row(d.No, i + 1, result.Name, result.Component, result.PaperId, result.Url, result.Code);
        }

        foreach (var s in d.Steps)
        {
            _step.Row(s.Id, d.No, s.No, s.Handler, s.Title, s.At, s.Department, s.Content, s.Status, s.Started, s.Due, s.Updated);
        }
    }

    public void Dispose()
    {
        foreach (var insert in (ReadOnlySpan<Insert>)
            [_service, _serviceAgency, _serviceChannel, _serviceFee, _agency, _dossier, _fee, _attachment, _result, _step])
        {
            insert.Dispose();
        }
    }
}
