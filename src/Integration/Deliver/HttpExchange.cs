using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Integration.Records;

namespace Integration.Deliver;

/// <summary>Sends a request once and reads its answer up to a limit.</summary>
internal sealed class HttpExchange(HttpClient client, HttpConnection connection)
{
    private const int FirstPiece = 16 * 1024;

    // A length is a claim: memory for more than this is taken when so much has come.
    private const int LargestTrusted = 1 << 20;

    /// <summary>Posts JSON made of two pieces, one after the other.</summary>
    /// <param name="stillHeld">See <see cref="DeliveryBatch.StillHeld"/>.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the body was begun.</exception>
    public async Task<HttpReply> PostAsync(Uri uri, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken, Func<bool>? stillHeld = null)
    {
        using var body = new OnceBody(head, tail, stillHeld);
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
            return await ReadAsync(response, cancellationToken) with { IsWritten = body.IsWritten };
        }
        catch (Exception e) when (body.Withheld && e is HttpRequestException or IOException)
        {
            return new HttpReply(HttpEnd.Withheld);
        }
        catch (OperationCanceledException) when (body.Begun)
        {
            return new HttpReply(HttpEnd.TimedOut);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HttpReply(HttpEnd.NotReached) { Detail = "connect timeout" };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            // The client lets a bare socket error through when a connection is gone in the moment it was made.
            return new HttpReply(body.Begun ? HttpEnd.Broken : HttpEnd.NotReached) { Detail = Describe(e), Distrust = Distrust(e, uri.Host) };
        }
    }

    private static Text? Distrust(Exception exception, string host)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case UntrustedReceiverException untrusted:
                    return untrusted.What;
                case AuthenticationException:
                    return new($"Không lập được kết nối bảo mật với {host} (cần TLS 1.2 hoặc 1.3)", $"No secure connection with {host} (TLS 1.2 or 1.3 is needed)");
            }
        }

        return null;
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
            return body is { } whole ? reply with { Body = whole } : reply with { End = HttpEnd.TooLarge };
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
    private async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        // One byte more than was announced: there the end shows without a larger buffer.
        var announced = content.Headers.ContentLength is { } length and < LargestTrusted ? (int)length + 1 : FirstPiece;
        var whole = GC.AllocateUninitializedArray<byte>(announced);
        var filled = 0;
        int read;
        while ((read = await stream.ReadAsync(whole.AsMemory(filled), cancellationToken)) > 0)
        {
            filled += read;
            if (filled > connection.LargestReply)
            {
                return null;
            }

            if (filled == whole.Length)
            {
                Array.Resize(ref whole, filled * 2);
            }
        }

        return whole.AsMemory(0, filled);
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

    /// <summary>
    /// A body that knows whether it was begun, and refuses to be sent a second time. Its last byte waits for a last look at the sender's hold:
    /// without it no receiver has a whole request, however long the sender stood still on the way there.
    /// </summary>
    private sealed class OnceBody : HttpContent
    {
        private readonly ReadOnlyMemory<byte> _head;
        private readonly ReadOnlyMemory<byte> _tail;
        private readonly Func<bool> _stillHeld;
        private volatile bool _begun;
        private volatile bool _withheld;
        private volatile bool _written;

        public OnceBody(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, Func<bool>? stillHeld)
        {
            _head = head;
            _tail = tail;
            _stillHeld = stillHeld ?? (static () => true);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool Begun => _begun;

        /// <summary>Not begun, because the sender's hold had ended.</summary>
        public bool Withheld => _withheld;

        /// <summary>Every byte was handed over, and the stream is done with them.</summary>
        public bool IsWritten => _written;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (_begun)
            {
                throw new InvalidOperationException("A body that changes something was about to be sent twice.");
            }

            if (!_stillHeld())
            {
                _withheld = true;
                throw new IOException("withheld");
            }

            _begun = true;
            await stream.WriteAsync(_head, cancellationToken);
            Failpoint.Reach("P08 half body sent", stream);
            var last = Math.Min(1, _tail.Length);
            await stream.WriteAsync(_tail[..^last], cancellationToken);
            if (!_stillHeld())
            {
                throw new IOException("withheld");
            }

            await stream.WriteAsync(_tail[^last..], cancellationToken);
            _written = true;
            Failpoint.Reach("P09 body sent", stream);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _head.Length + _tail.Length;
            return true;
        }
    }
}
