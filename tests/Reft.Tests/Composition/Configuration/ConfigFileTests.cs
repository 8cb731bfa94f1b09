using Reft.Problems;
using Reft.Training;

namespace Reft.Tests.Composition.Configuration;

public sealed class ConfigFileTests
{
    [Fact]
    public void Load_LeastConfig_HasItsValuesAndTheDefaults()
    {
        var config = Configs.Read(Configs.Least);

        Assert.Equal(("sft", "runs/a", "models/a"), (config.Method, config.Run, config.Model.Path));
        Assert.Equal(("data/train.json", AnswerStyle.Program), (config.Problems.Train.Single().File, config.Answers.Style));
        Assert.Equal((2, null, 8), (config.Training.Epochs, config.Training.Steps, config.Training.BatchSize));
        Assert.Equal((1e-5, ScheduleKind.Linear), (config.Optimizer.LearningRate, config.Optimizer.Schedule));
        Assert.Equal((1ul, 0.95, 0.01), (config.Seed, config.Ppo.Lambda, config.Ppo.Kl.Coefficient));
        Assert.Null(config.Model.Fresh);
        Assert.Empty(config.Problems.Dev);
    }
}
