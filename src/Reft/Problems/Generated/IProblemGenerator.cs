using Reft.Answers;

namespace Reft.Problems.Generated;

/// <summary>Makes a set of problems; a record whose other properties are its options.</summary>
public interface IProblemGenerator : INamed
{
    /// <summary>Which of the three disjoint sets.</summary>
    GeneratedSplit Split { get; }

    /// <summary>How many, at least 1.</summary>
    int Count { get; }

    /// <summary>How many of them, the first ones, come with a solution; null for all. Answers are known of all.</summary>
    int? Solutions { get; }

    /// <summary>The name of the form that its answers are given in, with a verifier of its own; null for the forms that any problem can have.</summary>
    string? Form => null;

    /// <summary>Whether it makes problems with answers of a style.</summary>
    bool Takes(AnswerStyle style);

    /// <summary>
    /// The problems, all with solutions. The same options make the same ones on every platform, and the first n of a longer list are the
    /// shorter list.
    /// </summary>
    /// <param name="style">What answers are; one that the generator takes.</param>
    /// <exception cref="InputException">The options allow fewer different problems than <see cref="Count"/>.</exception>
    IReadOnlyList<Problem> Make(AnswerStyle style);
}
