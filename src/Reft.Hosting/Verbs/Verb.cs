using System.CommandLine;

namespace Reft.Hosting.Verbs;

/// <summary>One verb of the command line: its name, the examples its help shows, and how its command is made.</summary>
internal sealed record Verb(string Name, IReadOnlyList<string> Examples, Func<Terminal, Command> Create);
