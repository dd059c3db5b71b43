package org.charlstm.text;

import java.io.IOException;

/** A stream of characters (code points). */
interface CodePoints {
    /** The end of the stream, returned in place of a character. */
    int END = -1;

    /** Returns the next code point or {@link #END}. */
    int next() throws IOException;
}
