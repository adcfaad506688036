using System.Net.Http.Headers;
using System.Text.Json;

namespace Integration.Benchmarks.Floors;

/// <summary>Posts batches, two in flight, and counts what the receiver said about each record. Stores nothing.</summary>
internal sealed class Poster(Uri receiver) : IDisposable
{
    public const int Batch = 1000;

    private readonly HttpClient _client = new(new SocketsHttpHandler()) { BaseAddress = receiver };
    private readonly SemaphoreSlim _slots = new(2);
    private readonly List<Task> _calls = [];
    private long _accepted;

    public long Accepted => Interlocked.Read(ref _accepted);

    public async Task PostAsync(BatchWriter batch)
    {
        await _slots.WaitAsync();
        _calls.RemoveAll(static c => c.IsCompletedSuccessfully);
        _calls.Add(SendAsync(batch));
    }

    public Task EndAsync() => Task.WhenAll(_calls);

    public void Dispose()
    {
        _client.Dispose();
        _slots.Dispose();
    }

    private async Task SendAsync(BatchWriter batch)
    {
        try
        {
            using var content = new ReadOnlyMemoryContent(batch.End());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await _client.PostAsync(new Uri("mapi/g", UriKind.Relative), content);
            Interlocked.Add(ref _accepted, Count(await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync()));
            batch.Return();
        }
        finally
        {
            _slots.Release();
        }
    }

    private static int Count(ReadOnlySpan<byte> reply)
    {
        var json = new Utf8JsonReader(reply);
        var accepted = 0;
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.PropertyName && json.CurrentDepth == 3 && json.ValueTextEquals("error_code"u8))
            {
                json.Read();
                accepted += json.ValueTextEquals("0"u8) ? 1 : 0;
            }
        }

        return accepted;
    }
}
