using Microsoft.Extensions.AI;
using Reft.Chat;
using Reft.Server;
using Reft.Serving;

var builder = WebApplication.CreateBuilder(args);
var folder = builder.Configuration["Reft:Model"] ?? throw new InvalidOperationException("name the model's folder: appsettings.json, or --Reft:Model FOLDER");
builder.Services.AddReft(folder, new ServingOptions { Slots = 8 });
var app = builder.Build();

// OpenAI's endpoints under /v1, for any client of that API; the model is loaded here, before the first request.
app.MapReft(app.Services.GetRequiredService<ServedModel>(), new ServerOptions { Key = builder.Configuration["Reft:Key"] });

// And one of one's own: the answer piece by piece, as server-sent events.
app.MapGet("/ask", (string question, IChatClient client, CancellationToken gone) => TypedResults.ServerSentEvents(
    client.GetStreamingResponseAsync(question, cancellationToken: gone).Select(update => update.Text).Where(text => text.Length > 0)));

app.Run();
