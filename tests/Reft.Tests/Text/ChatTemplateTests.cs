using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Text;

namespace Reft.Tests.Text;

public sealed class ChatTemplateTests
{
    private const string ChatMl = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static readonly ChatMessage[] Question = [new("system", "Be brief."), new("user", "1 + 1?")];

    [Fact]
    public void Find_FolderWithoutTemplate_IsNull()
    {
        using var folder = TokenizerFolder.WithJson().Write("tokenizer_config.json", """{"bos_token":"<s>"}""");

        Assert.Null(ChatTemplate.Find(folder.Path));
    }

    [Fact]
    public void Render_TemplateOfTokenizerConfig_PutsTheConversation()
    {
        using var folder = TokenizerFolder.WithJson().Write("tokenizer_config.json", Config(JsonSerializer.Serialize(ChatMl)));
        var template = ChatTemplate.Find(folder.Path)!;

        Assert.Equal(["default"], template.Names);
        Assert.Equal(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n1 + 1?<|im_end|>\n<|im_start|>assistant\n", template.Render(Question));
        Assert.Equal(
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n",
            template.Render([new("user", "Hi"), new("assistant", "Ho")], addGenerationPrompt: false));
    }

    [Fact]
    public void Find_JinjaFile_GoesBeforeTheConfigs()
    {
        using var folder = TokenizerFolder.WithJson().Write("tokenizer_config.json", Config("\"config\"")).Write("chat_template.jinja", "file\n");

        Assert.Equal("file", ChatTemplate.Find(folder.Path)!.Render(Question));
    }

    [Fact]
    public void Render_NamedTemplates_ChooseByTools()
    {
        using var folder = TokenizerFolder.WithJson().Write(
            "tokenizer_config.json",
            Config("""[{"name":"tool_use","template":"T{{ tools | length }}"},{"name":"default","template":"D{{ tools }}"}]"""));
        var template = ChatTemplate.Find(folder.Path)!;

        Assert.Equal("DNone", template.Render(Question));
        Assert.Equal("T2", template.Render(Question, variables: new JsonObject { ["tools"] = new JsonArray(1, 2) }));
    }

    [Fact]
    public void Render_SpecialTokensAndVariables_AreKnown()
    {
        using var folder = TokenizerFolder.WithJson().Write(
            "tokenizer_config.json",
            """{"bos_token":{"content":"<s>"},"eos_token":"</s>","pad_token":null,"chat_template":"{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}{{ thinking }}"}""");
        var template = ChatTemplate.Find(folder.Path)!;

        Assert.Equal("<s></s>False", template.Render(Question));
        Assert.Equal("<s></s>Falseoff", template.Render(Question, variables: new JsonObject { ["thinking"] = "off" }));
    }

    [Fact]
    public void Render_WhatTheTemplateRefuses_NamesFileAndPlace()
    {
        using var folder = TokenizerFolder.WithJson().Write(
            "chat_template.jinja", "{% if messages[0].role == 'system' %}\n{{ raise_exception('System role not supported') }}{% endif %}x");
        var template = ChatTemplate.Find(folder.Path)!;

        Assert.Equal("x", template.Render([new("user", "Hi")]));
        var error = Assert.Throws<InputException>(() => template.Render(Question));
        Assert.EndsWith("chat_template.jinja: chat template, line 2, column 19: System role not supported", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_DamagedTemplate_NamesFileAndPlace()
    {
        using var folder = TokenizerFolder.WithJson().Write("tokenizer_config.json", Config("\"{% if %}\""));

        var error = Assert.Throws<InputException>(() => ChatTemplate.Find(folder.Path));

        Assert.Contains("tokenizer_config.json: chat template, line 1, column 7: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% for m in messages %}[{{ m.role }}]{{ m.content }}<e>\n{% endfor %}", 3)]
    [InlineData("{% for m in messages %}[{{ m.role }}]{{ m.content }} <e>{% endfor %}", 3)]
    [InlineData("{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}", null)]
    [InlineData("{{ raise_exception('no') }}", null)]
    [InlineData("nothing of it", null)]
    public void EndOfTurn_IsTheSpecialTokenBehindTheAnswer(string template, int? expected)
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"<unk>":0,"a":1,"b":2}""", merges: "[]", added: """[{"id":3,"content":"<e>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false}]""")
            .Write("chat_template.jinja", template);

        Assert.Equal(expected, ChatTemplate.Find(folder.Path)!.EndOfTurn(Tokenizer.Load(folder.Path)));
    }

    [Fact]
    public void Render_Qwen3_IsTheTokensThatTheModelKnows()
    {
        var folder = SharedData.Require("golden", "tokenizers", "qwen3-hf");
        Assert.SkipUnless(ChatTemplate.Find(folder) is not null, "the golden tokenizer has no chat template");
        var (template, tokenizer) = (ChatTemplate.Find(folder)!, Tokenizer.Load(folder));

        var ids = tokenizer.Encode(template.Render([new("user", "Hi")]), addSpecialTokens: false);

        Assert.Equal("<|im_start|>", tokenizer.IdToToken(ids[0]));
        Assert.Equal(tokenizer.TokenToId("<|im_end|>"), template.EndOfTurn(tokenizer));
    }

    private static string Config(string template) => $$"""{"chat_template":{{template}}}""";
}
