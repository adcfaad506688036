namespace PortalSimulator.Rules;

/// <summary>
/// <c>DongBoDVC</c>. No source shows a write call for the catalogue of services: the name, the fields and that only the two codes and the
/// name are required are assumptions to confirm with the portal's operator.
/// </summary>
internal static class ServiceFields
{
    public static readonly Schema Schema = new("MADVC",
        new Field { Name = "MADVC", Required = true, NotBlank = true },
        new Field { Name = "MATTHC", Required = true, NotBlank = true, Form = DossierFields.ProcedureCode() },
        new Field { Name = "TENDVC", Required = true, NotBlank = true },
        new Field { Name = "TENTTHC" },
        new Field { Name = "MALINHVUC" },
        new Field { Name = "TENLINHVUC" },
        new Field { Name = "TENCOQUANBANHANH" },
        new Field { Name = "APDUNGDVC", Kind = FieldKind.List },
        new Field { Name = "MUCDO" },
        new Field { Name = "URL" },
        new Field { Name = "KENH", Kind = FieldKind.List },
        new Field { Name = "PHILEPHI", Kind = FieldKind.List },
        new Field { Name = "THOIGIANGIAIQUYET", Kind = FieldKind.Any });
}
