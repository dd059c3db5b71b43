package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.LibrarySearch;

/**
 * An open native library, for a program's own calls, found in the same way as NVIDIA's libraries.
 *
 * @param place the library's file, or its soname if the file is unknown
 */
public record NativeLibrary(SymbolLookup symbols, String place) {
    /**
     * Finds a library. If the environment variable {@code setting} names a file, no other is tried. Otherwise the
     * search goes through the folders {@code first}, the loader's path, and the usual folders.
     *
     * @param sonames the preferred soname first, for example {@code libmpi.so.40}
     * @param setting the environment variable
     * @param first   the folders searched before the loader's path
     * @throws org.charlstm.CharlstmException with the reason if the library is not here
     */
    public static NativeLibrary find(List<String> sonames, String setting, List<Path> first) {
        LibrarySearch.Found found = LibrarySearch.find(new LibrarySearch.Wanted(sonames, setting, "", ""), first);
        return new NativeLibrary(found.symbols(), found.place());
    }

    /**
     * The path in an environment variable.
     *
     * @throws org.charlstm.CharlstmException if the value cannot be a path, such as non-ASCII letters in an ASCII
     *                                        locale
     */
    public static Path path(String setting, String value) {
        return LibrarySearch.path(setting, value);
    }

    /**
     * Sets an environment variable without a value for native code; Java's own environment is a copy and does not
     * change.
     */
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
