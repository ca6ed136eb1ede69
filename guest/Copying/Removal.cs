namespace Qfx.Guest.Copying;

/// <summary>Deletes what was moved, and nothing else.</summary>
internal static class Removal
{
    /// <summary>From below: files and links that are still what was sent, and folders that are empty then.</summary>
    /// <returns>What is still there.</returns>
    public static IReadOnlyList<string> Run(Plan plan)
    {
        var kept = new List<string>();
        foreach (var item in plan.Items.Reverse())
        {
            try
            {
                if (item.Status.Kind == FileKind.Folder) Directory.Delete(item.Source);
                else if (FileStatus.Of(item.Source) == item.Status) File.Delete(item.Source);
                else kept.Add(item.Source);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                kept.Add(item.Source);
            }
        }

        return kept;
    }
}
