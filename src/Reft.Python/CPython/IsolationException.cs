namespace Reft.Python.CPython;

/// <summary>Programs cannot be isolated on this machine; the message says which part failed.</summary>
internal sealed class IsolationException(string message) : Exception(message);
