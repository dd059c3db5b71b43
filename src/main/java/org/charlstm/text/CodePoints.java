package org.charlstm.text;

import java.io.IOException;
import org.charlstm.CharlstmException;

/** Characters one after the other. */
interface CodePoints {
    /** In place of a character: there is none left. */
    int END = -1;

    /**
     * The next code point.
     *
     * @return it, or {@link #END}
     * @throws CharlstmException if what comes next is none
     */
    int next() throws IOException;
}
