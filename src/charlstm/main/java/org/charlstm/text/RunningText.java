package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Refuse;
import org.charlstm.base.Setting;
import org.charlstm.text.SourceFiles.SourceFile;
import org.jspecify.annotations.Nullable;

/** Text without captions: whole files, line ends included, concatenated. */
public final class RunningText {
    private final String source;
    private final SourceFiles sources = new SourceFiles();
    private final Characters characters = new Characters();
    private ReadingSummary summary = ReadingSummary.NONE;

    private RunningText(String source) {
        this.source = source;
    }

    /** A text in memory; {@code source} names the text in messages. */
    public static RunningText of(String source, String text) {
        RunningText running = new RunningText(source);
        running.sources.begin(new SourceFile(source, false), 0);
        text.codePoints().forEach(running.characters::add);
        return running;
    }

    /**
     * Reads a file or folder as UTF-8; CRLF becomes LF. Fails if the text cannot be read, is not UTF-8, or is empty.
     */
    public static RunningText read(Path file) {
        return read(TextInput.of(file), Long.MAX_VALUE, ReadingProgress.NONE);
    }

    /**
     * Reads at most {@code maxCharacters} of a text. Fails if the text is unreadable, not in its encoding, or empty.
     */
    public static RunningText read(TextInput input, long maxCharacters, ReadingProgress progress) {
        RunningText running = new RunningText(input.name());
        UnknownCharacters outside = TextReader.read(input, "a text file", false, progress,
                (file, text) -> running.append(file, text, maxCharacters));
        running.summary = new ReadingSummary(ReadingSummary.NONE.lines(), input.preprocessing(), outside, null);
        Refuse.inputIf(running.characters.length() == 0,
                input.name() + (outside == null ? " is empty; it needs text" : " has no character of the alphabet"));
        return running;
    }

    private boolean append(SourceFile file, CodePoints text, long maxCharacters) throws IOException {
        sources.begin(file, characters.length());
        while (characters.length() < maxCharacters) {
            int next = text.next();
            if (next == CodePoints.END) {
                return true;
            }
            characters.add(next);
        }
        return false;
    }

    /** The number of characters. */
    public long length() {
        return characters.length();
    }

    /** The different characters of the text, in order of first appearance. */
    public String characters() {
        StringBuilder each = new StringBuilder();
        for (int number = 0; number < characters.distinct(); number++) {
            each.appendCodePoint(characters.codePoint(number));
        }
        return each.toString();
    }

    /**
     * The vocabulary with the number of times that each symbol occurs in this text, for a model trained on the text.
     * Throws {@link IllegalArgumentException} if there is a start symbol, or none of the symbols occurs.
     */
    public Vocabulary counted(Vocabulary vocabulary) {
        return vocabulary.counted(characters);
    }

    /** The text without the characters that a vocabulary lacks. Line feeds left out no longer count as line ends. */
    public RunningText known(Vocabulary vocabulary) {
        RunningText kept = new RunningText(source);
        SourceFile file = null;
        for (long at = 0; at < characters.length(); at++) {
            if (!sources.file(at).equals(file)) {
                file = sources.file(at);
                kept.sources.begin(file, kept.characters.length());
            }
            int character = characters.codePoint(characters.get(at));
            if (vocabulary.id(character) >= 0) {
                kept.characters.add(character);
            }
        }
        kept.summary = summary.known(0, new UnknownCharacters(characters.length() - kept.characters.length(),
                characters.length()));
        return kept;
    }

