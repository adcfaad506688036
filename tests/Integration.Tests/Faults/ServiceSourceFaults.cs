using Xunit;

namespace Integration.Tests.Faults;

/// <summary>Rows E1 to E6: sources that are REST or XML services. There is none yet; the rows stand here so that they are not forgotten.</summary>
public sealed class ServiceSourceFaults
{
    private const string None = "There is no REST or XML source yet.";

    [Fact(Skip = None), Trait("Fault", "E1")]
    public void Pages_that_repeat_lack_or_lead_in_circles_are_told_and_read_again()
    {
    }

    [Fact(Skip = None), Trait("Fault", "E2")]
    public void A_body_cut_short_is_never_taken_for_fewer_rows()
    {
    }

    [Fact(Skip = None), Trait("Fault", "E3")]
    public void An_error_or_a_login_page_answered_with_200_is_not_taken_for_no_rows()
    {
    }

    [Fact(Skip = None), Trait("Fault", "E4")]
    public void An_empty_list_where_thousands_were_yesterday_withdraws_nothing()
    {
    }

    [Fact(Skip = None), Trait("Fault", "E5")]
    public void Xml_with_a_dtd_an_external_entity_or_a_hundred_thousand_levels_is_refused_at_once()
    {
    }

    [Fact(Skip = None), Trait("Fault", "E6")]
    public void A_compressed_answer_that_grows_without_end_is_refused()
    {
    }
}
