using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Qfx.Streams.Exchange;
using Qfx.Streams.Policy;
using Qfx.Streams.Requests;

namespace Qfx.Daemon.Control;

/// <summary>Counts what the rules do, as System.Diagnostics.Metrics has it, and writes it in Prometheus' text form.</summary>
/// <remarks>Instruments are named for OpenTelemetry (<c>qfx.requests</c>); in Prometheus' form dots are underscores and counters end with <c>_total</c>.</remarks>
internal sealed class ControlMetrics : IObserver<ExchangeStep>, IDisposable
{
    /// <summary>The meter's name, for whoever listens.</summary>
    public const string MeterName = "Qfx";

    private static readonly double[] Bounds = [0.1, 1, 5, 30, 60, 300, 3600];    // seconds

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> requests;
    private readonly Counter<long> outcomes;
    private readonly Counter<long> decisions;
    private readonly Counter<long> bytes;
    private readonly Histogram<double> took;
    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, (Instrument Instrument, SortedDictionary<string, double> Values)> numbers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long[] Buckets, double Sum, long Count)> histograms = new(StringComparer.Ordinal);

    public ControlMetrics(ControlBoard board)
    {
        requests = meter.CreateCounter<long>("qfx.requests", description: "Requests taken from VMs, by their word");
        outcomes = meter.CreateCounter<long>("qfx.outcomes", description: "What requests came to, by status code");
        decisions = meter.CreateCounter<long>("qfx.decisions", description: "Decisions, by service, outcome and who decided");
        bytes = meter.CreateCounter<long>("qfx.written.bytes", "By", "Bytes found on pendrives that left their senders");
        took = meter.CreateHistogram<double>("qfx.decision.seconds", "s", "From the request to the decision");
        meter.CreateObservableGauge("qfx.domains", () => board.Status().Domains, description: "VMs that run");
        meter.CreateObservableGauge("qfx.pendrives", () => board.Status().Pendrives, description: "Pendrives that exist");
        meter.CreateObservableGauge("qfx.questions", () => board.Status().Questions, description: "Questions that are open");
        meter.CreateObservableGauge("qfx.dvms", () => board.Status().Dvms, description: "Disposable VMs, in any stage");
        meter.CreateObservableGauge("qfx.store.up", () => board.StoreIsThere ? 1 : 0, description: "Whether xenstored is there");
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (ReferenceEquals(instrument.Meter, meter)) it.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Set(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Record(instrument, value));
        listener.Start();
    }

    public void OnNext(ExchangeStep value)
    {
        if (value.Cause is ExchangeEvent.Qpen { What: QpenEvent.Taken { Request: var request } })
            requests.Add(1, new KeyValuePair<string, object?>("request", request is Request.Malformed ? "malformed" : Words.Of((object)request)));
        if (value.Cause is ExchangeEvent.Detached { Written: { } written }) bytes.Add(written);
        foreach (var command in value.Commands)
        {
            if (command is ExchangeCommand.Record { Report: var report })
            {
                outcomes.Add(1, new KeyValuePair<string, object?>("code", report.Code.Word()));
            }
            else if (command is ExchangeCommand.Audit { What: var decided })
            {
                decisions.Add(1, new("by", decided.By), new("outcome", decided.Allowed ? "allowed" : "denied"), new("service", decided.Service.Word()));
                took.Record(decided.Took.TotalSeconds);
            }
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        listener.Dispose();
        meter.Dispose();
    }

    /// <summary>Prometheus' text exposition format, 0.0.4.</summary>
    public string Prometheus()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        lock (gate)
        {
            foreach (var (name, (instrument, values)) in numbers)
            {
                Head(text, name, instrument.Description, name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge");
                foreach (var (tags, value) in values) text.Append(CultureInfo.InvariantCulture, $"{name}{tags} {value}\n");
            }

            foreach (var (name, (buckets, sum, count)) in histograms)
            {
                Head(text, name, took.Description, "histogram");
                for (var i = 0; i < Bounds.Length; i++) text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{Bounds[i]}\"}} {buckets[i]}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}\n");
            }
        }

        return text.ToString();
    }

    private static void Head(StringBuilder text, string name, string? help, string type) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var values = Of($"{NameOf(instrument)}_total", instrument);
        var key = TagsOf(tags);
        lock (gate) values[key] = values.GetValueOrDefault(key) + value;
    }

    private void Set(Instrument instrument, int value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var values = Of(NameOf(instrument), instrument);
        var key = TagsOf(tags);
        lock (gate) values[key] = value;
    }

    private void Record(Instrument instrument, double value)
    {
        lock (gate)
        {
            var name = NameOf(instrument);
            var (buckets, sum, count) = histograms.TryGetValue(name, out var had) ? had : (new long[Bounds.Length], 0, 0);
            for (var i = 0; i < Bounds.Length; i++) buckets[i] += value <= Bounds[i] ? 1 : 0;    // each holds those below it, too
            histograms[name] = (buckets, sum + value, count + 1);
        }
    }

    private SortedDictionary<string, double> Of(string name, Instrument instrument)
    {
        lock (gate)
        {
            if (!numbers.TryGetValue(name, out var found)) numbers[name] = found = (instrument, new(StringComparer.Ordinal));
            return found.Values;
        }
    }

    private static string NameOf(Instrument instrument) => instrument.Name.Replace('.', '_');

    /// <summary>Values are words of ours: nothing in them needs to be escaped.</summary>
    private static string TagsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in tags) text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 1 ? "," : "")}{name}=\"{value}\"");
        return text.Append('}').ToString();
    }
}
