using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace PortalSimulator.Http;

/// <summary>Puts an answer on the wire, broken ones included.</summary>
internal static class AnswerWriter
{
    public static async Task WriteAsync(HttpContext http, Answer answer, CancellationToken stopping)
    {
        switch (answer.Ending)
        {
            case Ending.Reset:
                http.Abort();
                break;
            case Ending.CutWithoutLength:
                await WriteCutAsync(http, $"HTTP/1.0 {answer.Status} OK\r\nContent-Type: {answer.ContentType}\r\n\r\n", answer.Body, stopping);
                break;
            case Ending.CutWithLength:
                var length = answer.Body.Length.ToString(CultureInfo.InvariantCulture);
                await WriteCutAsync(
                    http, $"HTTP/1.1 {answer.Status} OK\r\nContent-Type: {answer.ContentType}\r\nContent-Length: {length}\r\n\r\n", answer.Body, stopping);
                break;
            default:
                await WriteWholeAsync(http.Response, answer, stopping);
                break;
        }
    }

    private static async Task WriteWholeAsync(HttpResponse response, Answer answer, CancellationToken stopping)
    {
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        if (answer.RetryAfter is not null)
        {
            response.Headers.RetryAfter = answer.RetryAfter;
        }

        if (answer.Location is not null)
        {
            response.Headers.Location = answer.Location;
        }

        if (answer.CloseAfter)
        {
            response.Headers.Connection = "close";
        }

        await response.Body.WriteAsync(answer.Body, stopping);
    }

    // The server would never send such a thing, so it is written under it, to the connection itself.
    private static async Task WriteCutAsync(HttpContext http, string head, ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        var output = http.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output;
        output.Write(Encoding.ASCII.GetBytes(head));
        output.Write(body.Span[..(body.Length / 2)]);
        await output.FlushAsync(stopping);

        // Completing sends what is left and closes cleanly; only then may the server give the connection up.
        await output.CompleteAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (http.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed.Register(closed.SetResult))
        {
            await closed.Task.WaitAsync(TimeSpan.FromSeconds(5), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        http.Abort();
    }
}
