"""Writes tests/Reft.Tests/Answers/tricky-answers.tsv: what each policy must read from hard completions.

The exact policy's column is written by hand below. The paper policy's column is computed by CPython itself: the last
trigger, str.strip, float() and repr. Run from the repository root: python3 eng/golden/tricky_answers.py
"""
from pathlib import Path

COT = "\nAnswer reasoning:\n"
TRIGGER = "\nTherefore, the answer is: "
WORDS = "Ann has 3 bags of 4 pears, 3 * 4 = 12 pears." + TRIGGER


def paper(text, choice):
    answer = text.split(COT)[-1].strip().split(TRIGGER)[-1].strip()
    if choice:
        return answer.lower().replace('"', "").replace("'", "").strip()
    try:
        return repr(float(answer))
    except ValueError:
        return None


NONE = None
# After the trigger, style number: (text, what the exact policy reads).
AFTER = [
    ("42", "42"), ("42.", "42"), ("42.0", "42"), ("42.00", "42"), ("-42", "-42"), ("+42", "42"), ("042", "42"),
    ("0", "0"), ("-0", "0"), ("0.0", "0"), (".5", "0.5"), ("-.5", "-0.5"), ("5.", "5"), ("18.", "18"),
    ("1,000", "1000"), ("1,000.50", "1000.5"), ("12,345,678", "12345678"), ("1,23", NONE), ("1,2,3", NONE),
    ("1,0000", NONE), ("1,000,00", NONE), ("0,5", NONE), ("0,123", NONE), ("1, 2", "{1, 2}"), ("1000,", NONE),
    ("1_000", "1000"), ("1__000", NONE), ("_1", NONE), ("1_", NONE), ("1_0.0_1", NONE), ("1e1_0", NONE),
    ("1\u2009000", "1000"), ("1\u202f234\u202f567", "1234567"), ("1\u00a0000", "1000"), ("1\\,000", "1000"),
    ("1{,}000", "1000"), ("1 000", NONE), ("1.234.567", NONE), ("1.234,5", NONE), ("1'000", NONE),
    ("$18", "18"), ("$18.50", "18.5"), ("$ 18.50", "18.5"), ("-$5", "-5"), ("$-5", "-5"), ("\\$18", "18"), ("18$", "18"),
    ("\u20ac5", "5"), ("\u00a35.25", "5.25"), ("\u20b91,000", "1000"), ("USD 5", "5"), ("USD5", "5"), ("5 USD", "5"),
    ("Rs. 5", "5"), ("Rs.5", "5"), ("5\u00a2", "5"),
    ("50%", "50"), ("50 %", "50"), ("50\\%", "50"), ("12.5%", "12.5"), ("50 percent", "50"), ("-3%", "-3"),
    ("50% (0.5)", NONE),
    ("1/2", "0.5"), ("-1/2", "-0.5"), ("1 / 2", "0.5"), ("1/3", "1/3"), ("6/3", "2"), ("1/0", NONE), ("0/5", "0"),
    ("1/-2", "-0.5"), ("1/2/3", NONE), ("1/2/2020", NONE), ("1.5/2", "0.75"), ("2 1/2", "2.5"), ("-2 1/2", "-2.5"),
    ("2 3/2", NONE), ("2-1/2", NONE), ("2\u00bd", "2.5"), ("\u00bd", "0.5"), ("3 \u00be", "3.75"), ("1\u20442", "0.5"),
    ("\\frac{1}{2}", "0.5"), ("\\dfrac{3}{4}", "0.75"), ("\\frac12", "0.5"), ("-\\frac{1}{2}", "-0.5"),
    ("2\\frac{1}{2}", "2.5"), ("\\frac{22}{7}", "22/7"), ("\\frac{1}{0}", NONE), ("\\frac{\\pi}{2}", "1/2*pi"),
    ("\\frac{1}", NONE), ("$\\frac{1}{2}$", "0.5"), ("\\frac{-1}{2}", "-0.5"), ("\\frac{1,000}{2}", "500"),
    ("\\boxed{42}", "42"), ("$\\boxed{42}$", "42"), ("\\boxed{\\frac{1}{2}}", "0.5"), ("\\boxed{1,000}", "1000"),
    ("\\boxed{}", NONE), ("\\boxed{42", NONE), ("-\\boxed{7}", "-7"), ("\\boxed{7} apples in 3 bags", "7"),
    ("\\boxed{18\\text{ dollars}}", "18"), ("42\\text{ apples}", "42"), ("\\text{42}", "42"), ("\\(42\\)", "42"),
    ("\\[ 42 \\]", "42"), ("x = 42", "42"), ("$x = 42$", "42"), ("x=-42", "-42"), ("3 * 14 = 42", "42"), ("= 42", "42"),
    ("42 =", NONE), ("\\approx 3.14", "3.14"), ("\u2248 3.14", "3.14"), ("90^\\circ", "90"), ("90^{\\circ}", "90"),
    ("90\u00b0", "90"), ("90 degrees", "90"), ("\\sqrt{2}", "sqrt(2)"), ("\u221a2", NONE), ("2\\pi", "2*pi"), ("2\u03c0", "2*pi"),
    ("\u00b15", "\u00b1 (5)"), ("\u221e", NONE), ("2^3", "8"), ("2**3", "8"), ("2\u00b3", "8"), ("5!", NONE),
    ("3e2", "300"), ("3.0e2", "300"), ("3E+2", "300"), ("3e-2", "0.03"), ("3e", "3*e"), ("1e400", "1" + "0" * 400),
    ("1e999999999", NONE), ("3 x 10^2", "300"), ("3\\times10^{2}", "300"), ("3 \u00d7 10^-2", "0.03"), ("2 x 3", NONE),
    ("\u22125", "-5"), ("\u20135", "-5"), ("\uff0d5", "-5"), ("- 5", "-5"), ("--5", NONE), ("5-", NONE), ("3-4", NONE),
    ("3 - 4", NONE), ("3 to 4", NONE), ("minus 5", "-5"), ("negative 5", "-5"),
    ("18 dollars", "18"), ("18 dollars.", "18"), ("5kg", "5"), ("5 kg", "5"), ("5m", "5"), ("5 m2", "5"), ("5cm2", "5"),
    ("25 m\u00b2", "25"), ("5th", "5"), ("5x", "5*x"), ("5k", "5000"), ("5 km/h", "5"), ("$5/hour", "5"), ("5 apples/day", "5"),
    ("5 dozen", "60"), ("5 million", "5000000"), ("2.5 thousand dollars", "2500"), ("3 hundred", "300"),
    ("5 apples and 3 pears", NONE), ("5 feet 3 inches", NONE), ("18 dollars and 50 cents", NONE), ("12:30", "12:30"),
    ("3:4", "3:4"), ("0x1F", NONE), ("5 or 6", "{5, 6}"), ("5, 6", "{5, 6}"), ("(5)", "5"), ("[5]", "5"), ("{5}", "5"),
    ("<208>", "208"), ("<208>.", "208"), ("<208", NONE), ("x < 5", "x < 5"), ("x > 5", "x > 5"), ("\u2265 5", NONE), ("#### 72", "72"),
    ("####72", "72"), ("**42**", "42"), ("*42*", "42"), ("__42__", "42"), ("`42`", "42"), ("**42**.", "42"), ("\"42\"", "42"),
    ("is 42.", "42"), ("is 42. I am sure.", "42"), ("42. He has 5 left.", NONE), ("about 42", "42"), ("~42", "42"),
    ("Ann has 12 pears", "12"), ("Ann has twelve pears", "12"), ("twelve", "12"), ("COVID-19", NONE), ("H2O", NONE),
    ("route-66 and 5", NONE), ("", NONE), ("   ", NONE), ("?", NONE), (".", NONE), ("-", NONE), ("...5", NONE), ("5...", NONE),
    ("5 .", "5"), ("5..", NONE), ("nan", NONE), ("NaN", NONE), ("inf", NONE), ("-Infinity", NONE), ("infinity", NONE),
    ("True", NONE), ("None", NONE), ("\uff15", "5"), ("\u0661\u0662", "12"), ("1\ufeff2", NONE), ("5\u200b", "5"), ("\t42\t", "42"),
    ("\n42", "42"), ("42\n", "42"), ("42\nQuestion:\nHow many?", "42"), ("42\r\n7", "42"), ("\x1c42", "42"),
    ("9" * 25, "9" * 25), ("0.1", "0.1"), ("0.30000000000000004", "0.30000000000000004"), ("1.7976931348623157e309", "17976931348623157" + "0" * 293),
    ("9007199254740993", "9007199254740993"), ("1" * 401, NONE), ("3.", "3"), ("100.000", "100"), ("1.000,50", NONE),
    ("5\u20446", "5/6"), ("7/8 cup", "0.875"), ("1 1/2 hours", "1.5"), ("\\frac{3}{4}\\text{ cup}", "0.75"),
    ("36 \\text{ cm}^2", "36"), ("36 cm^{2}", "36"), ("5 s^{-1}", "5"), ("5 m^", NONE), ("36 cm^2", "36"), ("6\\cdot 7", NONE), ("2+3", NONE), ("2 + 3 = 5", "5"),
    ("half", "0.5"), ("\\textbf{42}", "42"), ("\\mathrm{42}", "42"), ("42\\!", "42"), ("42?", NONE), ("is it 42? yes", NONE),
    ("if | x - 20 | = 40 then we find the sum", NONE), ("x = 40 apples in all", "40"), ("42\\%.", "42"), ("#5", "5"),
]