    /**
     * Splits the text into at most {@code max} sentences and preprocesses them. Each becomes a caption with the line on
     * which it begins. The text itself must not be preprocessed: capitals and full stops tell where sentences begin and
     * end. Fails if all sentences are left out. Fails without a limit if a sentence has more than
     * {@link Captions#MAX_LENGTH} characters.
     */
    public Captions sentences(int max, @Nullable CaptionLimit limit, Preprocessing preprocessing) {
        CaptionBuilder builder = new CaptionBuilder(source, limit);
        SentenceSplitter splitter = new SentenceSplitter(builder, max, preprocessing);
        SourceFile file = null;
        boolean wanted = true;
        for (long at = 0; at < characters.length() && wanted; at++) {
            if (!sources.file(at).equals(file)) {
                file = sources.file(at);
                splitter.begin(file);
            }
            wanted = splitter.add(characters.codePoint(characters.get(at)));
        }
        splitter.endParagraph();
        if (builder.count() == 0) {
            throw new CharlstmException(source + " holds no sentence" + (limit == null ? ""
                    : " of at most " + Quantity.of(limit.length(), "characters") + "; allow longer ones"))
                    .mendedBy(limit == null ? new Setting[0] : new Setting[] {Setting.CAPTION_LENGTH});
        }
        return builder.build(preprocessing, splitter.outside(), builder.count() < max);
    }

    /**
     * Cuts the text into at most {@code max} windows of {@code length} = T + 1 characters. Each begins {@code stride},
     * at least 1, characters after the last one's beginning and has the line of its own. Fails if no window fits.
     */
    public Captions windows(int length, int stride, int max) {
        Refuse.inputIf(characters.length() < length,
                source + " has " + Quantity.of(characters.length(), "characters") + (summary.unknown() == null ? ""
                        : " that the model's vocabulary has") + "; one window of the model takes " + length);
        int count = (int) Math.min(max, (characters.length() - length) / stride + 1);
        return new Captions(source, sources, characters, new TextRows.Windows(count, stride, length), summary);
    }

    /**
     * Splits text into sentences with {@link BreakIterator}, paragraph by paragraph; blank lines separate paragraphs.
     * White space between words, line feeds included, becomes one space.
     */
    private static final class SentenceSplitter {
        private final BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);
        private final CaptionBuilder builder;
        private final int max;
        private final Preprocessing preprocessing;
        private final StringBuilder paragraph = new StringBuilder();
        /** The line on which the paragraph begins, and the line of the next character. */
        private int firstLine = 1;
        private int line = 1;
        private boolean blank = true;
        private long skipped;
        private long total;

        SentenceSplitter(CaptionBuilder builder, int max, Preprocessing preprocessing) {
            this.builder = builder;
            this.max = max;
            this.preprocessing = preprocessing;
        }

        /** The characters that the alphabet lacks; null if there is no alphabet. */
        @Nullable
        UnknownCharacters outside() {
            return preprocessing.alphabet() == null ? null : new UnknownCharacters(skipped, total);
        }

        void begin(SourceFile file) {
            endParagraph();
            builder.begin(file);
            line = 1;
            firstLine = 1;
        }

        /** Adds a character; returns whether more are wanted. */
        boolean add(int codePoint) {
            if (codePoint == '\n' && blank) {
                endParagraph();
                line++;
                firstLine = line;
                return builder.count() < max;
            }
            paragraph.appendCodePoint(codePoint);
            blank = codePoint == '\n' || (blank && Character.isWhitespace(codePoint));
            line += codePoint == '\n' ? 1 : 0;
            return builder.count() < max;
        }

        void endParagraph() {
            String text = paragraph.toString();
            paragraph.setLength(0);
            breaks.setText(text);
            int at = firstLine;
            int from = breaks.first();
            for (int to = breaks.next(); to != BreakIterator.DONE && builder.count() < max; from = to, to =
                    breaks.next()) {
                String sentence = text.substring(from, to);
                int[] all = preprocessing.normalized(sentence.strip().replaceAll("\\s+", " ")).codePoints().toArray();
                int[] kept = IntStream.of(all).filter(preprocessing::keeps).toArray();
                total += all.length;
                skipped += all.length - kept.length;
                if (IntStream.of(kept).anyMatch(character -> !CaptionFile.isBlank(character))) {
                    String space = sentence.substring(0, sentence.indexOf(sentence.strip()));
                    builder.add(kept, kept.length, at + lines(space));
                } else if (all.length > 0) {
                    builder.leaveOut();
                }
                at += lines(sentence);
            }
        }

        private static int lines(String text) {
            return (int) text.chars().filter(c -> c == '\n').count();
        }
    }
}
