package org.charlstm.device.cuda.binding;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds a library of NVIDIA's: where the user says, where the loader looks, in the usual folders, and in Python wheels
 * ({@code site-packages/nvidia/*}{@code /lib} of the python3 on the PATH).
 */
public final class LibraryFinder {
    private static final List<String> FOLDERS = List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib",
            "/usr/local/nvidia/lib64", "/opt/cuda/lib64");

    private LibraryFinder() {
    }

    /**
     * A library, or why there is none.
     *
     * @param symbols its symbols, or null
     * @param place   where it was found, or null
     * @param reason  why not, or null
     */
    public record Found(SymbolLookup symbols, String place, String reason) {
    }

    /**
     * Looks for a library.
     *
     * @param names   sonames, the best first, for example {@code libcuda.so.1}
     * @param setting the environment variable by which a user names a file, for example {@code CHARLSTM_LIBCUDA}
     * @return the first that opens
     */
    public static Found find(List<String> names, String setting) {
        String explicit = System.getenv(setting);
        if (explicit != null) {
            SymbolLookup symbols = open(explicit);
            return symbols == null
                    ? new Found(null, null, setting + " names " + explicit + ", which cannot be opened")
                    : new Found(symbols, explicit, null);
        }
        List<String> candidates = new ArrayList<>(names);
        for (Path folder : folders()) {
            names.stream().map(folder::resolve).filter(Files::exists).map(Path::toString).forEach(candidates::add);
        }
        for (String candidate : candidates) {
            SymbolLookup symbols = open(candidate);
            if (symbols != null) {
                return new Found(symbols, candidate, null);
            }
        }
        return new Found(null, null, "no " + String.join(" or ", names)
                + " on the loader's path, in the usual CUDA folders or among Python's wheels; set " + setting
                + " to its file");
    }

    @SuppressWarnings("restricted")
    private static SymbolLookup open(String name) {
        try {
            return SymbolLookup.libraryLookup(name, Arena.global());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static List<Path> folders() {
        List<Path> folders = new ArrayList<>(FOLDERS.stream().map(Path::of).toList());
        for (String entry : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path python = Path.of(entry, "python3");
            if (!entry.isEmpty() && Files.isExecutable(python)) {
                try {
                    Path root = python.toRealPath().getParent().getParent();
                    addMatching(folders, root.resolve("lib"), "python3*", "site-packages", "dist-packages");
                } catch (IOException e) {
                    // A python3 that cannot be resolved has no wheels to offer.
                    continue;
                }
            }
        }
        return folders;
    }

    private static void addMatching(List<Path> folders, Path lib, String pattern, String... packages)
            throws IOException {
        if (!Files.isDirectory(lib)) {
            return;
        }
        try (DirectoryStream<Path> pythons = Files.newDirectoryStream(lib, pattern)) {
            for (Path python : pythons) {
                for (String name : packages) {
                    Path nvidia = python.resolve(name).resolve("nvidia");
                    if (Files.isDirectory(nvidia)) {
                        try (DirectoryStream<Path> wheels = Files.newDirectoryStream(nvidia)) {
                            wheels.forEach(wheel -> folders.add(wheel.resolve("lib")));
                        }
                    }
                }
            }
        }
    }
}