# Whole completions, style number.
WHOLE = [
    (WORDS + "12", "12"), (WORDS + "11" + TRIGGER + "12", "12"), (WORDS + "12" + TRIGGER + "none", NONE),
    (WORDS + "12\nTherefore, the answer is: 13.0", "13"), ("Therefore, the answer is: 5", "5"),
    ("So.\nTherefore, the answer is:5", "5"), ("So.\nTherefore, the answer is:\n5", "5"), ("So.\n**Therefore, the answer is: 5**", "5"),
    ("I said: Therefore, the answer is: 5", NONE), ("So.\nTHEREFORE, THE ANSWER IS: 5", NONE),
    ("So.\nTherefore, the answer is <5>.", "5"), ("So.\nTherefore, the answer is <5>." + TRIGGER + "5.0", "5"),
    ("3 * 4 = 12\n#### 12", "12"), ("3 * 4 = 12\n#### 1,200", "1200"), ("#### 72", "72"), ("see #### 72", NONE),
    ("So it is \\boxed{42}. Done.", "42"), ("\\boxed{1} then \\boxed{2}", "2"), ("#### 1\nso \\boxed{2}", "2"),
    ("\\boxed{2}\n#### 1", "1"), ("42", "42"), ("1,000", "1000"), ("$18.50", "18.5"), ("18 dollars", "18"), ("\\frac{1}{2}", "0.5"),
    ("  42\n", "42"), ("is 42.", "42"), ("The answer is 42.", "42"), ("The final answer is $42", "42"),
    ("Ann has 12 pears", NONE), ("Ann has 12 pears.\nBob has none.", NONE), ("12\n13", NONE), ("", NONE), ("   \n ", NONE),
    ("5 apples for Ann and for Bob too", NONE), ("1_000", "1000"), ("nan", NONE), ("1e5", "100000"),
    ("Answer reasoning:\n42", NONE), ("junk" + COT + "7", NONE), (WORDS + "1" + COT + "7", "1"),
    (WORDS + "4\x002", NONE), (WORDS + "4 2", NONE), (TRIGGER + "5", "5"), ("x" + TRIGGER + "5", "5"),
    (WORDS + "word " * 100 + "5", NONE), ("a" + TRIGGER.strip() + " 5", NONE), (WORDS + "5 <EOS>", "5"),
]

