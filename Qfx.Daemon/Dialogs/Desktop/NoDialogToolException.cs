namespace Qfx.Daemon.Dialogs.Desktop;

/// <summary>The configuration wants questions on a desktop, and nothing is installed that could ask them. To start again does not help.</summary>
internal sealed class NoDialogToolException()
    : IOException("none of zenity, yad and kdialog is installed: there is nothing to ask with; install one, or set another ask in [questions]");
