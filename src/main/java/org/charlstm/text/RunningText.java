package org.charlstm.text;

import java.io.IOException;
import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Text that has no captions: whole files, line ends included, one behind the other as if they were one, cut into
 * windows of one length.
 */
public final class RunningText {
    private final String source;
    private final Sources sources = new Sources();
    private final Characters characters = new Characters();
    private Notes notes = Notes.NONE;

    private RunningText(String source) {
        this.source = source;
    }

    /**
     * A text that is already in memory.
     *
     * @param source where it comes from, for messages
     */
    public static RunningText of(String source, String text) {
        RunningText running = new RunningText(source);
        running.sources.begin(new Sources.Part(source, "line"), 0);
        text.codePoints().forEach(running.characters::add);
        return running;
    }

    /**
     * Reads a file of UTF-8, or all of a folder; CRLF becomes LF.
     *
     * @throws CharlstmException if it cannot be read, is not UTF-8, or is empty
     */
    public static RunningText read(Path file) {
        return read(TextInput.of(file), Long.MAX_VALUE, ReadingProgress.NONE);
    }

    /**
     * Reads the beginning of a text.
     *
     * @param input         where it is
     * @param maxCharacters how many characters to take at most
     * @throws CharlstmException if something cannot be read, is not in its encoding, or if all is empty
     */
    public static RunningText read(TextInput input, long maxCharacters, ReadingProgress progress) {
        RunningText running = new RunningText(input.name());
        running.notes = Notes.NONE.preprocessed(input.preprocessing(), TextReading.read(input, "a text file", false,
                progress, (part, text) -> running.take(part, text, maxCharacters)));
        if (running.characters.length() == 0) {
            throw new CharlstmException(input.name() + (running.notes.outside() == null ? " is empty; it needs text"
                    : " has no character of the alphabet"));
        }
        return running;
    }

    private boolean take(Sources.Part part, CodePoints text, long maxCharacters) throws IOException {
        sources.begin(part, characters.length());
        while (characters.length() < maxCharacters) {
            int next = text.next();
            if (next == CodePoints.END) {
                return true;
            }
            characters.add(next);
        }
        return false;
    }

    /** How many characters it has. */
    public long length() {
        return characters.length();
    }

    /**
     * Its characters.
     *
     * @return each once, in order of first appearance
     */
    public String characters() {
        StringBuilder each = new StringBuilder();
        for (int number = 0; number < characters.distinct(); number++) {
            each.appendCodePoint(characters.codePoint(number));
        }
        return each.toString();
    }

    /**
     * A vocabulary that knows how often this text has each of its symbols, for a model that learned the text.
     *
     * @param vocabulary the symbols, some of which the text has
     * @throws IllegalArgumentException if there is a start symbol, or the text has none of the symbols
     */
    public Vocabulary counted(Vocabulary vocabulary) {
        return vocabulary.counted(characters);
    }

    /**
     * The same without characters that a vocabulary lacks.
     *
     * @return another text, whose windows are at the lines that are left
     */
    public RunningText known(Vocabulary vocabulary) {
        RunningText kept = new RunningText(source);
        Sources.Part part = null;
        for (long at = 0; at < characters.length(); at++) {
            if (!sources.part(at).equals(part)) {
                part = sources.part(at);
                kept.sources.begin(part, kept.characters.length());
            }
            int character = characters.codePoint(characters.get(at));
            if (vocabulary.id(character) >= 0) {
                kept.characters.add(character);
            }
        }
        kept.notes = notes.known(0, new UnknownCharacters(characters.length() - kept.characters.length(),
                characters.length()));
        return kept;
    }

    /**
     * Splits the text into sentences, each a caption.
     *
     * @param max   how many to take at most
     * @param limit what happens to long ones, or null to refuse those of more than {@link Captions#MAX_LENGTH}
     *              characters
     * @return the sentences, each at the line on which it begins
     * @throws CharlstmException if one is too long, or all are left out
     */
    public Captions sentences(int max, @Nullable CaptionLimit limit) {
        return sentences(max, limit, Preprocessing.NONE);
    }

    /**
     * Splits the text into sentences, and makes of these what is asked for: capitals and stops tell where they begin
     * and end, so the text itself must have been read as it is.
     *
     * @param max   how many to take at most
     * @param limit what happens to long ones, or null to refuse those of more than {@link Captions#MAX_LENGTH}
     *              characters
     * @param how   what becomes of a sentence's characters
     * @return the sentences, each at the line on which it begins
     * @throws CharlstmException if one is too long, or all are left out
     */
    public Captions sentences(int max, @Nullable CaptionLimit limit, Preprocessing how) {
        CaptionBuilder builder = new CaptionBuilder(source, limit);
        Sentences sentences = new Sentences(builder, max, how);
        Sources.Part part = null;
        boolean wanted = true;
        for (long at = 0; at < characters.length() && wanted; at++) {
            if (!sources.part(at).equals(part)) {
                part = sources.part(at);
                sentences.begin(part);
            }
            wanted = sentences.take(characters.codePoint(characters.get(at)));
        }
        sentences.end();
        if (builder.count() == 0) {
            throw new CharlstmException(source + " holds no sentence" + (limit == null ? ""
                    : " of at most " + Quantity.of(limit.length(), "characters") + "; allow longer ones"))
                    .mendedBy(limit == null ? new Setting[0] : new Setting[] {Setting.CAPTION_LENGTH});
        }
        return builder.build(how, sentences.outside(), builder.count() < max);
    }

    /**
     * Cuts the text into windows.
     *
     * @param length T + 1, characters of each
     * @param stride how far the next begins behind the one before, at least 1
     * @param max    how many to take at most
     * @return every window that fits, each at the line on which it begins
     * @throws CharlstmException if none fits
     */
    public Captions windows(int length, int stride, int max) {
        if (characters.length() < length) {
            throw new CharlstmException(source + " has " + Quantity.of(characters.length(), "characters")
                    + (notes.unknown() == null ? "" : " that the model's vocabulary has")
                    + "; one window of the model takes "
                    + length);
        }
        int count = (int) Math.min(max, (characters.length() - length) / stride + 1);
        return new Captions(source, sources, characters, new Rows.Windows(count, stride, length), notes);
    }
}
