package org.charlstm.run;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * What a run learns, and what it is held against.
 *
 * @param captions         where all of it comes from, captions held back included
 * @param corpus           what is learned
 * @param validation       what is held against after each epoch, or null
 * @param validationSource where that comes from, or null
 */
public record TrainingText(Captions captions, Corpus corpus, @Nullable Corpus validation,
        @Nullable String validationSource) {
    /**
     * Captions that are all learned.
     *
     * @param captions the captions
     * @return them, encoded in their own symbols
     */
    public static TrainingText of(Captions captions) {
        return new TrainingText(captions, Corpus.encode(captions, Vocabulary.of(captions)), null, null);
    }

    /**
     * The same, but the last captions are not learned but held against.
     *
     * @param held how many, from 1 to one less than there are
     * @return another text
     * @throws IllegalArgumentException if there are not so many, or none would be left
     */
    public TrainingText holdingBack(int held) {
        if (held < 1 || held >= corpus.rows()) {
            throw new IllegalArgumentException(held + " of " + corpus.rows() + " captions cannot be held back");
        }
        int learned = corpus.rows() - held;
        return new TrainingText(captions, corpus.part(0, learned), corpus.part(learned, corpus.rows()),
                "the last of " + captions.source());
    }

    /**
     * The symbols of what is learned.
     *
     * @return the vocabulary
     */
    public Vocabulary vocabulary() {
        return corpus.vocabulary();
    }

    /**
     * What a row is.
     *
     * @return {@code captions}, or {@code windows} of running text
     */
    public String unit() {
        return vocabulary().hasMarkers() ? "captions" : "windows";
    }

    /** SHA-256 of what is learned and of what it is held against, row by row. */
    String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(vocabulary().characters().getBytes(StandardCharsets.UTF_8));
            update(digest, corpus);
            if (validation != null) {
                update(digest, validation);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void update(MessageDigest digest, Corpus of) {
        int[] ids = new int[of.steps() + 1];
        ByteBuffer row = ByteBuffer.allocate(ids.length * Integer.BYTES);
        digest.update(row.putInt(0, of.rows()).array());
        for (int i = 0; i < of.rows(); i++) {
            of.row(i, ids, 0);
            row.asIntBuffer().put(ids);
            digest.update(row.array());
        }
    }

    /** For the run's description. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("source", captions.source());
        json.addProperty("unit", unit());
        json.addProperty("captions", captions.size());
        json.addProperty("characters", captions.characters());
        json.addProperty("skipped", captions.skipped());
        CaptionLimit limit = captions.limit();
        if (limit != null) {
            json.addProperty(limit.cut() ? "cut" : "left_out", captions.longer());
        }
        if (validation != null) {
            json.addProperty("validation", validationSource);
            json.addProperty("validation_captions", validation.rows());
            UnknownCharacters unknown = validation.captions().unknown();
            if (unknown != null) {
                json.addProperty("validation_unknown", unknown.skipped());
            }
        }
        return json;
    }
}