# Style choice: (text, what the exact policy reads), after the trigger, then whole completions.
LETTERS = [
    ("c", "c"), ("C", "c"), ("c.", "c"), ("(c)", "c"), ("c)", "c"), ("c )", "c"), ("c ) 870", "c"), ("C: 870", "c"),
    ("**C**", "c"), ("\\boxed{C}", "c"), ("\\text{C}", "c"), ("option c", "c"), ("Option (C)", "c"), ("the answer is c", "c"),
    ("<c>", "c"), ('"c"', "c"), ("'c'", "c"), ("c,", "c"), ("c or d", NONE), ("c, d", NONE), ("c and d", NONE),
    ("a ) 38 , b ) 27 , c ) 30", NONE), ("a dog", NONE), ("c ) a dog", "c"), ("", NONE), ("z", NONE), ("870", NONE), ("cc", NONE),
    ("none", NONE), ("e", "e"), ("ab", NONE), ("c\nd", "c"), ("c ; 870", "c"), ("[b]", "b"), ("$c$", "c"), ("b) 3 / 4", "b"), ("a 100 litre tank", NONE),
    ("the c . p of 20 books", NONE), ("c 870", NONE), ("the c", NONE),
]
CHOICES = [("It is\nc", NONE), ("c", "c"), ("So." + TRIGGER + "c" + TRIGGER + "d", "d"), ("So \\boxed{b}", "b"), ("The cat.", NONE)]


def escape(text):
    plain = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return "".join(plain.get(c, c if " " <= c <= "~" else f"\\u{ord(c):04x}") for c in text)


def main():
    rows = [("number", WORDS + text, exact) for text, exact in AFTER]
    rows += [("number", text, exact) for text, exact in WHOLE]
    rows += [("choice", WORDS + text, exact) for text, exact in LETTERS]
    rows += [("choice", text, exact) for text, exact in CHOICES]
    lines = ["style\tcompletion\texact\tpaper"]
    for style, text, exact in rows:
        official = paper(text, style == "choice")
        cells = ["<none>" if value is None else escape(value) for value in (exact, official)]
        lines.append("\t".join([style, escape(text), *cells]))
    path = Path("tests/Reft.Tests/Answers/tricky-answers.tsv")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{path}: {len(rows)} rows")


main()
