package org.charlstm.text;

import java.util.Arrays;
import org.charlstm.text.SourceFiles.SourceFile;
import org.jspecify.annotations.Nullable;

/** Collects captions as they are read. */
final class CaptionBuilder {
    private final String source;
    private final @Nullable CaptionLimit limit;
    private final SourceFiles sources = new SourceFiles();
    private final Characters characters = new Characters();
    private long[] starts = new long[16];
    private int[] lines = new int[15];
    /** The ordinal of each caption; null while every ordinal equals the caption's index. */
    private int @Nullable [] ordinals;
    private int ordinal;
    private int count;
    private int skipped;
    private int longer;

    CaptionBuilder(String source, @Nullable CaptionLimit limit) {
        this.source = source;
        this.limit = limit;
    }

    /** Starts another file: the next captions are from that file. */
    void begin(SourceFile file) {
        sources.begin(file, count);
    }

    /** Sets the ordinal of the next caption, as captions before it may have been left out elsewhere. */
    void advance(int to) {
        ordinal = to;
    }

    /** Adds a caption with its line, from 1. A caption over the limit is cut to the limit or left out. */
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

    /** Counts a blank line, which is not a caption. */
    void skip() {
        skipped++;
    }

    /** Counts a caption that preprocessing leaves empty. */
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

    /** Builds the captions of a whole text or of a part; {@code outside} is null without an alphabet. */
    Captions build(Preprocessing preprocessing, @Nullable UnknownCharacters outside, boolean whole) {
        return new Captions(source, sources, characters,
                new TextRows.Lines(count, Arrays.copyOf(starts, count + 1), Arrays.copyOf(lines, count),
                        ordinals == null ? null : Arrays.copyOf(ordinals, count)),
                new ReadingSummary(new ReadingSummary.Lines(skipped, limit, longer, ordinal, whole), preprocessing,
                        outside, null));
    }
}
