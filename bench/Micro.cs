using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Qfx.Streams.Requests;
using Qfx.Xen.Wire;

namespace Qfx.Bench;

/// <summary>The hot path, frame by frame: what it takes, and that it allocates nothing.</summary>
[MemoryDiagnoser]
public class Micro : IDisposable
{
    private const int Frames = 64;

    private readonly XsFrameBatch batch = new();
    private readonly XsFrameReader reader = new();
    private readonly byte[] arrived;
    private readonly byte[] irrelevant = "/local/domain/17/data/meminfo"u8.ToArray();

    public Micro()
    {
        using var answers = new XsFrameBatch();
        for (var i = 0u; i < Frames; i++) answers.Add(XsType.Read, i, 0, "0123456789"u8);
        arrived = answers.Bytes.ToArray();
    }

    /// <summary>Runs them and prints their table.</summary>
    public static void Run() => BenchmarkRunner.Run<Micro>(ManualConfig.CreateMinimumViable()
        .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));

    [Benchmark(OperationsPerInvoke = Frames)]
    public int RequestIntoABatch()
    {
        batch.Clear();
        for (var i = 0u; i < Frames; i++) batch.Add(XsType.Write, i, 0, "/local/domain/17/device/qpen", "new"u8);
        return batch.Bytes.Length;
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public int FrameOutOfAStream()
    {
        arrived.CopyTo(reader.GetMemory());
        reader.Advance(arrived.Length);
        var bytes = 0;
        while (reader.TryRead(out var frame)) bytes += frame.Payload.Length;
        return bytes;
    }

    [Benchmark]
    public bool EventThatConcernsNobody() => QpenWatches.Concerns(irrelevant, out _);

    public void Dispose()
    {
        batch.Dispose();
        reader.Dispose();
        GC.SuppressFinalize(this);
    }
}
