package org.charlstm.run;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Quantity;
import org.charlstm.base.Refuse;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.UnknownCharacters;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a run.
 *
 * @param captions         all captions
 * @param corpus           the captions for training
 * @param validation       the captions that are evaluated after each epoch; null for none
 * @param validationSource the file of the validation captions; null for none
 * @param test             the last captions, on which the best model is evaluated once after training; null for none
 */
public record TrainingText(Captions captions, Corpus corpus, @Nullable Corpus validation,
        @Nullable String validationSource, @Nullable Corpus test) {
    /** Texts without a test. */
    public TrainingText(Captions captions, Corpus corpus, @Nullable Corpus validation,
            @Nullable String validationSource) {
        this(captions, corpus, validation, validationSource, null);
    }

    /** All captions for training, encoded in their own symbols. */
    public static TrainingText of(Captions captions) {
        return new TrainingText(captions, Corpus.encode(captions), null, null);
    }

    /** Moves the last {@code held} captions to validation. Throws {@link IllegalArgumentException} if none remain. */
    public TrainingText holdingBack(int held) {
        int learned = learnedWithout(held);
        return new TrainingText(captions, corpus.part(0, learned), corpus.part(learned, corpus.rows()),
                (test == null ? "the last of " : "just before the test's in ") + captions.source(), test);
    }

    /**
     * Moves the last {@code held} captions to the test; callable once, before {@link #holdingBack}. Throws
     * {@link IllegalArgumentException} if none remain.
     */
    public TrainingText testing(int held) {
        Refuse.callIf(test != null || corpus.rows() < captions.size(),
                "what is for the test is split off once, before anything else");
        int learned = learnedWithout(held);
        return new TrainingText(captions, corpus.part(0, learned), validation, validationSource,
                corpus.part(learned, corpus.rows()));
    }

    private int learnedWithout(int held) {
        Refuse.argumentIf(held < 1 || held >= corpus.rows(),
                held + " of " + Quantity.of(corpus.rows(), "captions") + " cannot be held back");
        return corpus.rows() - held;
    }

    public Vocabulary vocabulary() {
        return corpus.vocabulary();
    }

    /** The name of a row: {@code captions}, or {@code windows} of running text. */
    public String unit() {
        return vocabulary().hasMarkers() ? "captions" : "windows";
    }

    /** SHA-256 of all three texts, row by row. */
    String digest() {
        return sha256(digest -> {
            digest.update(vocabulary().characters().getBytes(StandardCharsets.UTF_8));
            update(digest, corpus);
            if (validation != null) {
                update(digest, validation);
            }
            if (test != null) {
                digest.update("test".getBytes(StandardCharsets.UTF_8));
                update(digest, test);
            }
        });
    }

    /** SHA-256, in hexadecimal, of the content that is put into the digest. */
    static String sha256(Consumer<MessageDigest> content) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            content.accept(digest);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void update(MessageDigest digest, Corpus of) {
        int[] ids = new int[of.steps() + 1];
        ByteBuffer row = ByteBuffer.allocate(ids.length * Integer.BYTES);
        digest.update(row.putInt(0, of.rows()).array());
        float[] features = new float[of.features()];
        ByteBuffer about = ByteBuffer.allocate(features.length * Float.BYTES);
        for (int i = 0; i < of.rows(); i++) {
            of.row(i, ids, 0);
            row.asIntBuffer().put(ids);
            digest.update(row.array());
            if (features.length > 0) {
                of.features(i, features);
                about.asFloatBuffer().put(features);
                digest.update(about.array());
            }
        }
    }

    JsonObject json() {
        JsonObject json = Json.object("source", captions.source(), "unit", unit(), "captions", captions.size(),
                "characters", captions.characters(), "skipped", captions.skipped());
        CaptionLimit limit = captions.limit();
        if (limit != null) {
            json.addProperty(limit.cut() ? "cut" : "left_out", captions.longer());
        }
        UnknownCharacters leftOut = captions.unknown();
        if (leftOut != null) {
            json.addProperty("unknown", leftOut.skipped());
        }
        if (corpus.features() > 0) {
            json.addProperty("features", corpus.features());
        }
        if (validation != null) {
            json.addProperty("validation", validationSource);
            json.addProperty("validation_captions", validation.rows());
            UnknownCharacters unknown = validation.captions().unknown();
            if (unknown != null && validation.captions() != captions) {
                json.addProperty("validation_unknown", unknown.skipped());
            }
        }
        if (test != null) {
            json.addProperty("test_captions", test.rows());
        }
        return json;
    }
}
