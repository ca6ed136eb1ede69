using Qfx.Daemon.Options;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Options;

public class TimeLimitsTests
{
    [Theory]
    [InlineData("99999999d")]
    [InlineData("2147483647d")]
    [InlineData("367d")]
    public void A_time_that_nothing_lasts_is_a_fault_and_no_exception(string time) =>
        Assert.Contains("nothing here lasts longer than a year", Assert.Single(OptionsFile.Parse($"[time]\nquestion = {time}\n").Problems), StringComparison.Ordinal);

    [Fact]
    public void A_value_out_of_its_range_is_told_with_the_file_that_has_it()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["conf"], "[pendrive]\nsize_mib = 10\n");

        Assert.StartsWith($"{folder["conf"]}: pendrive size_mib is 10: ", Assert.Single(OptionsFile.Read(folder["conf"]).Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/run/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_control_socket_that_cannot_be_made_is_a_fault(string path) =>
        Assert.Equal(path.Length > 0, OptionsFile.Parse($"[control]\nsocket = {path}\n").Problems.Any(problem => problem.Contains("107 bytes", StringComparison.Ordinal)));
}
