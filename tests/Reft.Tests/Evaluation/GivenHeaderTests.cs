using System.Text.Json;
using Reft.Answers;
using Reft.Checkpoints;
using Reft.Evaluation;
using Reft.Generation;
using Reft.Problems;
using Reft.Python;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Tests.Text;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Tests.Evaluation;

/// <summary>
/// A small Llama with a tokenizer of the SentencePiece kind that knows programs by heart: what it scores must not depend on whether
/// the prompt gives the program's header. Its decoder drops the first space of what it is given, and with the header that is a space
/// of the first line's indentation.
/// </summary>
public sealed class GivenHeaderTests : IDisposable
{
    private const string Characters = "abcdefghijklmnopqrstuvwxyzAT0123456789()=+-*/.,:?\"_";

    // Llama 2's tokenizer.json in the two forms that are published: the space before a text comes from a normalizer, which always
    // puts one, or from the pre-tokenizer, which puts one unless there is one.
    private const string Normalizer = """
        "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},
        {"type":"Replace","pattern":{"String":" "},"content":"▁"}]}
        """;

    private const string PreTokenizer = """
        "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}
        """;

    private const string Decoder = """
        "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
        {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}
        """;

    private static readonly Problem[] _problems =
    [
        Problem("apples", "Tom has 3 apples and buys 12 more. How many?", "15", "apples = 3", "result = apples + 12"),
        Problem("pears", "Ada sells 4 pears for 2 dollars each. How much?", "8", "pears = 4", "result = pears * 2"),
        Problem("now", "Tom has 2 pears and sells 2. How many?", "0", "pears = 2", "result = pears - 2"),
    ];

    private readonly TokenizerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Normalizer, false)]
    [InlineData(Normalizer, true)]
    [InlineData(PreTokenizer, false)]
    [InlineData(PreTokenizer, true)]
    public void Score_ProgramsKnownByHeart_IsWholeWithAndWithoutTheHeader(string stage, bool givesHeader)
    {
        var tokenizer = Tokenizer.Load(Write(stage));
        var template = new PromptTemplate { Style = AnswerStyle.Program, GiveProgramHeader = givesHeader };
        using var model = PretrainedModel.Initialize(Config(tokenizer.VocabularySize), ScalarType.Float32, CPU, 1);
        LearnedModel.Learn(model, tokenizer, template, _problems, maxTokens: 400, steps: 120);
        var verifier = new ProgramVerifier(new ManagedEngine());

        var evaluation = new Evaluator(
            model.Decoder, tokenizer, template, verifier, new RewardRule(), new EvaluationOptions { MaxTokens = 140, StopTokens = [0] })
            .Evaluate(_problems, new EvaluationLabel("dev", AnswerPolicy.Exact, 0));
        var rollouts = Rollouts(model, tokenizer, template, verifier).Collect(0, CancellationToken.None);

        Assert.All(evaluation.Greedy.Items, item => Assert.True(item.IsCorrect, $"{item.Detail}\n{item.Completion}"));
        Assert.All(rollouts, rollout => Assert.True(rollout.Verdict!.IsCorrect, $"{rollout.Verdict.Detail}\n{rollout.Text}"));
        if (givesHeader)
        {
            Assert.All(rollouts, rollout => Assert.StartsWith("    ", rollout.Text, StringComparison.Ordinal));
        }
    }

    private static Problem Problem(string id, string question, string answer, params string[] statements) =>
        new(id, question, answer, ProgramText.Write(question, statements));

    private static PolicyRollouts Rollouts(PretrainedModel model, Tokenizer tokenizer, PromptTemplate template, IVerifier verifier) => new(
        _problems, new PlainCurriculum(template, tokenizer), new CompletionGenerator(model.Decoder, 4), tokenizer, verifier,
        new PolicyRolloutOptions
        {
            ProblemsPerStep = _problems.Length,
            SamplesPerProblem = 1,
            Sampling = new SamplingOptions
            {
                Temperature = 0,
                TopK = 0,
                TopP = 1,
                MinP = 0,
                MaxTokens = 140,
                StopTokens = [0],
                Seed = 2,
            },
            Rewards = [new RewardRule()],
            Seed = 2,
        });

    private static string Config(int vocabulary) => $$"""
        {
          "model_type": "llama", "vocab_size": {{vocabulary}}, "eos_token_id": 0, "hidden_size": 64, "num_hidden_layers": 2,
          "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 160, "max_position_embeddings": 400,
          "rms_norm_eps": 1e-5, "tie_word_embeddings": false
        }
        """;

    private string Write(string stage)
    {
        string[] tokens =
        [
            "</s>", "<0x0A>", "▁", "▁▁", "▁▁▁▁", .. Characters.Select(c => c.ToString()),
            .. Enumerable.Range(0, 256).Where(b => b != 10).Select(b => FormattableString.Invariant($"<0x{b:X2}>")),
        ];
        var vocabulary = JsonSerializer.Serialize(tokens.Select((token, id) => (token, id)).ToDictionary(p => p.token, p => p.id));
        _folder.Write("tokenizer.json", $$"""
            {
              "added_tokens":[{"id":0,"content":"</s>","special":true}], {{stage}}, {{Decoder}},
              "model":{"type":"BPE","byte_fallback":true,"vocab":{{vocabulary}},"merges":["▁ ▁","▁▁ ▁▁"]}
            }
            """);
        return _folder.Path;
    }
}
