using System.Text.Json;
using Reft.Problems;
using Reft.Text;
using Reft.Text.Prompts;

namespace Reft.Tests.Text;

/// <summary>The one way from text to prompt tokens.</summary>
public sealed class PromptTokensTests
{
    private const string Llama2 = "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token }}[INST] {{ m.content }} [/INST]"
        + "{% elif m.role == 'assistant' %} {{ m.content }} {{ eos_token }}{% endif %}{% endfor %}";

    private const string ChatMl = "{% for m in messages %}<s>{{ m.role }}\n{{ m.content }}</s>\n{% endfor %}"
        + "{% if add_generation_prompt %}<s>assistant\n{% endif %}";

    private static readonly Problem Problem = new("p", "How many?", "3") { Solution = "1+2=3." };

    /// <summary>The class, the flags of tokenizer_config.json, and whether tokenizer.json puts the first token, against what Transformers puts.</summary>
    [Theory]
    [InlineData("LlamaTokenizerFast", """ "add_bos_token":true,"add_eos_token":false """, false, true, false)] // DeepSeek-V3
    [InlineData("LlamaTokenizer", "", false, true, false)]
    [InlineData("LlamaTokenizer", """ "add_bos_token":false """, true, false, false)]
    [InlineData("GemmaTokenizer", """ "add_eos_token":true """, true, true, true)]
    [InlineData("PreTrainedTokenizerFast", "", true, true, false)] // Llama 3
    [InlineData("PreTrainedTokenizerFast", "", false, false, false)]
    [InlineData("Qwen2Tokenizer", """ "add_bos_token":false """, false, false, false)]
    [InlineData("GPT2Tokenizer", """ "add_bos_token":true """, false, true, false)]
    [InlineData("GPT2Tokenizer", """ "add_bos_token":true """, true, true, false)] // once
    public void Opening_OfClassFlagsAndPostProcessor_IsTransformers(string kind, string flags, bool processed, bool begins, bool ends)
    {
        using var folder = Folder(kind, flags, processed);
        var tokenizer = Tokenizer.Load(folder.Path);
        var (bos, eos) = (tokenizer.TokenToId("<s>")!.Value, tokenizer.TokenToId("</s>")!.Value);
        var text = tokenizer.Encode("Hi", addSpecialTokens: false);

        Assert.Equal((int[])[.. begins ? new[] { bos } : [], .. text, .. ends ? new[] { eos } : []], tokenizer.Encode("Hi", addSpecialTokens: true));
        // A prompt is gone on from: nothing ends it.
        Assert.Equal((int[])[.. begins ? new[] { bos } : [], .. text], tokenizer.EncodePrompt("Hi"));
    }

    [Fact]
    public void PromptTokens_BetweenMarks_BeginOnce()
    {
        using var folder = Folder("LlamaTokenizer", "", processed: true);
        var tokenizer = Tokenizer.Load(folder.Path);

        var tokens = new PromptTemplate().PromptTokens(tokenizer, "How many?");

        Assert.Equal(tokenizer.BosId, tokens[0]);
        Assert.Equal("<s>Question:\nHow many?\nAnswer reasoning:\n", tokenizer.Decode(tokens, skipSpecialTokens: false));
    }

    [Fact]
    public void Prompt_MarksOfOnesOwn_StandOneBehindTheOther()
    {
        var template = new PromptTemplate { Form = new MarkedPrompt { System = "S\n", Instruction = "I\n", Question = "Q: ", Answer = "\nA:" } };

        Assert.Equal("S\nI\nQ: How many?\nA:", template.Prompt(" How many?\n"));
    }

    [Fact]
    public void PromptTokens_Chat_HaveTheTemplatesBeginningOnceThoughTheTokenizerPutsOne()
    {
        using var folder = Folder("LlamaTokenizer", "", processed: true).Write("chat_template.jinja", Llama2);
        var tokenizer = Tokenizer.Load(folder.Path);
        var template = new PromptTemplate { Form = new ChatPrompt { Instruction = "Think." } }.For(folder.Path);

        var tokens = template.PromptTokens(tokenizer, "How many?");

        Assert.Equal("<s>[INST] How many?\nThink. [/INST]", tokenizer.Decode(tokens, skipSpecialTokens: false));
        Assert.Equal(1, tokens.Count(token => token == tokenizer.BosId));
    }

