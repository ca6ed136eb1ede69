using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Qfx.Daemon.Control;

/// <summary>Sends the metrics to a collector, where one is set: OpenTelemetry's protocol over HTTP.</summary>
internal static class Otlp
{
    /// <summary>Sends until it is disposed of. A collector that is not there costs nothing but the numbers.</summary>
    /// <param name="collector">Its address, such as <c>http://127.0.0.1:4318/v1/metrics</c>; null: nothing is sent.</param>
    /// <param name="often">How often.</param>
    public static IDisposable? Start(string? collector, TimeSpan often) => collector is null ? null : Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("qfilexchgd", serviceInstanceId: Environment.MachineName))
        .AddMeter(ControlMetrics.MeterName)
        .AddOtlpExporter((exporter, reader) =>
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri(collector);
            exporter.TimeoutMilliseconds = 5000;
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)often.TotalMilliseconds;
        })
        .Build();
}
