using System.Text;
using Reft.Configuration.Binding;
using Reft.Configuration.Checks;
using Reft.Methods;
using Reft.Text.Prompts;

namespace Reft.Configuration;

/// <summary>
/// Reads configs. Relative paths in them are relative to the working directory, and stay as they are written.
/// </summary>
public static class ConfigFile
{
    private const int MostBytes = 1 << 18;

    /// <summary>Reads a config: the defaults, the file over them, the command line's settings over both.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="sets">Settings such as <c>training.epochs=3</c>; a later one goes before an earlier one.</param>
    /// <param name="catalog">What it can name; null for what comes with Reft.</param>
    /// <param name="isOfRun">
    /// Whether it is the config of a run that was begun. Its keys that the method does not read are let be: the version that began it did so.
    /// </param>
    /// <exception cref="InputException">The file or a setting is wrong; the message has a line for every error.</exception>
    public static LoadedConfig Load(string path, IReadOnlyList<string> sets, Catalog? catalog = null, bool isOfRun = false) =>
        Parse(ReadText(path), path, sets, catalog, isOfRun);

    /// <summary>Reads a config from text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">The file's name in messages.</param>
    /// <param name="sets">Settings of the command line.</param>
    /// <param name="catalog">What it can name; null for what comes with Reft.</param>
    /// <param name="isOfRun">Whether it is the config of a run that was begun.</param>
    internal static LoadedConfig Parse(
        string text, string name, IReadOnlyList<string> sets, Catalog? catalog = null, bool isOfRun = false)
    {
        var (config, provenance) = Parse<RunConfig>(
            text, name, sets, "method, run, model, problems, answers, training and optimizer",
            (bound, origins, errors) => ConfigChecks.Check(bound, origins, errors, isOfRun), catalog);
        return new LoadedConfig(config, provenance);
    }

    /// <summary>A config file's text.</summary>
    internal static string ReadText(string path)
    {
        var bytes = InputFile.ReadAllBytes(path, MostBytes);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException error)
        {
            throw new InputException($"{OneLine.Of(path)}: is not UTF-8 text; a config is a YAML file", error);
        }
    }

    /// <summary>Reads a config of any kind from text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">The file's name in messages.</param>
    /// <param name="sets">Settings of the command line.</param>
    /// <param name="needed">The keys that it cannot do without, for messages.</param>
    /// <param name="check">Finds what is wrong with values that were bound.</param>
    /// <param name="catalog">What it can name; null for what comes with Reft.</param>
    internal static (T Config, Provenance Provenance) Parse<T>(
        string text, string name, IReadOnlyList<string> sets, string needed,
        Action<T, IReadOnlyDictionary<string, Origin>, ConfigErrors> check, Catalog? catalog = null)
    {
        var errors = new ConfigErrors();
        var root = ReadRoot(text, name, needed, errors);
        foreach (var setting in sets.Select((set, index) => Setting.Read(set, index, errors)).OfType<Setting>())
        {
            root = setting.ApplyTo(root, errors);
        }

        var binder = new Binder(typeof(T), catalog ?? Catalog.Default, errors);
        var config = (T)binder.Bind(root);
        check(config, binder.Origins, errors);
        errors.ThrowIfAny();
        return (config, new Provenance(
            binder.Origins.ToDictionary(pair => pair.Key, pair => pair.Value.Short, StringComparer.Ordinal)));
    }

    /// <summary>Reads what can name forms of prompts and nothing else.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">The file's name in messages.</param>
    /// <param name="needed">The keys that it cannot do without, for messages.</param>
    /// <param name="prompts">The forms; null for those that come with Reft.</param>
    internal static T Parse<T>(string text, string name, string needed, IReadOnlyList<IPromptForm>? prompts) =>
        Parse<T>(text, name, [], needed, (_, _, _) => { }, prompts is null ? null : Catalog.Default with { Prompts = prompts }).Config;

    /// <summary>The file's nodes. Nothing more can be said of a file that has none.</summary>
    private static MappingNode ReadRoot(string text, string name, string needed, ConfigErrors errors)
    {
        var node = new NodeReader(line => Origin.OfLine(name, line), errors).Read(text, "");
        if (node is not MappingNode && errors.IsEmpty)
        {
            var message = node is null or ScalarNode { IsNull: true }
                ? $"is empty; a config needs at least {needed}"
                : "holds no keys; a config looks like 'seed: 1', a line for each key";
            errors.Add(node?.Origin ?? Origin.OfLine(name, 1), "", message);
        }

        if (node is not MappingNode root)
        {
            errors.ThrowIfAny();
            throw new InvalidOperationException("a file without keys has an error");
        }

        return root;
    }
}
