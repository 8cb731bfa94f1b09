using Reft.Generation;
using Reft.Leases;

namespace Reft.Tests.Leases;

/// <summary>Requests are parted into leases, each once; answers are entered once, and compared when they come again.</summary>
public sealed class LeaseBookTests
{
    private static readonly SamplingOptions _sampling = new()
    {
        Temperature = 0.7,
        TopK = 3,
        TopP = 0.9,
        MinP = 0.01,
        MaxTokens = 4,
        StopTokens = [0, 9],
        Seed = 18_000_000_000_000_000_001,
        ScoresUnfiltered = true,
    };

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 3)]
    [InlineData(5, 1)]
    [InlineData(9, 1)]
    public void Part_Requests_KeepsTheSamplesOfAProblemTogether(int problems, int leases)
    {
        var requests = Requests(problems: 5, samples: 3);

        var parts = new LeaseSize(problems, int.MaxValue, _ => 4).Part(requests);

        Assert.Equal(leases, parts.Count);
        Assert.Equal(Enumerable.Range(0, 15), parts.SelectMany(part => part).Order());
        Assert.All(parts, part => Assert.Equal(0, part.Count % 3));
        Assert.Equal(5, parts.Sum(part => part.Select(place => requests[place].Problem).Distinct().Count()));
    }

    [Fact]
    public void Part_ProblemLargerThanAMessage_GivesSeveralThatFit()
    {
        var requests = Requests(problems: 2, samples: 10);
        const int Most = LeaseAnswer.HeadBytes + 100; // Two completions of four tokens take 80 bytes, three 120.

        var parts = new LeaseSize(8, Most, _ => 4).Part(requests);

        Assert.Equal(Enumerable.Range(0, 20), parts.SelectMany(part => part).Order());
        Assert.All(parts, part => Assert.InRange(part.Count, 1, 2));
        Assert.All(parts, part => Assert.True(LeaseAnswer.Of("0.0.0", "a", part.Select(place => Drawn(requests[place], 4))).ToBytes().Length <= Most));
    }

    [Fact]
    public void Part_CompletionLargerThanAMessage_IsRefusedAndSaysWhatToDo()
    {
        var error = Assert.Throws<InputException>(() => new LeaseSize(8, 5000, _ => 1000).Part(Requests(1, 1)));

        Assert.Contains("larger max_payload", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lease_ThroughBytes_IsTheSame()
    {
        GenerationRequest[] requests = [new(ulong.MaxValue, 7, [1, 2, 300_000]) { Asked = 2 }, new(0, 0, [5])];
        var lease = new Lease("1.2.3", 1, new WeightsVersion(4, "ab"), _sampling, 17, 64, requests);

        var again = Lease.FromBytes(lease.ToBytes());

        Assert.Equal((lease.Id, lease.Copy, lease.Weights, lease.Step, lease.Slots), (again.Id, again.Copy, again.Weights, again.Step, again.Slots));
        Assert.Equal(_sampling with { StopTokens = again.Sampling.StopTokens }, again.Sampling);
        Assert.Equal(_sampling.StopTokens, again.Sampling.StopTokens);
        Assert.Equal(requests.Select(r => (r.Problem, r.Sample, r.Asked)), again.Requests.Select(r => (r.Problem, r.Sample, r.Asked)));
        Assert.Equal(requests.Select(r => r.Prompt), again.Requests.Select(r => r.Prompt));
    }

    [Fact]
    public void FromBytes_EveryFlippedBit_IsNoticed()
    {
        var bytes = LeaseAnswer.Of("0.0.0", "a", [Drawn(Requests(1, 1)[0], 2)]).ToBytes();

        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<LeaseException>(() => LeaseAnswer.FromBytes(damaged));
        }
    }

    [Fact]
    public void Enter_AnswersInAnyOrder_FillsEveryPlaceOnce()
    {
        var requests = Requests(problems: 4, samples: 2);
        var book = Book(requests, isChecked: false);
        var seen = new List<int>();

        foreach (var lease in book.Offers.Reverse())
        {
            Assert.False(book.IsComplete);
            seen.AddRange(book.Enter(Answer(lease, "a")).Select(one => one.Place));
            Assert.Empty(book.Enter(Answer(lease, "b"))); // Again, by another one: equal, and nothing new.
        }

        Assert.True(book.IsComplete);
        Assert.Equal(Enumerable.Range(0, 8), seen.Order());
        Assert.Equal((2, 2, 2), (book.Count, book.ByWorkers, book.Compared));
    }

    [Fact]
    public void Enter_OfAnotherDraw_ChangesNothing()
    {
        var book = Book(Requests(1, 1), isChecked: false);

        Assert.Empty(book.Enter(new LeaseAnswer("9.9.9", "a", [1])));
        Assert.False(book.IsComplete);
    }

    [Fact]
    public void Enter_CheckedLease_NeedsTwoWorkersOrTheTrainer()
    {
        var two = Book(Requests(1, 1), isChecked: true);
        Assert.Equal(2, two.Offers.Count);
        two.Enter(Answer(two.Offers[0], "a"));
        two.Enter(Answer(two.Offers[0], "a"));
        Assert.False(two.IsComplete);
        Assert.True(two.IsLeftToTrainer(["a"]));
        Assert.False(two.IsLeftToTrainer(["a", "b"]));
        two.Enter(Answer(two.Offers[0], "b"));
        Assert.True(two.IsComplete);

        var own = Book(Requests(1, 1), isChecked: true);
        own.Enter(Answer(own.Offers[0], LeaseBook.Trainer));
        Assert.True(own.IsComplete);
        Assert.Equal(0, own.ByWorkers);
    }

    [Fact]
    public void Enter_OtherBytes_NamesBothAndWhoIsRight()
    {
        var book = Book(Requests(1, 1), isChecked: true);
        var lease = book.Offers[0];
        book.Enter(Answer(lease, "good"));
        var bad = Answer(lease, "bad");
        bad.Completions[sizeof(int)] ^= 1; // The first token's lowest bit.

        var conflict = Assert.Throws<LeaseConflictException>(() => book.Enter(bad));

        var message = conflict.Explain(Answer(lease, LeaseBook.Trainer)).Message;
        Assert.StartsWith("worker good and worker bad answered lease 0.0.0 with other bytes (sample 0 of problem 0000000000000000, token 1: 1 at -0.5, 0 at -0.5)", message, StringComparison.Ordinal);
        Assert.Contains("the trainer draws as good does", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Enter_AnswerOfAnotherLength_IsRefusedAndNamesTheWorker()
    {
        var book = Book(Requests(1, 2), isChecked: false);

        var error = Assert.Throws<LeaseException>(() => book.Enter(new LeaseAnswer("0.0.0", "odd", [1, 2, 3])));

        Assert.Contains("worker odd: its answer to lease 0.0.0", error.Message, StringComparison.Ordinal);
    }

    private static GenerationRequest[] Requests(int problems, int samples) =>
        [.. Enumerable.Range(0, problems).SelectMany(p => Enumerable.Range(0, samples).Select(s => new GenerationRequest((ulong)p, s, [1, 2, 3])))];

    private static LeaseBook Book(GenerationRequest[] requests, bool isChecked) => new(
        requests, new LeaseSize(2, 1 << 20, _ => 4), (place, own) => new Lease($"0.0.{place}", 0, new WeightsVersion(0, ""), _sampling, 0, 8, own), _ => isChecked);

    private static LeaseAnswer Answer(Lease lease, string worker) => LeaseAnswer.Of(lease.Id, worker, lease.Requests.Select(request => Drawn(request, 2)));

    private static Completion Drawn(GenerationRequest request, int tokens) =>
        new(request, [.. Enumerable.Range(1, tokens)], [.. Enumerable.Repeat(-0.5f, tokens)], FinishReason.Length);
}
