package org.charlstm.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/**
 * Finds a library of NVIDIA's, or MPI's: where the user says, where the loader looks, in the usual folders, and in
 * Python wheels (see {@link PythonPackages}).
 */
public final class LibraryFinder {
    private static final List<String> FOLDERS = List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib",
            "/usr/local/nvidia/lib64", "/opt/cuda/lib64", "/usr/lib64/openmpi/lib", "/usr/lib64/mpich/lib");

    private LibraryFinder() {
    }

    /**
     * A library to look for.
     *
     * @param names     sonames, the best first, for example {@code libcuda.so.1}
     * @param setting   the environment variable by which a user names a file, for example {@code CHARLSTM_LIBCUDA}
     * @param companion how the names of those files begin that lie beside it and have to be opened before it, which
     *                  the loader does not find by itself when the library is opened by its path; empty for none
     * @param wheel     the name of a Python wheel that brings it; empty if it comes in none
     */
    public record Wanted(List<String> names, String setting, String companion, String wheel) {
        private boolean inWheels() {
            return !wheel.isEmpty();
        }
    }

    /**
     * A library, or why there is none.
     *
     * @param symbols its symbols; null if there is none
     * @param place   where it was found; empty if there is none
     * @param reason  why there is none; empty if there is one
     */
    public record Found(@Nullable SymbolLookup symbols, String place, String reason) {
    }

    /** Looks for a library. */
    public static Found find(Wanted wanted) {
        return find(wanted, List.of());
    }

    /** Looks for a library, in some folders before the loader's path. */
    public static Found find(Wanted wanted, List<Path> first) {
        String explicit = System.getenv(wanted.setting);
        if (explicit != null && !explicit.isEmpty()) {
            return open(path(wanted.setting, explicit), wanted.setting + ": ", wanted.companion);
        }
        Found named = firstIn(first, wanted, new ArrayList<>());
        if (named != null) {
            return named;
        }
        for (String name : wanted.names) {
            SymbolLookup symbols = open(name);
            if (symbols != null) {
                return new Found(symbols, placeOf(name), "");
            }
        }
        List<Path> broken = new ArrayList<>();
        Found found = firstIn(FOLDERS.stream().map(Path::of).toList(), wanted, broken);
        if (found == null && wanted.inWheels()) {
            found = firstIn(PythonPackages.wheels().folders(), wanted, broken);
        }
        return found != null ? found : new Found(null, "", broken.isEmpty()
                ? "no " + String.join(" or ", wanted.names) + " on the loader's path" + (wanted.inWheels()
                        ? ", in the usual CUDA folders or among Python's wheels" + PythonPackages.wheels().reservation()
                        : " or in the usual folders")
                        + "; " + (wanted.inWheels() ? "pip install " + wanted.wheel + ", or " : "")
                        + "set " + wanted.setting + " to its file"
                : broken.getFirst() + " cannot be opened; a library that it needs may be missing (see ldd)");
    }

    /**
     * The path that a user's setting names.
     *
     * @throws CharlstmException if it can be none, as with letters outside ASCII in a locale that has no others
     */
    public static Path path(String setting, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new CharlstmException(setting + " names no path that can be used in this locale; set LC_ALL=C.UTF-8",
                    e);
        }
    }

    /** The first that opens, or null; those that do not are noted. */
    private static @Nullable Found firstIn(Collection<Path> folders, Wanted wanted, List<Path> broken) {
        for (String name : wanted.names) {
            for (Path file : folders.stream().map(folder -> folder.resolve(name)).filter(Files::exists).toList()) {
                SymbolLookup symbols = openWithCompanions(file, wanted.companion);
                if (symbols != null) {
                    return new Found(symbols, file.toString(), "");
                }
                broken.add(file);
            }
        }
        return null;
    }

    /**
     * Looks for a library in one folder.
     *
     * @param folder where
     * @return the first that is there
     */
    public static Found findIn(Path folder, Wanted wanted) {
        Path file = wanted.names.stream().map(folder::resolve).filter(Files::exists).findFirst()
                .orElse(folder.resolve(wanted.names.getFirst()));
        return open(file, "", wanted.companion);
    }

    private static Found open(Path file, String saidBy, String companion) {
        SymbolLookup symbols = openWithCompanions(file, companion);
        return symbols == null
                ? new Found(null, "", saidBy + file + (Files.exists(file) ? " cannot be opened" : " does not exist"))
                : new Found(symbols, file.toString(), "");
    }

    private static @Nullable SymbolLookup openWithCompanions(Path file, String companion) {
        if (!companion.isEmpty()) {
            matching(file.toAbsolutePath().getParent(), companion).forEach(beside -> open(beside.toString()));
        }
        return open(file.toString());
    }

    @SuppressWarnings("restricted")
    private static @Nullable SymbolLookup open(String name) {
        try {
            return SymbolLookup.libraryLookup(name, Arena.global());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Whether the loader finds a library by its name, as it does wherever one of that name is open already.
     *
     * @param soname for example {@code libcublas.so.12}
     * @return false if whoever asks for it by name gets none
     */
    public static boolean opens(String soname) {
        return open(soname) != null;
    }

    /** Where the loader found a name: Linux lists the files that a process has mapped, under their full versions. */
    private static String placeOf(String soname) {
        String name = soname.substring(0, soname.indexOf(".so") + 3);
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("/")).map(line -> line.substring(line.indexOf('/')))
                    .filter(path -> Path.of(path).getFileName().toString().startsWith(name)).findFirst().orElse(soname);
        } catch (IOException e) {
            return soname;
        }
    }

    /**
     * The part of a library that is missing where others of its parts are.
     *
     * @param prefix how the names of its parts begin
     * @param wanted the name of the part
     * @return the part; empty if it is there, if the loader has it, or if the library has no parts there
     */
    static Optional<String> missingBeside(String place, String prefix, String wanted) {
        List<Path> parts = matching(Path.of(place).toAbsolutePath().getParent(), prefix);
        return parts.isEmpty() || parts.stream().anyMatch(part -> part.endsWith(wanted)) || opens(wanted)
                ? Optional.empty() : Optional.of(wanted);
    }

    /** The files of a folder whose names begin so, in order; none if it cannot be read. */
    static List<Path> matching(@Nullable Path folder, String prefix) {
        if (folder == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
