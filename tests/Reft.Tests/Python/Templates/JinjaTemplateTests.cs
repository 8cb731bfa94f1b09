using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Reft.Python;
using Reft.Python.Templates;

namespace Reft.Tests.Python.Templates;

/// <summary>Templates against what Jinja2 3.1.6 made of them: see eng/golden/make_template_features.py and make_chat_templates.py.</summary>
public sealed class JinjaTemplateTests
{
    private static readonly JsonObject NoVariables = [];

    public static TheoryData<string, string, string> Features
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var one in Read("template_features.json")["cases"]!.AsArray())
            {
                data.Add((string)one!["template"]!, (string)one["outcome"]!, (string)one["text"]!);
            }

            return data;
        }
    }

    public static TheoryData<string> Endless => new(
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
        "{{ 'x' * 10000000000 }}",
        "{% set ns = namespace(s='x') %}{% for i in range(99999) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% for i in range(99999) %}{{ 'x' * 10000 }}{% endfor %}",
        "{{ 2 ** 1000000000 }}",
        "{{ range(99999) | map('string') | join(',' * 1000000) }}",
        "{% for i in [[1]] recursive %}{{ loop([i]) }}{% endfor %}",
        "{{ [range(99999)] * 99999999 | length }}",
        "{{ 'a' | center(10000000000) }}",
        "{{ '%10000000000d' % 1 }}",
        "{{ '{:>10000000000}'.format(1) }}",
        "{{ range(99999) | batch(1) | list | tojson(indent=100000) }}",
        "{{ range(9) | slice(10000000000) | list }}");

    [Theory]
    [MemberData(nameof(Features))]
    public void Render_Feature_GivesWhatJinja2Gives(string template, string outcome, string text)
    {
        var (kind, made) = Try(template, Read("template_features.json")["variables"]!.AsObject());

        Assert.Equal(outcome, kind);
        if (kind == "text")
        {
            Assert.Equal(text, made);
        }
    }

    [Fact]
    public void Render_EveryCollectedTemplate_GivesWhatJinja2Gives()
    {
        var folder = SharedData.Require("cases", "models", "chat-templates");
        var conversations = Read("conversations.json").AsObject();
        var (same, wrong) = (0, new List<string>());
        foreach (var line in File.ReadLines(Path("chat_templates.tsv")))
        {
            var (name, words) = line.Split('\t') is [var first, var rest] ? (first, rest.Split(' ')) : default;
            var source = File.ReadAllText(System.IO.Path.Combine(folder, name + ".jinja"));
            foreach (var ((title, variables), word) in conversations.Zip(words))
            {
                var (kind, text) = Try(source, variables!.AsObject());
                var got = kind == "text"
                    ? "t" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..4]
                    : kind[..1].ToUpperInvariant();
                if (got == word)
                {
                    same++;
                }
                else
                {
                    wrong.Add($"{name} {title}: {kind} {text[..Math.Min(text.Length, 200)]}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(102 * 45, same);
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public void Render_TemplateThatNeverEnds_IsStoppedByABudget(string template)
    {
        var options = new JinjaOptions { Limits = new ProgramLimits { MaxSteps = 2_000_000, MaxRecursion = 200 } };

        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template, options).Render(NoVariables));

        // A recursion may also end as Python's own RecursionError.
        Assert.True(error.Fault is JinjaFault.Budget or JinjaFault.Type, error.Message);
    }

    [Fact]
    public void Parse_DeepNesting_IsRefused()
    {
        foreach (var deep in new[]
        {
            string.Concat("{{ ", new string('(', 5000), "1", new string(')', 5000), " }}"),
            string.Concat(Enumerable.Repeat("{% if true %}", 5000)),
            "{{ " + string.Concat(Enumerable.Repeat("not ", 5000)) + "1 }}",
            "{{ " + string.Concat(Enumerable.Repeat("-", 5000)) + "1 }}",
        })
        {
            Assert.Equal(JinjaFault.Budget, Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(deep)).Fault);
        }
    }

    [Theory]
    [InlineData("a\nb {{ missing.x }}", 2, 13)]
    [InlineData("a\r\nb\r{% set x = %}", 3, 12)]
    [InlineData("{% if true %}\n{{ 'a' + 1 }}{% endif %}", 2, 8)]
    [InlineData("{% for x in 5 %}{% endfor %}", 1, 13)]
    [InlineData("{{ raise_exception('no') }}", 1, 19)]
    [InlineData("one\n  {% nosuch %}", 2, 6)]
    public void Error_SaysWhereItIs(string template, int line, int column)
    {
        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render(NoVariables));

        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.StartsWith($"line {line}, column {column}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% include 'x' %}", "include")]
    [InlineData("{% extends 'x' %}", "extends")]
    [InlineData("{% block x %}{% endblock %}", "block")]
    [InlineData("{% autoescape true %}{% endautoescape %}", "autoescape")]
    [InlineData("{{ [1] | random }}", "random")]
    [InlineData("{{ 'a' | urlize }}", "urlize")]
    [InlineData("{{ lipsum() }}", "lipsum")]
    [InlineData("{{ {}.items }}", "text of a function")]
    [InlineData("{{ ('a' | safe) + 'b' }}", "marked as safe")]
    [InlineData("{{ 'ΣΑΣ'.lower() }}", "str.lower")]
    public void Render_WhatJinja2HasAndThisHasNot_IsRefusedByName(string template, string named)
    {
        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render(NoVariables));

        Assert.Equal(JinjaFault.Unsupported, error.Fault);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Generation_NotesWhatTheModelIsToHaveWritten()
    {
        var rendering = JinjaTemplate.Parse("a{% generation %}bc{% endgeneration %}d{% generation %}{% endgeneration %}{% generation %}e{% endgeneration %}").Render(NoVariables);

        Assert.Equal("abcde", rendering.Text);
        Assert.Equal([1..3, 4..4, 4..5], rendering.Generated);
        Assert.Throws<JinjaException>(() =>
            JinjaTemplate.Parse("{% set x %}{% generation %}b{% endgeneration %}{% endset %}").Render(NoVariables));
    }

    [Fact]
    public void Render_SeveralThreads_GiveTheSameText()
    {
        var template = JinjaTemplate.Parse("{% set ns = namespace(n=0) %}{% for i in range(500) %}{% set ns.n = ns.n + i * k %}{% endfor %}{{ ns.n }}");
        var texts = new string[64];

        Parallel.For(0, texts.Length, k => texts[k] = template.Render(new JsonObject { ["k"] = k }).Text);

        Assert.Equal(Enumerable.Range(0, texts.Length).Select(k => $"{124_750L * k}"), texts);
    }

    [Fact]
    public void Render_MutatedTemplates_NeverFailOtherwiseThanByAJinjaException()
    {
        var variables = Read("template_features.json")["variables"]!.AsObject();
        string[] sources = [.. Read("template_features.json")["cases"]!.AsArray().Select(one => (string)one!["template"]!)];
        var random = new Random(5);
        var options = new JinjaOptions { Limits = new ProgramLimits { MaxSteps = 100_000 } };
        var rendered = 0;
        for (var i = 0; i < 5000; i++)
        {
            var text = new StringBuilder(sources[random.Next(sources.Length)]);
            for (var edits = random.Next(1, 5); edits > 0 && text.Length > 0; edits--)
            {
                var (at, other) = (random.Next(text.Length), sources[random.Next(sources.Length)]);
                var from = random.Next(other.Length);
                switch (random.Next(3))
                {
                    case 0:
                        text.Remove(at, Math.Min(random.Next(1, 4), text.Length - at));
                        break;
                    case 1:
                        text.Insert(at, other[from..Math.Min(other.Length, from + random.Next(1, 6))]);
                        break;
                    default:
                        text[at] = other[from];
                        break;
                }
            }

            try
            {
                _ = JinjaTemplate.Parse(text.ToString(), options).Render(variables);
                rendered++;
            }
            catch (JinjaException)
            {
            }
        }

        Assert.InRange(rendered, 500, 4900);
    }

    private static (string Kind, string Text) Try(string template, JsonObject variables)
    {
        try
        {
            return ("text", JinjaTemplate.Parse(template, new JinjaOptions { Clock = new FixedClock() }).Render(variables).Text);
        }
        catch (JinjaException error)
        {
            return (error.Fault.ToString().ToLowerInvariant(), error.Message);
        }
    }

    private static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Python", "Golden", name);

    private static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Path(name)))!;

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 3, 7, 9, 5, 3, TimeSpan.Zero);
    }
}
