package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.charlstm.text.SourceFiles.SourceFile;
import org.jspecify.annotations.Nullable;

/** Reads the files of an input one after another. */
final class TextReader {
    private final TextInput input;
    private final boolean lines;
    private final ReadingProgress progress;
    private long totalBytes;
    private long bytes;
    private long skipped;
    private long characters;

    /** Receives the characters of each file. */
    interface Consumer {
        /** Returns whether the next file is wanted too. */
        boolean accept(SourceFile file, PreprocessedText text) throws IOException;
    }

    private TextReader(TextInput input, boolean lines, ReadingProgress progress) {
        this.input = input;
        this.lines = lines;
        this.progress = progress;
    }

    /**
     * Reads an input; {@code lines} says that line feeds separate captions. Returns the characters that the alphabet
     * leaves out, or null without an alphabet.
     */
    static @Nullable UnknownCharacters read(TextInput input, String wanted, boolean lines, ReadingProgress progress,
            Consumer consumer) {
        TextReader reader = new TextReader(input, lines, progress);
        List<InputFile> files = InputFile.of(input, wanted, progress);
        InputFile at = files.getFirst();
        try {
            for (InputFile file : files) {
                at = file;
                // One file of unknown size makes the total unknown.
                long size = file.size();
                reader.totalBytes = size == 0 || reader.totalBytes < 0 ? -1 : reader.totalBytes + size;
            }
            for (InputFile file : files) {
                at = file;
                if (!reader.read(file, consumer)) {
                    break;
                }
            }
            return input.preprocessing().alphabet() == null ? null
                    : new UnknownCharacters(reader.skipped, reader.characters);
        } catch (NoSuchFileException e) {
            throw new CharlstmException(at.name() + " does not exist; name " + wanted, e);
        } catch (AccessDeniedException e) {
            throw new CharlstmException(at.name() + " may not be read; check its permissions", e);
        } catch (IOException e) {
            throw new CharlstmException(at.name() + " cannot be read: " + e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            throw new CharlstmException(at.name() + " does not fit in the JVM's memory, "
                    + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB; take less of it, or give the JVM more with JDK_JAVA_OPTIONS=-Xmx...", e)
                    .mendedBy(Setting.SAMPLES);
        }
    }

    private boolean read(InputFile file, Consumer consumer) throws IOException {
        try (InputStream in = file.unpacked(new BufferedInputStream(new CountingStream(file.open()),
                TextEncoding.HEAD))) {
            in.mark(TextEncoding.HEAD);
            byte[] head = in.readNBytes(TextEncoding.HEAD);
            in.reset();
            TextEncoding encoding = TextEncoding.of(file.name(), head, input.encoding());
            in.skipNBytes(encoding.markBytes());
            DecodedText text = new DecodedText(file, in, encoding);
            boolean json = CocoCaptions.areNamedBy(file.name()) || CocoCaptions.areIn(head);
            PreprocessedText preprocessed = new PreprocessedText(
                    json ? new CocoCaptions(file.name(), text.reader()) : text, input.preprocessing(), lines);
            boolean more = consumer.accept(new SourceFile(file.name(), json), preprocessed);
            skipped += preprocessed.skipped();
            characters += preprocessed.total();
            if (text.isOtherwiseUtf8()) {
                progress.warn(file.name() + " is read as " + encoding.charset().name() + ", as asked for, but all of "
                        + "it is valid UTF-8, as text in another encoding hardly ever is; if it is UTF-8, say so");
            }
            if (text.nulLine() > 0) {
                progress.warn(file.name() + ", line " + text.nulLine() + " has a NUL character, as text hardly ever "
                        + "has; it may be no text, or in another encoding, such as UTF-16: name that");
            }
            return more;
        }
    }

    /** Reports progress while the bytes are read. */
    private final class CountingStream extends FilterInputStream {
        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int at, int most) throws IOException {
            int read = in.read(into, at, most);
            bytes += Math.max(0, read);
            progress.read(bytes, Math.max(0, totalBytes));
            return read;
        }

        @Override
        public int read() throws IOException {
            int read = in.read();
            bytes += read < 0 ? 0 : 1;
            return read;
        }
    }
}
