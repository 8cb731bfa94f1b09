using Reft.Answers;

namespace Reft.Problems.Generated;

/// <summary>
/// Something that somebody does with things: "finds … on the beach", and what was done to them: "found".
/// </summary>
internal sealed record Act(string Verb, string Past, string Tail = "");

/// <summary>A kind of thing: its names, what it comes in, and how one gets and loses it.</summary>
internal sealed record Thing(
    string One, string Many, string Box, string Boxes, IReadOnlyList<Act> Gains, IReadOnlyList<Act> Losses)
{
    /// <summary>The thing's name for so many of it.</summary>
    public string For(Rational count) => count == 1 ? One : Many;
}

/// <summary>The words that stories are made of.</summary>
internal static class Words
{
    /// <summary>Names; the first eight are the plain ones.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "Mia", "Ben", "Lena", "Omar", "Ruth", "Tariq", "Nora", "Felix",
        "Amara", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kavya", "Luca",
        "Marta", "Niko", "Olga", "Paulo", "Quentin", "Rosa", "Sven", "Tala", "Umar", "Vera", "Wanda", "Xenia",
        "Yusuf", "Zoe", "Anouk", "Bilal", "Celia", "Dario", "Esra", "Finn",
    ];

    /// <summary>Things; the first six are the plain ones.</summary>
    public static IReadOnlyList<Thing> Things { get; } =
    [
        new("shell", "shells", "bucket", "buckets",
            [new("finds", "found", " on the beach"), new("digs up", "dug_up", " near the rocks"),
                new("collects", "collected")],
            [new("loses", "lost", " in the sand"), new("throws back", "thrown_back", " into the sea"),
                new("breaks", "broken")]),
        new("apple", "apples", "basket", "baskets",
            [new("picks", "picked", " from the tree"), new("buys", "bought", " at the market"),
                new("gathers", "gathered")],
            [new("eats", "eaten"), new("uses", "used", " for a pie"), new("feeds", "fed", " to the horses")]),
        new("book", "books", "shelf", "shelves",
            [new("buys", "bought", " at a fair"), new("borrows", "borrowed", " from the library"),
                new("receives", "received", " by post")],
            [new("returns", "returned", " to the library"), new("lends", "lent", " to a neighbor"),
                new("donates", "donated", " to the school")]),
        new("marble", "marbles", "bag", "bags",
            [new("wins", "won", " in a game"), new("finds", "found", " under the sofa"),
                new("trades for", "traded_for")],
            [new("loses", "lost", " in a game"), new("drops", "dropped", " down a drain"),
                new("trades away", "traded_away")]),
        new("sticker", "stickers", "sheet", "sheets",
            [new("earns", "earned", " for good work"), new("peels", "peeled", " from a magazine"),
                new("swaps for", "swapped_for")],
            [new("uses", "used", " on a card"), new("sticks", "stuck", " on the door"),
                new("tears", "torn", " by accident")]),
        new("cookie", "cookies", "tray", "trays",
            [new("bakes", "baked", " in the evening"), new("buys", "bought", " at the bakery"),
                new("decorates", "decorated")],
            [new("eats", "eaten"), new("burns", "burned", " in the oven"), new("serves", "served", " to guests")]),
        new("stamp", "stamps", "album", "albums",
            [new("cuts", "cut", " from old letters"), new("buys", "bought", " at an auction"),
                new("inherits", "inherited")],
            [new("sells", "sold", " to a collector"), new("mails", "mailed", " with letters"),
                new("misplaces", "misplaced")]),
        new("egg", "eggs", "carton", "cartons",
            [new("collects", "collected", " from the hens"), new("buys", "bought", " from a farmer"),
                new("finds", "found", " in the straw")],
            [new("cracks", "cracked", " for breakfast"), new("boils", "boiled"),
                new("drops", "dropped", " on the path")]),
        new("rose", "roses", "vase", "vases",
            [new("grows", "grown", " in the greenhouse"), new("cuts", "cut", " in the garden"),
                new("orders", "ordered")],
            [new("sells", "sold", " at the gate"), new("dries", "dried"), new("plants", "planted", " by the fence")]),
        new("brick", "bricks", "crate", "crates",
            [new("loads", "loaded", " onto the cart"), new("stacks", "stacked", " by the wall"),
                new("orders", "ordered")],
            [new("lays", "laid", " in the new wall"), new("returns", "returned", " to the store"),
                new("chips", "chipped")]),
        new("pencil", "pencils", "case", "cases",
            [new("sharpens", "sharpened"), new("finds", "found", " in the drawer"),
                new("buys", "bought", " for class")],
            [new("lends", "lent", " to classmates"), new("loses", "lost", " on the bus"),
                new("wears out", "worn_out")]),
        new("candle", "candles", "box", "boxes",
            [new("pours", "poured", " in the workshop"), new("unpacks", "unpacked"),
                new("makes", "made", " from beeswax")],
            [new("lights", "lit", " for a feast"), new("melts", "melted"), new("sells", "sold", " at the fair")]),
        new("seed", "seeds", "packet", "packets",
            [new("saves", "saved", " from last year"), new("dries", "dried", " on paper"),
                new("counts out", "counted_out")],
            [new("sows", "sown", " in the field"), new("scatters", "scattered", " for the birds"),
                new("spills", "spilled")]),
        new("ribbon", "ribbons", "roll", "rolls",
            [new("cuts", "cut", " from silk"), new("ties", "tied"), new("buys", "bought", " in town")],
            [new("wraps", "wrapped", " round presents"), new("frays", "frayed"), new("pins", "pinned", " to a dress")]),
    ];

    /// <summary>Money, which has no box to be packed in.</summary>
    public static Thing Money { get; } = new(
        "dollar", "dollars", "", "",
        [new("earns", "earned", " by mowing lawns"), new("is paid", "paid", " for a job"),
            new("saves", "saved", " in a week")],
        [new("spends", "spent", " on a ticket"), new("pays", "paid_out", " for lunch"),
            new("donates", "donated", " to a shelter")]);

    /// <summary>How one gets anything from somebody.</summary>
    public static IReadOnlyList<Act> AnyGain { get; } =
        [new("gets", "received", " from {friend}"), new("is given", "given", " by {friend}")];

    /// <summary>How one loses anything to somebody.</summary>
    public static IReadOnlyList<Act> AnyLoss { get; } =
        [new("gives", "given_away", " to {friend}"), new("hands", "handed_over", " to {friend}")];

    /// <summary>Multiples in words.</summary>
    public static string Times(int factor) => factor switch
    {
        2 => "twice",
        3 => "three times",
        4 => "four times",
        5 => "five times",
        _ => $"{factor} times",
    };

    /// <summary>Sentences with a number that no step needs.</summary>
    public static IReadOnlyList<string> Distractors { get; } =
    [
        "{friend} also has {n} {others}.", "{who} turned {n} this spring.", "The walk there takes {n} minutes.",
        "There are {n} houses on the street.", "{friend} lives {n} miles away.",
        "A poster on the wall is {n} inches wide.",
        "{who} keeps {n} {others} at home as well.", "The radio plays {n} songs meanwhile.",
    ];
}
