return await Reft.Hosting.ReftHost.RunAsync(args);
