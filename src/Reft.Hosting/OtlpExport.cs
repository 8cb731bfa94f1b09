using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Reft.Hosting;

/// <summary>
/// Sends what <see cref="Telemetry"/> tells to an OpenTelemetry collector, where the environment names one. All of OpenTelemetry's variables are
/// read by its own library.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private static readonly string[] _endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    private readonly MeterProvider _meters;
    private readonly TracerProvider _traces;

    private OtlpExport(ResourceBuilder resource)
    {
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Telemetry.Name).AddOtlpExporter().Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Telemetry.Name).AddOtlpExporter().Build();
    }

    /// <summary>Starts sending; null where the environment names no collector. What is left is sent when it is disposed.</summary>
    public static OtlpExport? Start()
    {
        if (_endpoints.All(name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
            || string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var resource = ResourceBuilder.CreateDefault();
        return new OtlpExport(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } ? resource : resource.AddService("reft"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces.Dispose();
        _meters.Dispose();
    }
}
