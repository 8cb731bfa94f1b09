using Reft.Configuration;
using Reft.Text;
using Reft.Text.Prompts;

namespace Reft.Inputs;

/// <summary>
/// How the model in a folder is to be asked: as it was trained, which Reft's checkpoints say in a file of their own where it could be taken for
/// something else, or else in its chat template, or else between the paper's marks.
/// </summary>
/// <param name="Form">The form.</param>
/// <param name="Why">Where it is from, in words.</param>
/// <param name="IsOwn">Whether a file of the folder says it.</param>
internal sealed record FolderPrompt(IPromptForm Form, string Why, bool IsOwn)
{
    private const string FileName = "prompt.yaml";

    /// <summary>How a folder's model is to be asked.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="forms">The forms that there are; null for those that come with Reft.</param>
    /// <exception cref="InputException">The file is damaged, or names none of the forms.</exception>
    public static FolderPrompt Of(string folder, IReadOnlyList<IPromptForm>? forms = null)
    {
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            var said = ConfigFile.Parse<Said>(ConfigFile.ReadText(path), path, "prompt", forms);
            return new FolderPrompt(said.Prompt, $"as it was trained ({FileName})", IsOwn: true);
        }

        return ChatTemplate.IsIn(folder)
            ? new FolderPrompt(new ChatPrompt(), "the model has a chat template", IsOwn: false)
            : new FolderPrompt(new MarkedPrompt(), "the model has no chat template", IsOwn: false);
    }

    /// <summary>Writes the file into a checkpoint whose folder would say something else.</summary>
    public static void Write(string folder, IPromptForm form)
    {
        if (!Of(folder, [form]).Form.Equals(form))
        {
            AtomicFile.WriteAllText(
                Path.Combine(folder, FileName), ConfigText.Write(new Said { Prompt = form }, Provenance.None, path => path == "prompt"));
        }
    }

    /// <summary>What the file holds.</summary>
    internal sealed record Said
    {
        /// <summary>How the model was asked when it was trained.</summary>
        public IPromptForm Prompt { get; init; } = new MarkedPrompt();
    }
}
