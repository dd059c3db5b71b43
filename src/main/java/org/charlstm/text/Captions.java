package org.charlstm.text;

import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.text.generated.GeneratedCaptions;

/**
 * Captions in the order of their source.
 *
 * @param source  where they come from, for messages
 * @param texts   the captions, each at least one character and none of white space alone
 * @param lines   the line of each in its source, from 1
 * @param skipped how many lines were left out because they were empty or white space
 */
public record Captions(String source, List<String> texts, List<Integer> lines, int skipped) {
    /** The longest caption accepted, in characters. */
    public static final int MAX_LENGTH = 10_000;

    /** Copies the lists; refuses no caption at all, or one that is empty or too long. */
    public Captions {
        texts = List.copyOf(texts);
        lines = List.copyOf(lines);
        if (texts.isEmpty() || texts.contains("")) {
            throw new IllegalArgumentException(source + ": there must be a caption, and none may be empty");
        }
        if (texts.stream().anyMatch(text -> text.codePointCount(0, text.length()) > MAX_LENGTH)) {
            throw new IllegalArgumentException(source + ": a caption is longer than " + MAX_LENGTH + " characters");
        }
    }

    /**
     * Captions that are already in memory.
     *
     * @param texts the captions
     * @return them, numbered from line 1
     */
    public static Captions of(List<String> texts) {
        return new Captions("the captions", texts, IntStream.rangeClosed(1, texts.size()).boxed().toList(), 0);
    }

    /**
     * The built-in captions.
     *
     * @param count how many, at least 1
     * @param seed  which of them
     * @return generated captions
     */
    public static Captions generated(int count, long seed) {
        List<String> texts = GeneratedCaptions.generate(count, seed);
        return new Captions("the generated captions", texts,
                IntStream.rangeClosed(1, count).boxed().toList(), 0);
    }

    /**
     * How many captions there are.
     *
     * @return the number
     */
    public int size() {
        return texts.size();
    }

    /**
     * How many characters (code points) they have together.
     *
     * @return the number
     */
    public long characters() {
        return texts.stream().mapToLong(text -> text.codePointCount(0, text.length())).sum();
    }

    /**
     * The place of a caption, for messages.
     *
     * @param index from 0
     * @return source and line
     */
    public String place(int index) {
        return source + ", line " + lines.get(index);
    }
}
