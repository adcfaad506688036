namespace Demo.Province;

/// <summary>One service of the province's catalogue.</summary>
/// <param name="Procedure">Code as the province writes it (<c>1.003560.000.00.00.H60</c>).</param>
/// <param name="National">Code on the national portal; null for a procedure that the lookup has no row for.</param>
/// <param name="Level">toan-trinh, mot-phan, 4, 3 or 2.</param>
/// <param name="Fee">In đồng; 0: free.</param>
/// <param name="Days">Working days allowed.</param>
internal sealed record Service(
    string Code, string Procedure, string? National, string Name, string ProcedureName, Field Field, string Level, bool Integrated,
    bool AtCommune, int Fee, int Days, DateTime Updated)
{
    public bool Online => Level != "2";
}

/// <summary>A field of administration (lĩnh vực) and the papers it gives out.</summary>
internal sealed record Field(string Code, string Name, string Ministry, string Department, bool AtCommune, params string[] Papers);
