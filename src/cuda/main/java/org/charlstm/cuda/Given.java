package org.charlstm.cuda;

import org.jspecify.annotations.Nullable;

/** Arguments of public methods, whose null is refused with a line that names them. */
final class Given {
    private Given() {
    }

    /** An argument; {@code name} begins with an article, as in {@code the grid}. */
    static <T> T that(@Nullable T argument, String name) {
        if (argument == null) {
            throw new NullPointerException(name + " is null");
        }
        return argument;
    }
}
