using System.Runtime.CompilerServices;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Where the parser stands: its tokens, its place, its scope, its depth.</summary>
internal sealed class ParserState(List<Token> tokens, string source, Vm vm, Scope scope)
{
    private int _at;

    public string Source => source;

    public Vm Vm => vm;

    public Scope Scope { get; set; } = scope;

    public int Depth { get; set; }

    /// <summary>What stands before the name of a function made here: <c>solution.&lt;locals&gt;.</c></summary>
    public string Prefix { get; set; } = "";

    /// <summary>How many <c>yield</c>s were read so far.</summary>
    public int Yields { get; set; }

    public Token Current => tokens[_at];

    public TokenKind Kind => tokens[_at].Kind;

    public TokenKind Following => tokens[Math.Min(_at + 1, tokens.Count - 1)].Kind;

    public int Position => _at;

    public Token At(int position) => tokens[Math.Min(position, tokens.Count - 1)];

    public Token Take()
    {
        var token = tokens[_at];
        if (_at < tokens.Count - 1)
        {
            _at++;
        }

        return token;
    }

    public bool TryTake(TokenKind kind)
    {
        if (Kind != kind)
        {
            return false;
        }

        Take();
        return true;
    }

    public Token Expect(TokenKind kind) => Kind == kind ? Take() : throw Error("invalid syntax");

    public string ExpectName() => Kind == TokenKind.Name
        ? (string)Take().Value! // a name token holds its name
        : throw Error("invalid syntax");

    public SyntaxException Error(string message) => new(message, Current.Line);

    /// <summary>Goes one level deeper into the source.</summary>
    public void Enter()
    {
        if (++Depth > vm.Limits.MaxParseDepth)
        {
            throw new BudgetException(
                ProgramOutcome.Error,
                FormattableString.Invariant($"nesting budget of {vm.Limits.MaxParseDepth} levels of source exceeded"));
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new StackShortageException();
        }
    }

    public void Leave() => Depth--;
}
