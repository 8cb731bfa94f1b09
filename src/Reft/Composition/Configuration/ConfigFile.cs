using System.Text;
using Reft.Composition.Configuration.Binding;
using Reft.Composition.Configuration.Checks;

namespace Reft.Composition.Configuration;

/// <summary>
/// Reads configs. Relative paths in them are relative to the working directory, and stay as they are written.
/// </summary>
public static class ConfigFile
{
    private const int MostBytes = 1 << 18;

    /// <summary>Reads a config: the defaults, the file over them, the command line's settings over both.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="sets">Settings such as <c>training.epochs=3</c>; a later one goes before an earlier one.</param>
    /// <exception cref="InputException">The file or a setting is wrong; the message has a line for every error.</exception>
    public static LoadedConfig Load(string path, IReadOnlyList<string> sets)
    {
        var bytes = InputFile.ReadAllBytes(path, MostBytes);
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return Parse(text.TrimStart('\uFEFF'), path, sets);
        }
        catch (DecoderFallbackException error)
        {
            throw new InputException($"{OneLine.Of(path)}: is not UTF-8 text; a config is a YAML file", error);
        }
    }

    /// <summary>Reads a config from text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="name">The file's name in messages.</param>
    /// <param name="sets">Settings of the command line.</param>
    internal static LoadedConfig Parse(string text, string name, IReadOnlyList<string> sets)
    {
        var errors = new ConfigErrors();
        var root = ReadRoot(text, name, errors);
        foreach (var setting in sets.Select((set, index) => Setting.Read(set, index, errors)).OfType<Setting>())
        {
            root = setting.ApplyTo(root, errors);
        }

        var binder = new Binder(errors);
        var config = binder.Bind(root);
        ConfigChecks.Check(config, binder.Origins, errors);
        errors.ThrowIfAny();
        return new LoadedConfig(config, new Provenance(
            binder.Origins.ToDictionary(pair => pair.Key, pair => pair.Value.Short, StringComparer.Ordinal)));
    }

    /// <summary>The file's nodes. Nothing more can be said of a file that has none.</summary>
    private static MappingNode ReadRoot(string text, string name, ConfigErrors errors)
    {
        var node = new NodeReader(line => Origin.OfLine(name, line), errors).Read(text, "");
        if (node is not MappingNode && errors.IsEmpty)
        {
            var message = node is null or ScalarNode { IsNull: true }
                ? "is empty; a config needs at least method, run, model, problems, answers, training and optimizer"
                : "holds no keys; a config looks like 'method: reft', a line for each key";
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
