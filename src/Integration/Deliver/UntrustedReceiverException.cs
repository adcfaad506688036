using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Integration.Records;

namespace Integration.Deliver;

/// <summary>The receiver's certificate is not believed; nothing was sent.</summary>
internal sealed class UntrustedReceiverException(string message, Text what) : AuthenticationException(message)
{
    public Text What { get; } = what;

    /// <summary>Host, what is wrong with its certificate, and how long it is valid.</summary>
    public static Text Explain(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var found = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status) ?? X509ChainStatusFlags.NoError;
        List<Text> faults = [];
        if (certificate is null)
        {
            faults.Add(new("không có chứng thư", "it has none"));
        }

        if (found.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            faults.Add(new("đã hết hạn hoặc chưa đến hạn", "it is out of its time"));
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            faults.Add(new("cấp cho tên máy khác", "it was issued to another host"));
        }

        if (found.HasFlag(X509ChainStatusFlags.Revoked))
        {
            faults.Add(new("đã bị thu hồi", "it was revoked"));
        }

        if ((found & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 || faults.Count == 0)
        {
            faults.Add(new("không do đơn vị được tin cậy cấp", "its issuer is not trusted"));
        }

        var valid = certificate is null ? "–" : $"{certificate.NotBefore:dd/MM/yyyy} – {certificate.NotAfter:dd/MM/yyyy}";
        return new(
            $"Không tin được chứng thư của {host}: {string.Join(", ", faults.Select(f => f.Vi))} (hiệu lực {valid})",
            $"The certificate of {host} is not believed: {string.Join(", ", faults.Select(f => f.En))} (valid {valid})");
    }
}
