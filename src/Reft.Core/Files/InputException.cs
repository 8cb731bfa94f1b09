namespace Reft.Files;

/// <summary>
/// The user's input is wrong: a file, a key or a value. The message is one line that names the thing, the value
/// found and the way out, or several such lines where a config has several errors; the command line prints them without
/// a stack trace and exits with code 2.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>Creates the error with its one-line message.</summary>
    public InputException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with its one-line message and the exception that revealed it.</summary>
    public InputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
