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
 * The properties of a text on which times depend, and its fingerprint.
 *
 * @param steps      of each caption, padding included
 * @param symbols    start and end included
 * @param sha256     of the captions, a line feed after each
 * @param window     the time steps of a window of running text, or null for captions
 */
public record TextSummary(String source, int captions, long characters, int steps, int symbols, String sha256,
        @Nullable Integer window) {
    public static TextSummary of(Captions captions, Corpus corpus) {
        return new TextSummary(captions.source(), captions.size(), captions.characters(), corpus.steps(),
                corpus.vocabulary().size(), fingerprint(captions),
                corpus.vocabulary().hasMarkers() ? null : corpus.steps());
    }

    /** {@code captions}, or {@code windows} of running text. */
    public String unit() {
        return window == null ? "captions" : "windows";
    }

    /**
     * The characters of an epoch, counted as for {@link Figures#CHARS_PER_SECOND}: every time step with the lab's
     * padding, else those of the captions and an end symbol each.
     */
    public double charactersOfEpoch(Configuration configuration) {
        return configuration.padding().equals(PaddingMode.LAB.toString()) ? (double) captions * steps
                : characters + captions;
    }

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
