using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Integration.Records;

namespace Integration.Deliver;

/// <summary>Sends a request once and reads its answer up to a limit.</summary>
internal sealed class HttpExchange(HttpClient client, HttpConnection connection)
{
    /// <summary>Posts JSON made of two pieces, one after the other.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the body was begun.</exception>
    public async Task<HttpReply> PostAsync(Uri uri, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        using var body = new OnceBody(head, tail);
        using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = body, Version = HttpVersion.Version11 };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (name, value) in connection.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        Failpoint.Reach("P07 nothing sent");
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await ReadAsync(response, cancellationToken);
        }
        catch (OperationCanceledException) when (body.Begun)
        {
            return new HttpReply(HttpEnd.TimedOut);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HttpReply(HttpEnd.NotReached) { Detail = "connect timeout" };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new HttpReply(body.Begun ? HttpEnd.Broken : HttpEnd.NotReached) { Detail = Describe(e) };
        }
    }

    private async Task<HttpReply> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var reply = new HttpReply(HttpEnd.Answered)
        {
            Status = (int)response.StatusCode,
            Charset = response.Content.Headers.ContentType?.CharSet?.Trim('"'),
            RetryAfter = response.Headers.NonValidated.TryGetValues("Retry-After", out var waits) ? waits.ToString() : null,
        };
        Failpoint.Reach("P10 headers in, body not");
        try
        {
            var body = await ReadBodyAsync(response.Content, cancellationToken);
            return body is null ? reply with { End = HttpEnd.TooLarge } : reply with { Body = body };
        }
        catch (OperationCanceledException)
        {
            return reply with { End = HttpEnd.TimedOut };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            return reply with { End = HttpEnd.Broken, Detail = Describe(e) };
        }
    }

    // The limit counts decompressed bytes: Content-Length says nothing about a bomb.
    private async Task<byte[]?> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var whole = new MemoryStream();
        var piece = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(piece, cancellationToken)) > 0)
        {
            if (whole.Length + read > connection.LargestReply)
            {
                return null;
            }

            whole.Write(piece, 0, read);
        }

        return whole.ToArray();
    }

    private static string Describe(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case AuthenticationException:
                    return $"TLS: {ReplyText.Clean(e.Message, 200)}";
                case SocketException socket:
                    return socket.SocketErrorCode.ToString();
            }
        }

        return exception is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http ? http.HttpRequestError.ToString() : exception.GetType().Name;
    }

    /// <summary>A body that knows whether it was begun, and refuses to be sent a second time.</summary>
    private sealed class OnceBody : HttpContent
    {
        private readonly ReadOnlyMemory<byte> _head;
        private readonly ReadOnlyMemory<byte> _tail;
        private volatile bool _begun;

        public OnceBody(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail)
        {
            _head = head;
            _tail = tail;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool Begun => _begun;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (_begun)
            {
                throw new InvalidOperationException("A body that changes something was about to be sent twice.");
            }

            _begun = true;
            await stream.WriteAsync(_head, cancellationToken);
            Failpoint.Reach("P08 half body sent", stream);
            await stream.WriteAsync(_tail, cancellationToken);
            Failpoint.Reach("P09 body sent", stream);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _head.Length + _tail.Length;
            return true;
        }
    }
}
