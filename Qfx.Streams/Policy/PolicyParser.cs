using System.Collections.Immutable;
using System.Globalization;
using Qfx.Streams.Domains;

namespace Qfx.Streams.Policy;

/// <summary>One policy file, read.</summary>
/// <param name="Name">Its name without folder. Files are taken in the order of their names, byte by byte.</param>
/// <param name="Text">Its text.</param>
public sealed record PolicyFile(string Name, string Text);

/// <summary>What is wrong in a policy file.</summary>
/// <param name="Place"><c>file:line</c>, or the file's name.</param>
/// <param name="What">A sentence; of the file's text only quoted, printable ASCII.</param>
public sealed record PolicyProblem(string Place, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Place}: {What}";
}

/// <summary>Reads lines such as <c>qfx.Copy * work @tag:home ask default_target=personal notify=yes</c>.</summary>
/// <remarks>
/// The form is that of Qubes' policy files: service, argument, source, target, action, parameters, between blanks; a comment is a
/// line of its own that begins with <c>#</c>. One wrong line makes the whole policy unusable: a line that is left out could be a deny.
/// </remarks>
public static class PolicyParser
{
    /// <summary>Letters of all files together, at most.</summary>
    public const int MaxText = 1 << 20;

    /// <summary>What a file's name ends with.</summary>
    public const string Suffix = ".policy";

    /// <summary>Whether a file counts: others, and hidden ones, are passed over.</summary>
    public static bool IsPolicyFile(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(Suffix, StringComparison.Ordinal) && !name.StartsWith('.');
    }

    /// <summary>Reads all files.</summary>
    /// <returns>The policy, and every fault found; with a fault it is null.</returns>
    public static (Policy? Policy, ImmutableArray<PolicyProblem> Problems) Parse(IEnumerable<PolicyFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var problems = ImmutableArray.CreateBuilder<PolicyProblem>();
        var rules = new List<PolicyRule>();
        var letters = 0L;
        foreach (var file in files.Where(file => IsPolicyFile(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            if (!file.Name.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c) || c is '_' or '.' or '-'))
            {
                problems.Add(new(Shown(file.Name), "the name of a policy file has small letters, digits, _ . and - only"));
                continue;
            }

            letters += file.Text.Length;
            if (letters > MaxText)
            {
                problems.Add(new(file.Name, string.Create(CultureInfo.InvariantCulture, $"all files together have more than {MaxText} letters")));
                break;
            }

            var number = 0;
            foreach (var line in file.Text.Split('\n'))    // by nothing else: a comment must not hide a line
            {
                number++;
                try
                {
                    if (Line(file.Name, number, line.TrimEnd('\r')) is { } rule) rules.Add(rule);
                }
                catch (FormatException e)
                {
                    problems.Add(new($"{file.Name}:{number}", e.Message));
                }
            }
        }

        return (problems.Count == 0 ? Policy.Of(rules) : null, problems.ToImmutable());
    }

