package org.charlstm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import module java.base;

/**
 * Spoils a text, above all JSON: cuts it, flips bits, takes pieces out, repeats and exchanges them, and puts words that
 * few readers think of where other values were. Bytes are taken for characters one by one, as it need not be UTF-8.
 */
public final class TextMutation implements Fuzz.Mutation {
    private static final Pattern VALUES =
            Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|-?[0-9][0-9.eE+-]*+|true|false|null");
    private static final Pattern OPENINGS = Pattern.compile("[\\[{]");

    private static final List<String> WORDS = Stream.concat(
            Stream.of("NaN", "-NaN", "Infinity", "-Infinity", "null", "true", "0", "-0", "-1", "1", "0.5", "1e999",
                    "-1e999", "1e-999", "1e300", "-1e300", "1e999999999", "1e-999999999", "2147483647", "2147483648",
                    "-2147483649", "4294967297", "9223372036854775807", "9223372036854775808", "9".repeat(400),
                    "0x10", "1_000", "\"\"", "\"x\"", "\"NaN\"", "\"1\"", "{}", "[]", "[[]]", "[null]", "{\"\":0}",
                    "[" + "0,".repeat(300) + "0]", "[".repeat(3000), "{\"a\":".repeat(3000),
                    "[".repeat(3000) + "]".repeat(3000), "\"" + "x".repeat(5000) + "\"", "\"\\ud800\"",
                    "\"\\u0000\\u001b[2J\\u009b\"", "\"a\\nb\\r\\u2028\"", "// x\n", "/* x */", "#", ",", ":", "\n",
                    "\r\n", "\r", " ", "\t", "\0", "\u001b[2J", "'", "\"", "\\", "\\u"),
            // No UTF-8: half a character, one too long, a surrogate, and what no character begins with; then a mark of
            // the order of bytes, a character of four bytes, and control characters of two.
            Stream.of("\u00c3(", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00ff\u00fe", "\u00ef\u00bb\u00bf",
                    "\u00f0\u009f\u0098\u0080", "\u00c2\u009b", "\u00c2\u0085"))
            .toList();

    private final String original;

    /** Of some file. */
    public TextMutation(byte[] original) {
        this.original = new String(original, ISO_8859_1);
    }

    @Override
    public byte[] next(RandomGenerator random) {
        String text = original;
        for (int times = 1 + random.nextInt(1 + random.nextInt(3)); times > 0; times--) {
            text = once(text, random);
        }
        return text.getBytes(ISO_8859_1);
    }

    private static String once(String text, RandomGenerator random) {
        int at = random.nextInt(text.length() + 1);
        int end = Math.min(text.length(), at + random.nextInt(1 + random.nextInt(64)));
        return switch (random.nextInt(16)) {
            case 0 -> text.substring(0, at);
            case 1 -> at == text.length() ? "" : replaced(text, at, at + 1,
                    Character.toString(text.charAt(at) ^ 1 << random.nextInt(8)));
            case 2 -> replaced(text, at, end, "");
            case 3 -> replaced(text, at, at, word(random));
            case 4 -> replaced(text, at, at, text.substring(at, end).repeat(1 + random.nextInt(3)));
            case 5 -> exchanged(text, at, end, random.nextInt(text.length() + 1));
            case 6 -> value(text, random, "");
            case 7 -> structure(text, random);
            case 8 -> value(text, random, some(text, VALUES.matcher(text).results().toList(), random));
            default -> value(text, random, word(random));
        };
    }

    private static String word(RandomGenerator random) {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    private static String replaced(String text, int from, int to, String by) {
        return text.substring(0, from) + by + text.substring(to);
    }

    /** A piece at another place, and what was there in the first one's. */
    private static String exchanged(String text, int from, int to, int other) {
        int end = Math.min(text.length(), other + to - from);
        return other < to && end > from ? text : other < from
                ? text.substring(0, other) + text.substring(from, to) + text.substring(end, from)
                        + text.substring(other, end) + text.substring(to)
                : text.substring(0, from) + text.substring(other, end) + text.substring(to, other)
                        + text.substring(from, to) + text.substring(end);
    }

    private static String some(String text, List<MatchResult> found, RandomGenerator random) {
        return found.isEmpty() ? text : found.get(random.nextInt(found.size())).group();
    }

    /** Something in the place of a number, a string or a name. */
    private static String value(String text, RandomGenerator random, String by) {
        List<MatchResult> found = VALUES.matcher(text).results().toList();
        if (found.isEmpty()) {
            return replaced(text, 0, 0, by);
        }
        MatchResult value = found.get(random.nextInt(found.size()));
        return replaced(text, value.start(), value.end(), by);
    }

    /** A word in the place of an object or an array. */
    private static String structure(String text, RandomGenerator random) {
        List<MatchResult> found = OPENINGS.matcher(text).results().toList();
        if (found.isEmpty()) {
            return text + word(random);
        }
        int from = found.get(random.nextInt(found.size())).start();
        int to = from;
        for (int depth = 0; to < text.length() && (depth > 0 || to == from); to++) {
            depth += "[{".indexOf(text.charAt(to)) >= 0 ? 1 : "]}".indexOf(text.charAt(to)) >= 0 ? -1 : 0;
        }
        return replaced(text, from, to, word(random));
    }
}
