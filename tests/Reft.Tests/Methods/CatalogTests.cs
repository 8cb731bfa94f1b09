using Reft.Methods;
using Reft.Outside;

namespace Reft.Tests.Methods;

/// <summary>A catalog with things of one's own.</summary>
public sealed class CatalogTests
{
    [Fact]
    public void With_ThingsOfManyKinds_AreEachInTheirPlace()
    {
        var catalog = Catalog.Default.With(new LengthReward(), new PipeFormat(), RankedMethod.Method);

        Assert.Equal([.. Catalog.Default.Rewards, new LengthReward()], catalog.Rewards);
        Assert.Equal([.. Catalog.Default.MethodNames, "ranked"], catalog.MethodNames);
        // One's own is asked first whether a file is its.
        Assert.Equal(["pipe", .. Catalog.Default.Formats.Select(format => format.Name)], catalog.Formats.Select(format => format.Name));
        Assert.Equal(Catalog.Default.Curricula, catalog.Curricula);
    }

    [Fact]
    public void With_NameThatIsThere_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Catalog.Default.With(new LengthReward(), new LengthReward { Most = 3 }));

        Assert.Contains("'length' is the name of more than one IReward", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Catalog.Default.With(Catalog.Default.Methods[0]));
    }

    [Fact]
    public void With_ThingOfNoKind_IsRefused() =>
        Assert.Contains("Nothing is of no kind", Assert.Throws<ArgumentException>(() => Catalog.Default.With(new Nothing())).Message, StringComparison.Ordinal);

    private sealed record Nothing : INamed
    {
        public string Name => "nothing";

        public string Summary => "of no kind";
    }
}
