package org.charlstm.rank;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import org.charlstm.cuda.LibrarySearch;
import org.charlstm.cuda.panama.NativeFunctions;

/** What native libraries find in the environment, which Java itself only reads. */
final class Environment {
    private Environment() {
    }

    /** Sets a variable that the user has not set. */
    static void setIfMissing(String name, String value) {
        try (Arena arena = Arena.ofConfined()) {
            new NativeFunctions(new LibrarySearch.Found(Linker.nativeLinker().defaultLookup(), "the C library"),
                    (call, status) -> {}).required("setenv", "ppi")
                    .call(arena.allocateFrom(name), arena.allocateFrom(value), 0);
        }
    }
}
