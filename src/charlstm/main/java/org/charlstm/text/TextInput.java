package org.charlstm.text;

import module java.base;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/**
 * The input that a text is read from. A file may be compressed with gzip, and may be the JSON of COCO's captions. A
 * folder stands for the files in it and its subfolders whose names mark them as text, in the order of their names.
 *
 * @param paths    files, folders and {@link #STANDARD_INPUT}, at least one
 * @param encoding the encoding of files without a byte order mark; null for UTF-8. In a single-byte encoding, such as
 *                 ISO-8859-1, the bytes of UTF-8's mark are three characters and no mark
 */
public record TextInput(List<Path> paths, @Nullable Charset encoding, Preprocessing preprocessing) {
    /** Stands for standard input; {@code ./-} names a file called {@code -}. */
    public static final Path STANDARD_INPUT = Path.of("-");
    static final String STANDARD_INPUT_NAME = "standard input";

    /** Requires a path. */
    public TextInput {
        paths = List.copyOf(paths);
        Refuse.argumentIf(paths.isEmpty(), "a text is read from somewhere");
    }

    /** Text that is not preprocessed. */
    public TextInput(List<Path> paths, @Nullable Charset encoding) {
        this(paths, encoding, Preprocessing.NONE);
    }

    /** Text in UTF-8 that is not preprocessed. */
    public static TextInput of(Path... paths) {
        return new TextInput(List.of(paths), null);
    }

    /** The input's name in messages: the only path, or the first path and the number of others. */
    public String name() {
        Path first = paths.getFirst();
        return (first.equals(STANDARD_INPUT) ? STANDARD_INPUT_NAME : first.toString())
                + (paths.size() == 1 ? "" : " and " + (paths.size() - 1) + " more");
    }
}
