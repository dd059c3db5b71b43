package org.charlstm.cuda;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where a user keeps what can be made again. */
public final class CacheFolder {
    private static final String SETTING = "CHARLSTM_CACHE";

    private CacheFolder() {
    }

    /**
     * The folder that an environment names, whether it is there or not.
     *
     * @param environment its {@code CHARLSTM_CACHE}, or else what the XDG base directory specification says
     * @return the folder; empty if nothing names one, for the current folder is no place for a cache
     */
    public static Optional<Path> of(Map<String, String> environment) {
        String chosen = environment.getOrDefault(SETTING, "");
        if (!chosen.isEmpty()) {
            return Optional.of(LibrarySearch.path(SETTING, chosen).toAbsolutePath());
        }
        return absolute(environment, "XDG_CACHE_HOME")
                .or(() -> absolute(environment, "HOME").map(home -> home.resolve(".cache")))
                .map(caches -> caches.resolve("charlstm"));
    }

    /** The specification has relative paths ignored. */
    private static Optional<Path> absolute(Map<String, String> environment, String name) {
        try {
            return Optional.of(Path.of(environment.getOrDefault(name, ""))).filter(Path::isAbsolute);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
