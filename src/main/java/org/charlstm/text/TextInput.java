package org.charlstm.text;

import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a text is read from. A file may be compressed with gzip, and may be the JSON of COCO's captions; a folder
 * stands for the files in it and in its folders that have text by their names, in the order of these.
 *
 * @param paths         files, folders and {@link #STANDARD_INPUT}, at least one
 * @param encoding      what their characters are encoded in where no byte order mark says otherwise; null for UTF-8
 * @param preprocessing what is made of the characters
 */
public record TextInput(List<Path> paths, @Nullable Charset encoding, Preprocessing preprocessing) {
    /** What stands for standard input. A file of that name is {@code ./-}. */
    public static final Path STANDARD_INPUT = Path.of("-");
    static final String STANDARD_INPUT_NAME = "standard input";

    /** Refuses none. */
    public TextInput {
        paths = List.copyOf(paths);
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("a text is read from somewhere");
        }
    }

    /**
     * Text whose characters stay what they are.
     *
     * @param paths         files, folders and {@link #STANDARD_INPUT}, at least one
     * @param encoding what they are encoded in; null for UTF-8
     */
    public TextInput(List<Path> paths, @Nullable Charset encoding) {
        this(paths, encoding, Preprocessing.NONE);
    }

    /**
     * Text in UTF-8.
     *
     * @param paths files, folders and {@link #STANDARD_INPUT}
     * @return where it is read from
     */
    public static TextInput of(Path... paths) {
        return new TextInput(List.of(paths), null);
    }

    /**
     * What it is called in messages.
     *
     * @return the one path, or the first and how many more there are
     */
    public String name() {
        Path first = paths.getFirst();
        return (first.equals(STANDARD_INPUT) ? STANDARD_INPUT_NAME : first.toString())
                + (paths.size() == 1 ? "" : " and " + (paths.size() - 1) + " more");
    }
}
