using System.Text;
using Qfx.Daemon.Disposables;

namespace Qfx.Tests.Daemon.Disposables;

public class RestoreReportTests
{
    [Theory]
    [InlineData("12\ndisp3\nfedora-dvm\n")]
    [InlineData("12\ndisp3\nfedora-dvm")]
    public void Three_lines_are_domid_name_and_whom_it_was_saved_from(string report)
    {
        var vm = RestoreReport.Parse(Encoding.ASCII.GetBytes(report))!;
        Assert.Equal("12 disp3 fedora-dvm", $"{vm.Domid} {vm.Name} {vm.SavedFrom}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("12\ndisp3\n")]
    [InlineData("12\ndisp3\nfedora-dvm\n\n")]
    [InlineData("12\ndisp3\nfedora-dvm\nmore")]
    [InlineData("0\ndisp3\nfedora-dvm\n")]
    [InlineData("-1\ndisp3\nfedora-dvm\n")]
    [InlineData("012\ndisp3\nfedora-dvm\n")]
    [InlineData("99999999999\ndisp3\nfedora-dvm\n")]
    [InlineData("12\n../disp3\nfedora-dvm\n")]
    [InlineData("12\ndisp3\nfedora dvm\n")]
    [InlineData("12\r\ndisp3\r\nfedora-dvm\r\n")]
    [InlineData("12\ndisp3\nfedora-dvm\0\n")]
    [InlineData("12\ndisp\u00e9\nfedora-dvm\n")]
    public void Anything_else_is_none(string report) => Assert.Null(RestoreReport.Parse(Encoding.Latin1.GetBytes(report)));

    [Fact]
    public void A_report_without_an_end_is_not_read_to_its_end() =>
        Assert.Contains("does not say", Assert.Throws<DisposableException>(() => RestoreReport.Read("/dev/zero")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_one_is_said() => Assert.Throws<DisposableException>(() => RestoreReport.Read("/nowhere/dispVM_xid"));
}
