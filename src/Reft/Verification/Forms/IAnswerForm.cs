using Reft.Answers;

namespace Reft.Verification.Forms;

/// <summary>A form in which a model gives its answers: what it is taught to write, and who finds the answer in it.</summary>
public interface IAnswerForm : INamed
{
    /// <summary>Whether answers of a style can be given in this form.</summary>
    bool Takes(AnswerStyle style);

    /// <summary>What a model should write after the prompt.</summary>
    /// <param name="style">What answers are; one that the form takes.</param>
    /// <param name="solution">The solution, in words or as a program.</param>
    /// <param name="answer">Its answer, as the data writes it.</param>
    string Completion(AnswerStyle style, string solution, string answer);

    /// <summary>Verifies answers in this form, by the verifier of the style's own form, which the result releases if it is disposable.</summary>
    IVerifier Create(IVerifier plain);
}
