package org.charlstm.text;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.Setting;
import org.jspecify.annotations.Nullable;

/** Goes through the files of an input, one after the other. */
final class TextReading {
    private final TextInput input;
    private final ReadingProgress progress;
    private long total;
    private long taken;
    private long left;
    private long characters;

    /** What is made of the characters of each file. */
    interface Taker {
        /**
         * Takes a file.
         *
         * @return whether the next one is wanted too
         */
        boolean take(Sources.Part part, PreprocessedText text) throws IOException;
    }

    private TextReading(TextInput input, ReadingProgress progress) {
        this.input = input;
        this.progress = progress;
    }

    /**
     * Reads an input.
     *
     * @param wanted what it should be, for messages
     * @param lines  whether line feeds stand between captions, and are no characters of theirs
     * @return what has been left out because the alphabet lacks it; null where there is none
     * @throws CharlstmException if it cannot be read, or what is made of it does not fit in memory
     */
    static @Nullable UnknownCharacters read(TextInput input, String wanted, boolean lines, ReadingProgress progress,
            Taker taker) {
        TextReading reading = new TextReading(input, progress);
        List<InputFile> files = InputFiles.of(input, wanted, progress);
        InputFile at = files.getFirst();
        try {
            for (InputFile file : files) {
                at = file;
                // Where one has a size that nobody knows, nobody knows that of all.
                long size = file.size();
                reading.total = size == 0 || reading.total < 0 ? -1 : reading.total + size;
            }
            for (InputFile file : files) {
                at = file;
                if (!reading.take(file, lines, taker)) {
                    break;
                }
            }
            return input.preprocessing().alphabet() == null ? null
                    : new UnknownCharacters(reading.left, reading.characters);
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

    private boolean take(InputFile file, boolean lines, Taker taker) throws IOException {
        try (InputStream in = Unpacked.of(file.name(),
                new BufferedInputStream(new Counted(file.open()), TextHead.MOST))) {
            in.mark(TextHead.MOST);
            byte[] bytes = in.readNBytes(TextHead.MOST);
            in.reset();
            TextHead head = TextHead.of(file.name(), bytes, input.encoding());
            in.skipNBytes(head.mark());
            DecodedText text = new DecodedText(file, in, head);
            boolean coco = CocoCaptions.areNamedBy(file.name()) || CocoCaptions.areIn(bytes);
            PreprocessedText ready = new PreprocessedText(
                    coco ? new CocoCaptions(file.name(), text.reader()) : text, input.preprocessing(), lines);
            boolean more = taker.take(new Sources.Part(file.name(), coco ? Sources.CAPTION : "line"), ready);
            left += ready.left();
            if (text.isOtherwiseUtf8()) {
                progress.warn(
                        file.name() + " is read as " + head.encoding().name() + ", as asked for, but all of it is "
                                + "valid UTF-8, as text in another encoding hardly ever is; if it is UTF-8, say so");
            }
            characters += ready.total();
            return more;
        }
    }

    /** Tells how much has been read. */
    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int at, int most) throws IOException {
            int read = in.read(into, at, most);
            taken += Math.max(0, read);
            progress.read(taken, Math.max(0, total));
            return read;
        }

        @Override
        public int read() throws IOException {
            int read = in.read();
            taken += read < 0 ? 0 : 1;
            return read;
        }
    }
}
