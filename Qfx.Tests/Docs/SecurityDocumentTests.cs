using System.Text.RegularExpressions;
using Qfx.Tests.Support;

namespace Qfx.Tests.Docs;

public partial class SecurityDocumentTests
{
    [Fact]
    public void Every_test_that_the_security_document_names_exists()
    {
        var classes = typeof(SecurityDocumentTests).Assembly.GetTypes().Select(type => type.Name).ToHashSet();
        var named = TestClass().Matches(Sources.Read("docs/security.md")).Select(match => match.Groups["name"].Value).Distinct().ToArray();

        Assert.True(named.Length > 10, $"only {named.Length} tests are named");
        Assert.DoesNotContain(named, name => !classes.Contains(name));
    }

    [GeneratedRegex("`(?:[A-Za-z]+/)*(?<name>[A-Z][A-Za-z]*Tests)`")]
    private static partial Regex TestClass();
}
