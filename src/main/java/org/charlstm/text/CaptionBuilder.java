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
                return;
            }
            kept = limit.length();
        }
        if (count == lines.length) {
            int more = (int) Math.min(Integer.MAX_VALUE - 9L, count + (count >> 1) + 1L);
            lines = Arrays.copyOf(lines, more);
            starts = Arrays.copyOf(starts, more + 1);
        }
        for (int i = 0; i < kept; i++) {
            characters.add(codePoints[i]);
        }
        lines[count++] = line;
        starts[count] = characters.length();
    }

    /** Counts a blank line. */
    void skip() {
        skipped++;
    }

    int count() {
        return count;
    }

    int longer() {
        return longer;
    }

    Captions build(Preprocessing preprocessing, @Nullable UnknownCharacters outside) {
        return new Captions(source, sources, characters, new Rows.Lines(count, Arrays.copyOf(starts, count + 1),
                Arrays.copyOf(lines, count)), new Notes(skipped, limit, longer, preprocessing, outside, null));
    }
}