    /// <summary>One line; null for a comment and an empty one.</summary>
    private static PolicyRule? Line(string file, int number, string line)
    {
        if (line.Any(c => c is not '\t' && (c < ' ' || c == '\x7F'))) throw new FormatException("there is a control character in it");
        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0].StartsWith('#')) return null;
        if (words[0].StartsWith('!')) throw new FormatException($"{Shown(words[0])} is not supported: put the lines into this folder");
        if (words is not [var service, var argument, var source, var target, var action, .. var parameters])
            throw new FormatException("a line has a service, an argument, a source, a target and an action");
        var rule = new PolicyRule(
            file, number, Service(service), Argument(argument), Token(source, isSource: true), Token(target, isSource: false), Verdict(action));
        if (rule.Service is null && argument != "*") throw new FormatException("the argument of the service * is *");
        rule = Parameters(rule with { Notify = rule.Verdict == PolicyVerdict.Deny }, action, parameters);
        if (rule is { Target: PolicyToken.Default, Verdict: PolicyVerdict.Allow, Redirect: null })
            throw new FormatException("an allow for @default needs a target=");
        return rule;
    }

    private static PolicyService? Service(string word)
    {
        if (word == "*") return null;
        foreach (var service in PolicyServices.All)
        {
            if (service.Word() == word) return service;
        }

        throw new FormatException($"{Shown(word)} is no service: they are {string.Join(", ", PolicyServices.All.Select(s => s.Word()))} and *");
    }

    private static string Argument(string word) =>
        word == "*" || (word.StartsWith('+') && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.' or '_'))
            ? word : throw new FormatException($"the argument {Shown(word)} is neither * nor + and letters");

    private static PolicyVerdict Verdict(string word) => word switch
    {
        "allow" => PolicyVerdict.Allow,
        "ask" => PolicyVerdict.Ask,
        "deny" => PolicyVerdict.Deny,
        _ => throw new FormatException($"{Shown(word)} is no action: they are allow, ask and deny"),
    };

    private static PolicyToken Token(string word, bool isSource) => word switch
    {
        "*" => new PolicyToken.Everything(),
        "@anyvm" => new PolicyToken.AnyVm(),
        "@adminvm" or "dom0" or "Domain-0" => new PolicyToken.AdminVm(),
        "@default" or "@dispvm" when isSource => throw new FormatException($"{word} cannot be a source"),
        "@default" => new PolicyToken.Default(),
        "@dispvm" => new PolicyToken.Dispvm(),
        ['$', ..] => throw new FormatException($"{Shown(word)} is the old form: write @ instead of $"),
        _ when After(word, "@dispvm:@tag:") is { } tag => new PolicyToken.DispvmTagged(Label(tag, word)),
        _ when After(word, "@dispvm:") is { } template => new PolicyToken.DispvmOf(Name(template, word)),
        _ when After(word, "@tag:") is { } tag => new PolicyToken.Tagged(Label(tag, word)),
        _ when After(word, "@type:") is { } type => new PolicyToken.Typed(Label(type, word)),
        ['@', ..] => throw new FormatException($"{Shown(word)} is no word for VMs"),
        _ => new PolicyToken.Named(Name(word, word)),
    };

    private static PolicyRule Parameters(PolicyRule rule, string action, string[] parameters)
    {
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new FormatException($"{Shown(parameter)} is no parameter: they have the form name=value");
            var (name, value) = (parameter[..equals], parameter[(equals + 1)..]);
            if (!given.Add(name)) throw new FormatException($"{Shown(name)} is given twice");
            rule = (name, rule.Verdict) switch
            {
                ("notify", _) => rule with { Notify = YesOrNo(name, value) },
                ("autostart", not PolicyVerdict.Deny) => rule with { Autostart = YesOrNo(name, value) },
                ("user", not PolicyVerdict.Deny) => rule with { HasUser = true },
                ("target", not PolicyVerdict.Deny) => rule with { Redirect = Redirect(value) },
                ("default_target", PolicyVerdict.Ask) => rule with { DefaultTarget = Name(value, value) },
                _ => throw new FormatException($"{action} has no parameter {Shown(name)}"),
            };
        }

        return rule;
    }

    private static PolicyToken Redirect(string value) => value switch
    {
        "@adminvm" or "dom0" or "Domain-0" => throw new FormatException("target= cannot be dom0, which is never a party"),
        "@dispvm" => new PolicyToken.Dispvm(),
        ['@', ..] => throw new FormatException($"target= is a name or @dispvm, not {Shown(value)}"),
        _ => new PolicyToken.Named(Name(value, value)),
    };

    private static bool YesOrNo(string name, string value) => value switch
    {
        "yes" => true,
        "no" => false,
        _ => throw new FormatException($"{name}= is yes or no, not {Shown(value)}"),
    };

    private static VmName Name(string text, string word) => VmName.TryParse(text, out var name)
        ? name : throw new FormatException($"no VM that takes part can be called as {Shown(word)} says");

    private static string Label(string text, string word) =>
        text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
            ? text : throw new FormatException($"{Shown(word)} does not end with a tag or type: letters, digits, _ . and -");

    private static string? After(string word, string prefix) => word.StartsWith(prefix, StringComparison.Ordinal) ? word[prefix.Length..] : null;

    private static string Shown(string word) => Requests.Quote.Bytes(System.Text.Encoding.UTF8.GetBytes(word));
}