    /// <summary>Prompt and target together are the tokens of the conversation as the template renders it, up to what ends the turn.</summary>
    [Theory]
    [InlineData(Llama2)]
    [InlineData(ChatMl)]
    public void TargetTokens_Chat_AreThoseOfTheWholeConversation(string jinja)
    {
        using var folder = Folder("LlamaTokenizer", "", processed: false).Write("chat_template.jinja", jinja);
        var tokenizer = Tokenizer.Load(folder.Path);
        var template = new PromptTemplate { Form = new ChatPrompt { System = "Be brief." } }.For(folder.Path);
        var end = template.Chat!.EndOfTurn(tokenizer)!.Value;

        var prompt = template.PromptTokens(tokenizer, Problem.Question);
        var target = template.TargetTokens(tokenizer, Problem.Question, prompt, template.Target(Problem));

        var whole = tokenizer.Encode(
            template.Chat.Render(
                [new("system", "Be brief."), new("user", "How many?"), new("assistant", "1+2=3.\nTherefore, the answer is: 3")],
                addGenerationPrompt: false),
            addSpecialTokens: false);
        Assert.Equal(whole[..(Array.LastIndexOf(whole, end) + 1)], (int[])[.. prompt, .. target, end]);
    }

    [Fact]
    public void TargetTokens_TemplateThatDropsThoughts_GoOnFromThePrompt()
    {
        // As Qwen 3's and DeepSeek's do with earlier turns.
        const string Drops = "{% for m in messages %}[{{ m.role }}]{{ m.content.split('.')[-1] }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
        using var folder = Folder("LlamaTokenizer", "", processed: false).Write("chat_template.jinja", Drops);
        var tokenizer = Tokenizer.Load(folder.Path);
        var template = new PromptTemplate { Form = new ChatPrompt() }.For(folder.Path);
        var prompt = template.PromptTokens(tokenizer, Problem.Question);

        Assert.Equal(
            tokenizer.EncodeResponse(prompt, template.Target(Problem)),
            template.TargetTokens(tokenizer, Problem.Question, prompt, template.Target(Problem)));
    }

    [Fact]
    public void For_FolderWithoutTemplate_SaysWhatToDo()
    {
        using var folder = Folder("LlamaTokenizer", "", processed: false);

        var error = Assert.Throws<InputException>(() => new PromptTemplate { Form = new ChatPrompt() }.For(folder.Path));

        Assert.Contains("no chat template", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_TemplateThatAsksForTheDate_HasTheConfigsAlways()
    {
        using var folder = Folder("LlamaTokenizer", "", processed: false)
            .Write("chat_template.jinja", "{{ strftime_now('%d %b %Y') }}: {{ messages[0].content }}");

        Assert.Equal("26 Jul 2024: ?", new PromptTemplate { Form = new ChatPrompt() }.For(folder.Path).Prompt("?"));
        Assert.Equal(
            "01 Feb 2025: ?", new PromptTemplate { Form = new ChatPrompt { Date = "2025-02-01" } }.For(folder.Path).Prompt("?"));
        Assert.Equal(
            ["answers.prompt.date is 'tomorrow': it must look like 2024-07-26"], new ChatPrompt { Date = "tomorrow" }.Validate("answers.prompt"));
    }

    [Fact]
    public void Mark_TellsPromptsApartButForThePapersOwn()
    {
        using var plain = Folder("PreTrainedTokenizerFast", "", processed: false).Write("chat_template.jinja", ChatMl);
        using var begins = Folder("LlamaTokenizer", "", processed: false);
        var tokenizer = Tokenizer.Load(plain.Path);
        var forms = new IPromptForm[]
        {
            new ChatPrompt(), new ChatPrompt { System = "" }, new ChatPrompt { System = "S" }, new MarkedPrompt { Answer = "A:" },
        };

        Assert.Null(new PromptTemplate().Mark(tokenizer));
        Assert.NotNull(new PromptTemplate().Mark(Tokenizer.Load(begins.Path)));
        Assert.Distinct(forms.Select(form => new PromptTemplate { Form = form }.For(plain.Path).Mark(tokenizer)));
    }

    /// <summary>A byte-level tokenizer with tokens that begin and end a text.</summary>
    private static TokenizerFolder Folder(string kind, string flags, bool processed)
    {
        var folder = new TokenizerFolder();
        BpeTrainer.Train(
            ["How many? 1+2=3."], new BpeTrainerOptions { VocabularySize = 270, SpecialTokens = ["<s>", "</s>"], BosToken = "<s>", EosToken = "</s>" },
            folder.Path);
        var config = $$"""{"tokenizer_class":"{{kind}}","bos_token":"<s>","eos_token":"</s>"{{(flags.Length == 0 ? "" : "," + flags)}}}""";
        folder.Write("tokenizer_config.json", config);
        if (processed)
        {
            var path = Path.Combine(folder.Path, "tokenizer.json");
            var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
            json["post_processor"] = System.Text.Json.Nodes.JsonNode.Parse("""
                {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                 "pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}}
                """);
            folder.Write("tokenizer.json", json.ToJsonString(new JsonSerializerOptions()));
        }

        return folder;
    }
}
