package org.charlstm.bench;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.io.format.PreprocessingJson;
import org.charlstm.text.CaptionFile;
import org.charlstm.text.CaptionLimit;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.ReadingProgress;
import org.charlstm.text.RunningText;
import org.charlstm.text.TextInput;
import org.charlstm.text.Vocabulary;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.Figures;
import org.charlstm.train.PaddingMode;
import org.jspecify.annotations.Nullable;

/**
 * The source of captions: files and folders, or null for the built-in captions. A null encoding is UTF-8,
 * {@code maxSamples} 0 takes all captions, and {@code window}, T of running text, is 0 for captions. {@code maxCaption}
 * (null for no limit) is for {@link CaptionLimit#parse}, {@code characters} for {@link PreprocessingJson}.
 */
public record TextSource(@Nullable List<String> files, @Nullable String encoding, int maxSamples,
        @Nullable String maxCaption, JsonObject characters, int window) {
    public TextSource {
        Refuse.argumentIf(window > 0 && (files == null || maxCaption != null), "captions are no running text");
    }

    public Captions read() {
        int max = maxSamples == 0 ? Integer.MAX_VALUE : maxSamples;
        Preprocessing how = PreprocessingJson.read(characters);
        TextInput input = files == null ? null : new TextInput(files.stream().map(Path::of).toList(),
                encoding == null ? null : Charset.forName(encoding), how);
        if (input != null && window > 0) {
            return RunningText.read(input, (long) max * window + 1, ReadingProgress.NONE)
                    .windows(window + 1, window, max);
        }
        CaptionLimit limit = maxCaption == null ? null : CaptionLimit.parse(maxCaption);
        return input == null
                ? Captions.generated(maxSamples == 0 ? GeneratedCaptions.DEFAULT_COUNT : maxSamples,
                        GeneratedCaptions.DEFAULT_SEED, limit, how)
                : CaptionFile.read(input, max, limit, ReadingProgress.NONE);
    }

    /** Encodes the result of {@link #read} with a vocabulary of its own symbols. */
    public Corpus encode(Captions captions) {
        return Corpus.encode(captions, window > 0 ? Vocabulary.ofRunning(captions) : Vocabulary.of(captions));
    }

    /**
     * The properties of a text that affect times, and a fingerprint: the SHA-256 of the captions with a line feed after
     * each. {@code steps} include padding, {@code symbols} start and end; {@code window} is null for captions.
     */
    public record Summary(String source, int captions, long characters, int steps, int symbols, String sha256,
            @Nullable Integer window) {
        public static Summary of(Captions captions, Corpus corpus) {
            return new Summary(captions.source(), captions.size(), captions.characters(), corpus.steps(),
                    corpus.vocabulary().size(), fingerprint(captions),
                    corpus.vocabulary().hasMarkers() ? null : corpus.steps());
        }

        /** {@code captions}, or {@code windows} of running text. */
        public String unit() {
            return window == null ? "captions" : "windows";
        }

        /**
         * The characters of an epoch, counted as for {@link Figures#CHARS_PER_SECOND}. With the lab's padding every
         * time step counts; else only each caption's characters and one end symbol count.
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
}
