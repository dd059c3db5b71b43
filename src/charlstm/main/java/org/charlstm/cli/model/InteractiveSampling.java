package org.charlstm.cli.model;

import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.Printable;
import org.charlstm.cli.console.TextLines;
import org.charlstm.cli.options.UnknownOption;
import org.charlstm.nn.Model;
import org.charlstm.sample.Predictor;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Writes a sentence with a person who picks each character. The most probable characters are shown on standard error,
 * and each pick is a line of input. Standard output gets only the sentence.
 *
 * @param window the number of last symbols that predict the next; 0 for all
 * @param about  a row of features to condition the sentence on; null for none
 */
record InteractiveSampling(Model model, Vocabulary vocabulary, int window, @Nullable Features about, Console console) {
    private static final int SHOWN = 9;
    private static final String BACK = "-";
    private static final String END = ".";

    /** Starts with a text; stops when the person asks, at the end symbol, or at {@code maxLength} characters. */
    void write(String prime, int maxLength) {
        int[] text = UnknownOption.refusing(() -> vocabulary.decode(vocabulary.encode(prime, "the beginning")))
                .codePoints().toArray();
        int given = text.length;
        console.say("a number or a character takes it, an empty line the first, " + BACK + " steps back, " + END
                + " ends; in quotes, '" + END + "' is a character");
        try (TextLines lines = new TextLines(TextLines.STANDARD_INPUT, console)) {
            boolean more = true;
            while (more && text.length < maxLength) {
                String written = new String(text, 0, text.length);
                List<Integer> best = show(written);
                String line = lines.next();
                if (line == null || line.strip().equals(END)) {
                    more = false;
                } else if (line.strip().equals(BACK)) {
                    text = IntStream.of(text).limit(Math.max(given, text.length - 1)).toArray();
                } else {
                    Integer symbol = picked(line, best);
                    if (symbol == null) {
                        console.say("'" + line + "' is neither a number from 1 to " + best.size()
                                + " nor one of the model's " + Quantity.of(vocabulary.size(), "symbols"));
                    } else if (vocabulary.isOver(symbol)) {
                        more = false;
                    } else {
                        text = IntStream.concat(IntStream.of(text), vocabulary.text(symbol).codePoints()).toArray();
                    }
                }
            }
        }
        console.out().print(Printable.sentence(new String(text, 0, text.length), !vocabulary.hasMarkers()) + "\n");
        console.out().flush();
    }

    /** Shows the most probable next symbols, and returns them in that order. */
    private List<Integer> show(String written) {
        double[] probabilities = Predictor.next(model, vocabulary, written, window, about);
        // The start symbol never follows within a sentence.
        List<Integer> best = IntStream.range(0, probabilities.length).boxed()
                .filter(symbol -> !vocabulary.hasMarkers() || symbol != vocabulary.start())
                .sorted(Comparator.comparingDouble(symbol -> -probabilities[symbol])).limit(SHOWN).toList();
        console.say("\"" + Printable.text(written) + "\"");
        console.say(IntStream.range(0, best.size()).mapToObj(i -> String.format(Locale.ROOT, "%d %s %.0f%%", i + 1,
                Printable.symbol(vocabulary.name(best.get(i))), 100 * probabilities[best.get(i)]))
                .collect(Collectors.joining("  ")));
        return best;
    }

    /** The picked symbol. Shown numbers take precedence over digits; characters are preprocessed as for the model. */
    private @Nullable Integer picked(String line, List<Integer> best) {
        if (line.isEmpty()) {
            return best.getFirst();
        }
        if (line.matches("\\d{1,9}")) {
            int number = Integer.parseInt(line);
            if (number >= 1 && number <= best.size()) {
                return best.get(number - 1);
            }
        }
        String character = vocabulary.preprocessing().normalized(line.length() > 2 && line.startsWith("'")
                && line.endsWith("'") ? line.substring(1, line.length() - 1) : line);
        int symbol =
                character.codePointCount(0, character.length()) == 1 ? vocabulary.id(character.codePointAt(0)) : -1;
        return symbol < 0 ? null : symbol;
    }
}
