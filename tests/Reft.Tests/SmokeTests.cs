namespace Reft.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void InputException_Message_IsKept() => Assert.Equal("x", new InputException("x").Message);
}
