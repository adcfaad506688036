using System.ComponentModel.DataAnnotations;
using Integration.Deliver;
using Integration.Deliver.Dvcqg;
using Xunit;

namespace Integration.Tests.Deliver;

public sealed class TargetsTests
{
    [Fact]
    public void Every_kind_has_a_name_of_its_own_and_options_that_can_be_made() => Assert.All(Targets.All, kind =>
    {
        Assert.Single(Targets.All, k => k.Name == kind.Name);
        Assert.IsType<TargetOptions>(Activator.CreateInstance(kind.Options), exactMatch: false);
    });

    [Fact]
    public void Options_that_contradict_each_other_are_all_told()
    {
        var options = new DvcqgOptions
        {
            Connection = "Portal",
            Service = "X",
            LookUp = new DvcqgLookUp { Service = "Y", List = "TienDo" },
            Codes = new() { ["0"] = CodeMeaning.Accepted, ["00"] = CodeMeaning.Refused, [" "] = CodeMeaning.Accepted },
            Arguments = new() { ["session"] = "x", ["isUpdating"] = "y" },
            CreatePath = "https://elsewhere.example",
        };
        var found = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true));
        Assert.Equal(6, found.Count);
    }
}
