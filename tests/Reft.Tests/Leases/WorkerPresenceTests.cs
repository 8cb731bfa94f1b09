using Reft.Leases;

namespace Reft.Tests.Leases;

public sealed class WorkerPresenceTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void IsEarly_UntilTheFirstWorkerOrTheWaitIsOver()
    {
        var presence = new WorkerPresence(TimeSpan.FromSeconds(30), _clock);
        Assert.True(presence.IsEarly);
        _clock.Pass(29);
        Assert.True(presence.IsEarly);
        _clock.Pass(1);
        Assert.False(presence.IsEarly);

        var met = new WorkerPresence(TimeSpan.FromSeconds(30), _clock);
        met.Hear("a", 0, out var isNew);
        Assert.True(isNew);
        Assert.False(met.IsEarly);
    }

    [Fact]
    public void Present_WhoIsSilentForFiveSeconds_IsNotCountedOn()
    {
        var presence = new WorkerPresence(TimeSpan.FromSeconds(30), _clock);
        presence.Hear("a", 0, out _);
        _clock.Pass(4);
        presence.Hear("b", 0, out _);
        Assert.Equal(["a", "b"], presence.Present.Order());
        _clock.Pass(2);
        Assert.Equal(["b"], presence.Present);
        presence.Leave("b");
        Assert.Empty(presence.Present);
    }

    [Fact]
    public void IsSilent_OnlyProgressAndAnswersAreNews()
    {
        var presence = new WorkerPresence(TimeSpan.FromSeconds(10), _clock);
        presence.Begin();
        Assert.True(presence.Hear("a", 5, out _));
        _clock.Pass(6);
        Assert.True(presence.Hear("a", 6, out _)); // It has drawn a token.
        _clock.Pass(6);
        Assert.False(presence.IsSilent);
        Assert.False(presence.Hear("a", 6, out _)); // It is there, and stands still.
        _clock.Pass(4);
        Assert.True(presence.IsSilent);
        presence.Answer("a");
        Assert.False(presence.IsSilent);
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(int seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
    }
}
