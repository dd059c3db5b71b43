package org.charlstm.text;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Captions as they are read, one after the other. */
final class CaptionBuilder {
    private final String source;
    private final @Nullable CaptionLimit limit;
    private final Sources sources = new Sources();
    private final Characters characters = new Characters();
    private long[] starts = new long[16];
    private int[] lines = new int[15];
    /** Of each its ordinal, from the first on that is not its index. */
    private int @Nullable [] ordinals;
    private int ordinal;
    private int count;
    private int skipped;
    private int longer;

    CaptionBuilder(String source, @Nullable CaptionLimit limit) {
        this.source = source;
        this.limit = limit;
    }

    /** Says that the captions that follow are from another file. */
    void begin(Sources.Part part) {
        sources.begin(part, count);
    }

    /** Says that the caption that comes next is that of an ordinal, for some before it have been left out elsewhere. */
    void advance(int to) {
        ordinal = to;
    }

    /**
     * Adds a caption, unless it is longer than the limit.
     *
     * @param codePoints its characters, those at least that the limit lets stay
     * @param length     how many it has, at least 1
     * @param line       where it is, from 1
     */
    void add(int[] codePoints, int length, int line) {
        int kept = length;
        if (limit != null && length > limit.length()) {
            longer++;
            if (!limit.cut()) {
                ordinal++;
                return;
            }
            kept = limit.length();
        }
        if (count == lines.length) {
            int more = (int) Math.min(Integer.MAX_VALUE - 9L, count + (count >> 1) + 1L);
            lines = Arrays.copyOf(lines, more);
            starts = Arrays.copyOf(starts, more + 1);
        }
        if (ordinals == null && ordinal != count) {
            ordinals = new int[lines.length];
            Arrays.setAll(ordinals, index -> index);
        }
        if (ordinals != null) {
            ordinals = ordinals.length < lines.length ? Arrays.copyOf(ordinals, lines.length) : ordinals;
            ordinals[count] = ordinal;
        }
        ordinal++;
        for (int i = 0; i < kept; i++) {
            characters.add(codePoints[i]);
        }
        lines[count++] = line;
        starts[count] = characters.length();
    }

    /** Counts a blank line, which is no caption. */
    void skip() {
        skipped++;
    }

    /** Counts a caption of which nothing is left. */
    void leaveOut() {
        skipped++;
        ordinal++;
    }

    int count() {
        return count;
    }

    int longer() {
        return longer;
    }

    /**
     * The captions.
     *
     * @param whole whether all of the text has been read
     */
    Captions build(Preprocessing preprocessing, @Nullable UnknownCharacters outside, boolean whole) {
        return new Captions(source, sources, characters,
                new Rows.Lines(count, Arrays.copyOf(starts, count + 1), Arrays.copyOf(lines, count),
                        ordinals == null ? null : Arrays.copyOf(ordinals, count)),
                new Notes(skipped, limit, longer, ordinal, whole, preprocessing, outside, null));
    }
}
