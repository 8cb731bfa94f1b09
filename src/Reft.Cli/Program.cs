using Reft.Cli;
return await App.RunAsync(args, Terminal.System());
