using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using Reft.Chat;

// A model's folder is loaded into this process, a server's address is asked by HTTP; nothing below knows which.
using IChatClient client = args[0].StartsWith("http", StringComparison.Ordinal)
    ? new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(args[0]) }).GetChatClient(args[1]).AsIChatClient()
    : ReftChatClient.Load(args[0]);

while (Console.ReadLine() is { Length: > 0 } question)
{
    await foreach (var update in client.GetStreamingResponseAsync(question, new ChatOptions { Temperature = 0 }))
    {
        Console.Write(update.Text);
    }

    Console.WriteLine();
}
