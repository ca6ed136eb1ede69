using System.Reflection;
using System.Runtime.Loader;

namespace Qfx.Mutants;

/// <summary>One test, called by its method: what the runner of the tests would do, without what makes it slow.</summary>
internal sealed record Test(string Name, MethodInfo Method, object?[] Arguments)
{
    /// <returns>Whether it passes.</returns>
    public bool Passes()
    {
        object? instance = null;
        var passes = true;
        try
        {
            instance = Method.IsStatic ? null : Activator.CreateInstance(Method.DeclaringType!);
            if (instance?.GetType().GetMethod("InitializeAsync", []) is { } begin) Wait(((ValueTask)begin.Invoke(instance, [])!).AsTask());
            if (Method.Invoke(instance, Arguments) is Task task) passes = task.Wait(TimeSpan.FromSeconds(5)) && task.IsCompletedSuccessfully;
        }
        catch (Exception e) when (e is TargetInvocationException or AggregateException or InvalidOperationException or TimeoutException or MissingMethodException)
        {
            passes = false;
        }

        try
        {
            if (instance is IAsyncDisposable asynchronous) Wait(asynchronous.DisposeAsync().AsTask());
            else (instance as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            // What a test asserts at its end counts. Else a mutant may leave things in a state that cannot be disposed of: the test has said what it has to say.
            if (e.GetType().FullName!.StartsWith("Xunit.", StringComparison.Ordinal)) passes = false;
        }

        return passes;
    }

    /// <summary>The tests of a namespace, from an assembly that finds the mutated one beside it.</summary>
    public static (List<Test> Tests, Type Switch) Load(string folder, string mutated, Func<Type, bool> take)
    {
        var context = new AssemblyLoadContext("tests");
        context.Resolving += (_, name) => name.Name == "Qfx.Streams" ? context.LoadFromAssemblyPath(mutated)
            : File.Exists(Path.Combine(folder, $"{name.Name}.dll")) ? context.LoadFromAssemblyPath(Path.Combine(folder, $"{name.Name}.dll")) : null;
        var streams = context.LoadFromAssemblyPath(mutated);
        var tests = context.LoadFromAssemblyPath(Path.Combine(folder, "Qfx.Tests.dll"));
        return ([.. tests.GetTypes().Where(t => !t.IsAbstract && take(t)).SelectMany(t => t.GetMethods()).SelectMany(Of)], streams.GetType("Qfx.Mutants.Switch")!);
    }

    private static void Wait(Task task)
    {
        if (!task.Wait(TimeSpan.FromSeconds(5))) throw new TimeoutException();
    }

    private static IEnumerable<Test> Of(MethodInfo method)
    {
        var attributes = method.GetCustomAttributes().ToArray();
        if (attributes.Any(a => a.GetType().Name == "FactAttribute")) yield return new($"{method.DeclaringType!.Name}.{method.Name}", method, []);
        foreach (var data in attributes.Where(a => a.GetType().Name == "InlineDataAttribute"))
        {
            var arguments = (object?[])data.GetType().GetProperty("Data")!.GetValue(data)!;
            yield return new($"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", arguments)})", method, Fit(method, arguments));
        }

        foreach (var data in attributes.Where(a => a.GetType().Name == "MemberDataAttribute"))
        {
            var member = (string)data.GetType().GetProperty("MemberName")!.GetValue(data)!;
            foreach (var arguments in Rows(method.DeclaringType!, member))
                yield return new($"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", arguments)})", method, Fit(method, arguments));
        }
    }

    /// <summary>The rows of a property or a method of the test's class: tuples, arrays, or rows of xunit's own.</summary>
    private static IEnumerable<object?[]> Rows(Type type, string member)
    {
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;
        var rows = type.GetProperty(member, Any)?.GetValue(null) ?? type.GetField(member, Any)?.GetValue(null) ?? type.GetMethod(member, Any, [])?.Invoke(null, []);
        foreach (var row in rows as System.Collections.IEnumerable ?? Array.Empty<object>())
        {
            if (row is object?[] array) yield return array;
            else if (row is System.Runtime.CompilerServices.ITuple tuple) yield return [.. Enumerable.Range(0, tuple.Length).Select(i => tuple[i])];
            else if (row.GetType().GetInterfaces().Select(i => i.GetMethod("GetData", [])).FirstOrDefault(get => get is not null)?.Invoke(row, []) is object?[] data) yield return data;
            else yield return [row];
        }
    }

    private static object?[] Fit(MethodInfo method, object?[] arguments) => [.. method.GetParameters().Zip(arguments, (parameter, argument) =>
        argument is not null && !parameter.ParameterType.IsInstanceOfType(argument) && !parameter.ParameterType.IsEnum && argument is IConvertible
            ? Convert.ChangeType(argument, Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType, System.Globalization.CultureInfo.InvariantCulture)
            : argument)];
}
