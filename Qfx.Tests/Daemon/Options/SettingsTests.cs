using Qfx.Daemon.Options;
using Qfx.Tests.Support;

namespace Qfx.Tests.Daemon.Options;

/// <summary>The list of settings, and the files that set them.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void No_setting_is_there_twice_and_each_default_is_a_text_that_gives_it()
    {
        Assert.Equal(Settings.All.Length, Settings.All.Select(setting => (setting.Section, setting.Key)).Distinct().Count());
        foreach (var setting in Settings.All.Where(setting => setting.Default.Length > 0))
            Assert.Equal(setting.Default, setting.Show(setting.Apply(new DaemonOptions(), setting.Default)));
    }

    [Fact]
    public void Each_setting_changes_what_it_shows_and_no_other()
    {
        foreach (var setting in Settings.All)
        {
            var changed = setting.Apply(new DaemonOptions(), Other(setting));
            foreach (var each in Settings.All) Assert.Equal(each == setting ? Other(setting) : each.Default, each.Show(changed));
        }
    }

    [Fact]
    public void The_file_that_is_installed_sets_nothing_and_says_every_default()
    {
        var sample = Sources.Read("packaging/dom0/qfilexchgd.conf");
        Assert.Empty(OptionsFile.Parse(sample).Problems);
        Assert.Empty(OptionsFile.Parse(sample).Set);

        // With the comment signs gone it says the same.
        var all = string.Join('\n', sample.Split('\n').Select(line => line.StartsWith('#') && !line.StartsWith("# ", StringComparison.Ordinal) ? line[1..] : line));
        var (options, problems) = OptionsFile.Parse(all);
        Assert.Empty(problems);
        foreach (var setting in Settings.All) Assert.Equal(setting.Default, setting.Show(options));
    }

    [Fact]
    public void Drop_ins_hold_before_the_file_the_last_by_name_before_the_others()
    {
        Write("qfx.conf", "[pendrive]\nsize_mib = 100\nmin_mib = 50\n[time]\nquestion = 1m\n");
        Write("qfx.conf.d/20-b.conf", "[pendrive]\nsize_mib = 300\n");
        Write("qfx.conf.d/10-a.conf", "[pendrive]\nsize_mib = 200\n[time]\nquestion = 2m\n");
        Write("qfx.conf.d/30.txt", "[pendrive]\nsize_mib = 400\n");

        var read = OptionsFile.Read(folder["qfx.conf"]);

        Assert.Empty(read.Problems);
        Assert.Equal((300, 50, 120), (read.Options.Exchange.SizeMiB, read.Options.Exchange.MinMiB, read.Options.Exchange.QuestionLimit.TotalSeconds));
        Assert.Equal([folder["qfx.conf"], folder["qfx.conf.d/10-a.conf"], folder["qfx.conf.d/20-b.conf"]], read.Files);
        Assert.Equal(("300", folder["qfx.conf.d/20-b.conf"]), read.Set["pendrive:size_mib"]);
        Assert.Equal(("50", folder["qfx.conf"]), read.Set["pendrive:min_mib"]);
        Assert.DoesNotContain("pendrive:max_mib", read.Set.Keys);
    }

    [Fact]
    public void A_fault_is_told_with_the_file_it_is_in()
    {
        Write("qfx.conf", "[pendrive]\nsize_mib = 100\n");
        Write("qfx.conf.d/a.conf", "[pendrive]\nsize_mib = lots\nsize = 3\n");

        Assert.Equal(
        [
            $"{folder["qfx.conf.d/a.conf"]}: pendrive size_mib is 'lots': it must be a whole number",
            $"{folder["qfx.conf.d/a.conf"]}: pendrive size is no setting",
        ], OptionsFile.Read(folder["qfx.conf"]).Problems);
    }

    private static string Other(Setting setting) => setting.Form switch
    {
        "a time" => "77s",
        "MiB" or "a number" or "0 to 16" => "77",
        "names" => "one two",
        "yes, no" => setting.Default == "yes" ? "no" : "yes",
        var form when form.Contains(", ", StringComparison.Ordinal) => form.Split(", ").First(word => word != setting.Default),
        _ => "/some/other",
    };

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
        File.WriteAllText(folder[file], text);
    }
}
