using System.Globalization;

namespace Qfx.Streams.Marbles;

/// <summary>What the letters of a row stand for: a small dictionary, or a parser of the row's own domain.</summary>
/// <typeparam name="T">Of the values.</typeparam>
public sealed class MarbleValues<T>
{
    private const string Spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private readonly Func<char, T> read;
    private readonly Func<T, string?> show;
    private readonly Func<T, char?> name;
    private readonly List<(char Letter, T Value)> known;

    internal MarbleValues(Func<char, T> read, Func<T, string?> show, Func<T, char?> name, IEnumerable<(char, T)> known) =>
        (this.read, this.show, this.name, this.known) = (read, show, name, [.. known]);

    /// <summary>The value that a letter stands for.</summary>
    /// <exception cref="MarbleException">It stands for none.</exception>
    public T Read(char letter)
    {
        foreach (var (known, was) in known)
        {
            if (known == letter) return was;
        }

        var value = read(letter);
        known.Add((letter, value));
        return value;
    }

    /// <summary>The letter that stands for a value. One that never had a letter gets a spare one.</summary>
    public char LetterOf(T value)
    {
        if (name(value) is { } own) return own;
        foreach (var (letter, was) in known)
        {
            if (EqualityComparer<T>.Default.Equals(value, was)) return letter;
        }

        var spare = Spare.FirstOrDefault(letter => known.All(k => k.Letter != letter), '?');
        known.Add((spare, value));
        return spare;
    }

    /// <summary>A letter's value in words; null for a letter that stands for itself, or for nothing.</summary>
    public string? Meaning(char letter)
    {
        foreach (var (known, value) in known)
        {
            if (known == letter && string.Create(CultureInfo.InvariantCulture, $"{show(value)}") is var text && text != letter.ToString()) return text;
        }

        return null;
    }
}

/// <summary>Ways to say what letters stand for.</summary>
public static class MarbleValues
{
    /// <summary>A dictionary. A letter that is not in it is an error of the row.</summary>
    public static MarbleValues<T> Of<T>(params (char Letter, T Value)[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(
            letter => throw new MarbleException($"'{letter}' stands for no value here", letter.ToString(), 0),
            value => value?.ToString(),
            _ => null,
            values);
    }

    /// <summary>A parser.</summary>
    /// <param name="read">The value of a letter.</param>
    /// <param name="name">The letter of a value; null for one that has none.</param>
    /// <param name="show">A value in words.</param>
    public static MarbleValues<T> By<T>(Func<char, T> read, Func<T, char?>? name = null, Func<T, string?>? show = null) =>
        new(read, show ?? (value => value?.ToString()), name ?? (_ => null), []);
}

/// <summary>Letters that stand for themselves.</summary>
public static class MarbleLetters
{
    /// <summary>As characters.</summary>
    public static MarbleValues<char> Chars() => MarbleValues.By(letter => letter, (char value) => value);

    /// <summary>As texts of one letter.</summary>
    public static MarbleValues<string> Texts() => MarbleValues.By(letter => letter.ToString(), value => value.Length == 1 ? value[0] : null);
}
