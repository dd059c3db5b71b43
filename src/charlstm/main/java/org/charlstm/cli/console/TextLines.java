package org.charlstm.cli.console;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.jspecify.annotations.Nullable;

/** Reads the lines of a UTF-8 file or of standard input one by one, empty lines included. */
public final class TextLines implements AutoCloseable {
    /** The name of standard input. */
    public static final String STANDARD_INPUT = "-";

    private final String source;
    private final BufferedReader reader;
    private int line;

    public TextLines(String file, Console console) {
        boolean isInput = file.equals(STANDARD_INPUT);
        source = isInput ? "standard input" : file;
        try {
            InputStream in = isInput ? console.in() : Files.newInputStream(Path.of(file));
            // A decoder refuses malformed input; a charset would replace it.
            reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        } catch (IOException e) {
            throw new CharlstmException(source + " cannot be read: " + IoFailure.of(e), e);
        }
    }

    /** The file's name, or {@code standard input}, for messages. */
    public String source() {
        return source;
    }

    /** The number, from 1, of the line that was read last. */
    public int line() {
        return line;
    }

    /** The next line without its line end, or null after the last line. */
    @Nullable
    public String next() {
        line++;
        try {
            String next = reader.readLine();
            return line == 1 && next != null && next.startsWith("\uFEFF") ? next.substring(1) : next;
        } catch (CharacterCodingException e) {
            throw new CharlstmException(source + " is not valid UTF-8, in line " + line + " or soon after it", e);
        } catch (IOException e) {
            throw new CharlstmException(source + " cannot be read: " + IoFailure.of(e), e);
        }
    }

    public List<String> all() {
        List<String> all = new ArrayList<>();
        for (String next = next(); next != null; next = next()) {
            all.add(next);
        }
        return all;
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new CharlstmException(source + " cannot be closed: " + IoFailure.of(e), e);
        }
    }
}
