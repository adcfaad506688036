using System.Text;
using Integration.Records;

namespace Integration.Extract.Csv;

/// <summary>
/// Takes CSV files that another system drops into a folder, one a reading, oldest first. A file is read through once before any row of it is
/// handed out: it is refused as a whole, or every one of its rows is a record or a named fault.
/// </summary>
internal sealed class CsvSource : ISource
{
    private readonly CsvSourceOptions _options;
    private readonly Inbox _inbox;
    private readonly Encoding _encoding;

    static CsvSource() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <exception cref="SourceBrokenException">A setting cannot be used.</exception>
    public CsvSource(CsvSourceOptions options, SourceContext context)
    {
        (_options, _inbox) = (options, new Inbox(options, context));
        try
        {
            _encoding = StrictText.Strict(options.Encoding);
        }
        catch (ArgumentException e)
        {
            throw new SourceBrokenException(new Text($"Không có bảng mã '{options.Encoding}'.", $"There is no encoding '{options.Encoding}'."), e);
        }
    }

    public async Task<IReading> BeginAsync(ReadingRequest request, CancellationToken cancellationToken)
    {
        var notes = new List<Text>();
        foreach (var whole in _inbox.WholeFiles(notes))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var file = Open(whole);
            try
            {
                file?.Verify(_inbox.HasMarkers, cancellationToken);
                if (file is not null && !await request.IsTaken(file.Sha256, cancellationToken))
                {
                    return new CsvReading(_options, _inbox, file, notes, request.PageRows);
                }

                if (file is not null)
                {
                    notes.Add(PutDuplicateAside(file.Name));
                }
            }
            catch (RefusedFileException e)
            {
                file?.Dispose();
                throw SetAside(whole.Name, e.Why);
            }
            catch (IOException e)
            {
                file?.Dispose();
                throw _inbox.Unreachable(e);
            }
            catch
            {
                file?.Dispose();
                throw;
            }

            file?.Dispose();
        }

        return new CsvReading(_options, _inbox, null, notes, request.PageRows);
    }

    public Task<RowPage?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult<RowPage?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <returns>Null when it is gone meanwhile.</returns>
    private OpenFile? Open(FileInfo file)
    {
        // Also true of pipes and devices, which must never be opened: opening one may never end.
        if (file.Length == 0)
        {
            throw SetAside(file.Name, RefusedFileException.NoHeader().Why);
        }

        try
        {
            return new OpenFile(file, _options, _encoding);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw _inbox.Unreachable(e);
        }
    }

    // One that cannot be moved is only a nuisance: the files after it are still to be read.
    private Text PutDuplicateAside(string name)
    {
        try
        {
            _inbox.Move(name, "duplicate");
            return new Text($"Tệp trùng {name}: nội dung này đã được nhận trước đây; đã chuyển vào duplicate/.",
                $"Duplicate file {name}: these bytes were taken before; it was moved to duplicate/.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Text($"Tệp trùng {name}: nội dung này đã được nhận trước đây, nhưng chưa chuyển được vào duplicate/; kiểm tra quyền ghi và chỗ trống.",
                $"Duplicate file {name}: these bytes were taken before, but it cannot be moved to duplicate/; check the right to write and the free space.");
        }
    }

    private SourceBrokenException SetAside(string name, Text why)
    {
        try
        {
            _inbox.Refuse(name, why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new SourceBrokenException(new Text(
                $"Từ chối tệp {name}: {why.Vi} Không chuyển được tệp vào refused/; kiểm tra quyền ghi.",
                $"File {name} is refused: {why.En} It cannot be moved to refused/; check the right to write."), e);
        }

        return new SourceBrokenException(new Text(
            $"Từ chối tệp {name}: {why.Vi} Đã chuyển vào refused/; không có dòng nào được nhận.",
            $"File {name} is refused: {why.En} It was moved to refused/; none of its rows was taken."))
        {
            IsSetAside = true,
        };
    }
}
