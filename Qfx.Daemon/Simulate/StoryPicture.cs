using Qfx.Streams.Marbles;

namespace Qfx.Daemon.Simulate;

/// <summary>A played story as a picture: a lane for each VM, for the person and for dom0; above each line what goes in, below it what comes out.</summary>
internal static class StoryPicture
{
    /// <summary>The picture, as SVG that needs no fonts, scripts or styles from elsewhere.</summary>
    public static string Draw(Story story, StoryPlayer played)
    {
        var lanes = PictureLane.Of(story, played);
        return new PictureWriter(story, lanes, PictureLayout.Of(story, lanes)).Write();
    }
}
