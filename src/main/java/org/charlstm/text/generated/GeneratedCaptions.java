package org.charlstm.text.generated;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/**
 * Image captions drawn from a grammar, so that a first run needs no file. They are made of 36 characters: the letters
 * a to z, the digits but 8, and the space.
 */
public final class GeneratedCaptions {
    /** How many captions the built-in set has. */
    public static final int DEFAULT_COUNT = 10_000;
    /** The seed of the built-in set. */
    public static final long DEFAULT_SEED = 1;

    private static final int SHORTEST = 20;
    private static final int LONGEST = 172;
    /** One caption in so many has the greatest length, so that a set's longest does not hang on luck. */
    private static final int LONG_EVERY = 500;
    private static final int LONG_FIRST = 250;

    private static final Grammar GRAMMAR = new Grammar(Words.RULES, Phrases.RULES, Sentences.rules());
    private static final Part CAPTION = GRAMMAR.compile("CAPTION");
    private static final Part LONG_CAPTION = GRAMMAR.compile("LONG_CAPTION");

    private GeneratedCaptions() {
    }

    /**
     * The first captions of a seed. A caption depends on the seed and its index alone, so a smaller set begins a
     * larger one.
     *
     * @param count how many, at least 1
     * @param seed  the key of the set
     * @return the captions; the longest of the first 251 or more has 172 characters
     */
    public static List<String> generate(int count, long seed) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of captions is " + count + "; it must be at least 1");
        }
        List<String> captions = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            captions.add(caption(index, seed));
        }
        return captions;
    }

    private static String caption(int index, long seed) {
        boolean isLong = index % LONG_EVERY == LONG_FIRST;
        Part shape = isLong ? LONG_CAPTION : CAPTION;
        int shortest = isLong ? LONGEST : SHORTEST;
        RandomStream random = new RandomStream(seed, Purpose.CAPTIONS, index);
        StringBuilder text = new StringBuilder(LONGEST);
        // Drawn again until it fits: a caption cut to size would not be English.
        do {
            text.setLength(0);
            shape.appendTo(text, random);
        } while (text.length() < shortest || text.length() > LONGEST);
        return text.toString();
    }
}
