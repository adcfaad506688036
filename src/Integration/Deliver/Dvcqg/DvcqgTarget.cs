namespace Integration.Deliver.Dvcqg;

internal static class DvcqgTarget
{
    public static ITarget Create(DvcqgOptions options, TargetContext context) => throw new NotImplementedException($"{options.Service} {context.Pipeline}");
}
