namespace PortalSimulator;

/// <summary>
/// The portal's answer codes. Only <see cref="Exists"/> and success were ever seen by real clients; all others are this simulator's own.
/// A business error is an HTTP 200, as on the real portal; 400, 413 and 415 are kept for bodies that are no request at all.
/// </summary>
internal static class Codes
{
    /// <summary>No request: unparsable, a property twice, a field the envelope does not have.</summary>
    public const string Malformed = "-1";

    public const string Session = "-2";

    /// <summary>A create of a record the portal has.</summary>
    public const string Exists = "-3";

    /// <summary>An update, or a progress row, of a record the portal does not have.</summary>
    public const string NotThere = "-4";

    /// <summary>Some record breaks the rules; which one is not told.</summary>
    public const string Invalid = "-5";

    public const string NoSuchService = "-6";

    public const string Login = "-7";

    public const string TooLarge = "-8";

    public const string Maintenance = "-9";

    public const string Internal = "-99";
}

/// <summary>The services of the portal this simulator stands in for.</summary>
internal static class ServiceNames
{
    public const string Dossiers = "DongBoHoSoMC";

    public const string Progress = "CapNhatTienDoHoSoMC";

    public const string Services = "DongBoDVC";

    public const string FindDossier = "TraCuuHoSo";

    public const string ListProcedures = "LayDanhSachTTHC";

    public const string FindProcedure = "LayThuTuc";

    public const string FindServices = "LayDVC";

    /// <summary>Stands for the login call where a fault or a log line names a service.</summary>
    public const string Login = "login";

    public static bool IsWrite(string service) => service is Dossiers or Progress or Services;

    public static bool IsKnown(string service) => IsWrite(service) || service is FindDossier or ListProcedures or FindProcedure or FindServices or Login;
}
