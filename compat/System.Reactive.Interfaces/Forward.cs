using System.Reactive.Concurrency;
using System.Runtime.CompilerServices;

[assembly: TypeForwardedTo(typeof(IScheduler))]
