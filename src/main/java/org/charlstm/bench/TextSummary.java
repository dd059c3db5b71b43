package org.charlstm.bench;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.Figures;
import org.charlstm.train.PaddingMode;
import org.jspecify.annotations.Nullable;

/**
 * What a text is, as far as times depend on it, and its fingerprint.
 *
 * @param source     where it comes from
 * @param characters how many characters they have
 * @param steps      time steps of each caption, padding included
 * @param symbols    symbols, start and end included
 * @param sha256     of the captions, a line feed after each
 * @param window     the time steps where they are windows of running text, or null where they are captions
 */
public record TextSummary(String source, int captions, long characters, int steps, int symbols, String sha256,
        @Nullable Integer window) {
    /**
     * Sums a text up.
     *
     * @param corpus   the same, encoded
     */
    public static TextSummary of(Captions captions, Corpus corpus) {
        return new TextSummary(captions.source(), captions.size(), captions.characters(), corpus.steps(),
                corpus.vocabulary().size(), fingerprint(captions),
                corpus.vocabulary().hasMarkers() ? null : corpus.steps());
    }

    /**
     * What its captions are.
     *
     * @return {@code captions}, or {@code windows} of running text
     */
    public String unit() {
        return window == null ? "captions" : "windows";
    }

    /**
     * The characters of an epoch, counted as for {@link Figures#CHARS_PER_SECOND}.
     *
     * @param configuration whose padding is learned, or left out
     * @return every time step with the lab's padding, else captions and an end symbol each
     */
    public double charactersOfEpoch(Configuration configuration) {
        return configuration.padding().equals(PaddingMode.LAB.title()) ? (double) captions * steps
                : characters + captions;
    }

    /** The fingerprint alone. */
    static String fingerprint(Captions captions) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String text : captions.texts()) {
                digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
