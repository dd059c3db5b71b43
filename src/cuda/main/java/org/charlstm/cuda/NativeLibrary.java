package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.LibrarySearch;

/**
 * A native library that is open, found as NVIDIA's are: for what a program calls beside them.
 *
 * @param place its file, or its soname where the file is unknown
 */
public record NativeLibrary(SymbolLookup symbols, String place) {
    /**
     * Looks for a library: the file that a variable of the environment names, and then no other; some folders; the
     * loader's path; the usual folders.
     *
     * @param sonames the best first, for example {@code libmpi.so.40}
     * @param setting the variable
     * @param first   the folders that come before the loader's path
     * @throws org.charlstm.CharlstmException with the reason if it is not here
     */
    public static NativeLibrary find(List<String> sonames, String setting, List<Path> first) {
        LibrarySearch.Found found = LibrarySearch.find(new LibrarySearch.Wanted(sonames, setting, "", ""), first);
        return new NativeLibrary(found.symbols(), found.place());
    }

    /**
     * The path that a variable of the environment names.
     *
     * @throws org.charlstm.CharlstmException if it can be none, as with letters outside ASCII in a locale that has no
     *                                        others
     */
    public static Path path(String setting, String value) {
        return LibrarySearch.path(setting, value);
    }

    /** Sets a variable, unless it has a value, in the environment that native code reads; Java's own is a copy. */
    @SuppressWarnings("restricted")
    public static void setEnvironmentIfMissing(String name, String value) {
        Linker linker = Linker.nativeLinker();
        MethodHandle setenv = linker.downcallHandle(linker.defaultLookup().findOrThrow("setenv"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(value);
            int _ = (int) setenv.invokeExact(arena.allocateFrom(name), text, "".equals(System.getenv(name)) ? 1 : 0);
        } catch (Throwable e) {
            throw new IllegalStateException("setenv cannot be called", e);
        }
    }
}
