using System.Globalization;
using Qfx.Streams.Exchange;

namespace Qfx.Tests.Marbles;

/// <summary>A command in words: what is told to whom, which time limits run, which disks move.</summary>
internal static class Told
{
    /// <summary>One line; null for what other rows of a story show better.</summary>
    public static string? Line(ExchangeCommand command) => command switch
    {
        ExchangeCommand.Record { Report: var r } => $"journal  {r.Kind} {r.Code} {r.Name} {r.Pendrive} {r.To}: {r.Text}",
        ExchangeCommand.Audit { What: var w } => string.Create(CultureInfo.InvariantCulture,
            $"decision {w.Service} {w.Name} to {w.To}: {(w.Allowed ? "yes" : "no")}, {w.Code}, {w.Rule}, by {w.By}, {w.Took.TotalSeconds:0.000}, {w.Why}"),
        ExchangeCommand.WriteStatus w => string.Create(CultureInfo.InvariantCulture, $"status   {w.To.Domid}: {w.Status.N} {w.Status.Code} {w.Status.Text}"),
        ExchangeCommand.Notify n => $"notice   {n.Kind} {n.About} {n.Other}",
        ExchangeCommand.StartTimer t => string.Create(CultureInfo.InvariantCulture, $"timer    {t.Timer} in {t.After.TotalSeconds:0.###}"),
        ExchangeCommand.StopTimer t => $"timer    {t.Timer} no more",
        ExchangeCommand.ReleaseMemory => "memory   is held no longer",
        ExchangeCommand.Attach a => $"attach   {a.Id} {a.At}",
        ExchangeCommand.Detach d => $"detach   {d.Id} {d.At}{(d.HolderDead ? " dead" : "")} {d.Limit?.TotalSeconds}",
        ExchangeCommand.CallOff c => $"call off {c.Lane}",
        _ => null,
    };
}
