using System.Text.Json;
using Reft.Hosting.Watching;
using Reft.Methods;
using Reft.Tests.Reporting;

namespace Reft.Tests.Watching;

/// <summary>The pages of <c>reft watch</c> in a real browser, while runs are written.</summary>
[Trait("Category", "Slow")]
public sealed class WatchPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_WhileTheyAreWritten_GoOnInPlace()
    {
        Assert.SkipWhen(Browser.Path is null, "needs Chromium");
        Make("a", 30, "running");
        Make("b", 40, "finished");
        await using var server = await WatchServer.StartAsync([_folder["runs"]], 0, Catalog.Default);
        await using var browser = await Browser.StartAsync(1280, 700);
        await browser.OpenAsync(server.Address, "document.querySelector('.pulse')?.textContent === 'live'");
        await browser.ValueAsync("window.mark = 1");

        Assert.Equal("a running 30 of 80|b finished 40 of 40", await Rows(browser));
        // One curve a run in the chart of accuracies, and in others.
        Assert.Equal(2, await Count(browser, "[...document.querySelectorAll('.chart')].find(c => c.querySelector('h4').textContent === 'Strict accuracy on dev').querySelectorAll('path.curve')"));
        Assert.True(await Count(browser, "document.querySelectorAll('.chart:not([hidden])')") >= 8);
        await Picture(browser, "runs.png");

        // Sorted by what a head says, either way.
        await browser.ValueAsync("document.querySelector('th[data-column=steps] button').click()");
        Assert.Equal("b finished 40 of 40|a running 30 of 80", await Rows(browser));
        await browser.ValueAsync("document.querySelector('th[data-column=steps] button').click()");
        Assert.Equal("a running 30 of 80|b finished 40 of 40", await Rows(browser));

        // The run writes: rows and curves go on, and the place on the page stays.
        await browser.ValueAsync("scrollTo({ top: 300, behavior: 'instant' })");
        var place = await browser.ValueAsync("scrollY");
        var before = await browser.ValueAsync("[...document.querySelectorAll('.chart')].find(c => c.querySelector('h4').textContent === 'Correct rollouts').querySelector('path.curve.s1').getAttribute('d').length");
        Grow("a", 30, 60);
        await browser.WaitAsync("document.querySelector('tr[data-run=a] td[data-column=steps]').textContent.startsWith('60')");
        Assert.Equal(place.GetDouble(), (await browser.ValueAsync("scrollY")).GetDouble());
        var after = await browser.ValueAsync("[...document.querySelectorAll('.chart')].find(c => c.querySelector('h4').textContent === 'Correct rollouts').querySelector('path.curve.s1').getAttribute('d').length");
        Assert.True(after.GetInt32() > before.GetInt32());
        // By steps again: it has more now.
        Assert.Equal("b finished 40 of 40|a running 60 of 80", await Rows(browser));

        // A run appears, one is taken out of the drawings, one's process is gone, and one goes on.
        Make("c/seed-1", 5, "stopped");
        await browser.WaitAsync("document.querySelectorAll('tr[data-run]').length === 3");
        await browser.ValueAsync("document.querySelector('tr[data-run=b] input').click()");
        Assert.Equal(2, await Count(browser, "[...document.querySelectorAll('.chart')].find(c => c.querySelector('h4').textContent === 'Strict accuracy on dev').querySelectorAll('path.curve')"));
        File.WriteAllText(_folder["runs/a/.lock.owner"], $"process {int.MaxValue - 7} (reft) on {Environment.MachineName}\n");
        await browser.WaitAsync("document.querySelector('tr[data-run=a] .state').textContent === 'crashed'");
        File.WriteAllText(_folder["runs/c/seed-1/status.json"], """{"state":"running","step":0,"of":5,"reason":"","at":"2026-01-01T00:00:00+00:00"}""");
        await browser.WaitAsync("document.querySelector('tr[data-run=\"c/seed-1\"] td[data-column=state]').textContent.includes('went on from 5')");

        // Narrow, nothing is wider than the screen.
        await browser.ResizeAsync(390, 800);
        await browser.ValueAsync("scrollTo({ top: 0, behavior: 'instant' })");
        Assert.True((await browser.ValueAsync("document.documentElement.scrollWidth <= innerWidth")).GetBoolean());
        await Picture(browser, "runs-narrow.png");

        Assert.Equal(1, (await browser.ValueAsync("window.mark")).GetInt32());
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Run_WhileItIsWritten_KeepsWhatIsBeingRead()
    {
        Assert.SkipWhen(Browser.Path is null, "needs Chromium");
        Make("a", 40, "running");
        await using var server = await WatchServer.StartAsync([_folder["runs/a"]], 0, Catalog.Default);
        await using var browser = await Browser.StartAsync(1280, 700);
        await browser.OpenAsync(server.Address, "document.querySelector('tr[data-run=a] a')");
        await browser.ValueAsync("document.querySelector('tr[data-run=a] a').click()");
        await browser.WaitAsync("document.querySelector('.pulse')?.textContent === 'live' && document.getElementById('curves')");
        await Task.Delay(1500, TestContext.Current.CancellationToken); // The first event, after which nothing changes.
        await browser.ValueAsync("window.mark = 1");
        await browser.ValueAsync("document.querySelector('#completions input').value = 'solution'; document.querySelector('#completions input').dispatchEvent(new Event('input', { bubbles: true }))");
        await browser.ValueAsync("document.getElementById('evaluations').scrollIntoView({ behavior: 'instant' })");
        var top = (await browser.ValueAsync("document.getElementById('evaluations').getBoundingClientRect().top")).GetDouble();
        var shown = await browser.ValueAsync("document.querySelector('#completions .filters .hint').textContent");

        Grow("a", 40, 70);
        await browser.WaitAsync("document.getElementById('summary').textContent.includes('70')");

        Assert.Equal(top, (await browser.ValueAsync("document.getElementById('evaluations').getBoundingClientRect().top")).GetDouble(), 2.0);
        // The list that was searched is as it was, until it is asked for the newest.
        Assert.Equal("solution", (await browser.ValueAsync("document.querySelector('#completions input').value")).GetString());
        Assert.Equal(shown.GetString(), (await browser.ValueAsync("document.querySelector('#completions .filters .hint').textContent")).GetString());
        await browser.WaitAsync("document.querySelector('#completions .newest')");
        await browser.ValueAsync("document.querySelector('#completions .newest').click()");
        Assert.Equal("", (await browser.ValueAsync("document.querySelector('#completions input').value")).GetString());
        Assert.Equal(1, (await browser.ValueAsync("window.mark")).GetInt32());
        await browser.ValueAsync("scrollTo({ top: 0, behavior: 'instant' })");
        await Picture(browser, "run.png");

        // The server ends: the page says so and stays.
        await server.DisposeAsync();
        await browser.WaitAsync("document.querySelector('.pulse').textContent === 'no connection'");
        Assert.DoesNotContain(browser.Errors, error => !error.Contains("ERR_CONNECTION", StringComparison.Ordinal) && !error.Contains("ERR_INCOMPLETE", StringComparison.Ordinal));
    }

    private void Make(string name, int steps, string state) => RunFixture.Write(
        _folder["runs/" + name], new RunFixtureOptions { Steps = steps, RolloutsPerStep = 2, Evaluations = 3, DevProblems = 10, State = state });

    /// <summary>What a run of more steps has behind its first ones.</summary>
    private void Grow(string name, int from, int to)
    {
        Make("../more", to, "running");
        foreach (var file in new[] { "metrics.jsonl", "timings.jsonl", "rollouts.jsonl" })
        {
            File.AppendAllLines(_folder[$"runs/{name}/{file}"], File.ReadLines(_folder[$"more/{file}"]).Where(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32() >= from));
        }
    }

    private static async Task<string?> Rows(Browser browser) => (await browser.ValueAsync(
        "[...document.querySelectorAll('tr[data-run]')].map(r => ['run', 'state', 'steps'].map(c => r.querySelector(`td[data-column=${c}]`).textContent.replace(/ · \\d+ alarms?/, '')).join(' ')).join('|')")).GetString();

    private static async Task<int> Count(Browser browser, string elements) => (await browser.ValueAsync($"{elements}.length")).GetInt32();

    /// <summary>Where <c>REFT_TEST_PICTURES</c> names a folder, a picture to be looked at.</summary>
    private static Task Picture(Browser browser, string name) => Environment.GetEnvironmentVariable("REFT_TEST_PICTURES") is { Length: > 0 } folder
        ? browser.PictureAsync(Path.Combine(folder, name))
        : Task.CompletedTask;
}
