package org.charlstm.cuda.binding;

import module java.base;

/** A user's folder for code that can be made again. It is run, so nobody else may write to it. */
public final class CacheFolder {
    private static final String SETTING = "CHARLSTM_CACHE";
    private static final String USER_ALONE = "rwx------";

    private CacheFolder() {
    }

    /**
     * The folder that {@code CHARLSTM_CACHE} names, or else the XDG base directory specification, whether it is there
     * or not; empty if nothing names one, for the current folder is no place for a cache.
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
        return LibrarySearch.possible(environment.getOrDefault(name, "")).filter(Path::isAbsolute).findFirst();
    }

    /**
     * Makes a folder for this user alone where there is none, and those above it.
     *
     * @return why nothing is to be run from it, such as {@code belongs to ada}; empty if it is this user's own, and
     *         nobody else can put another into its place
     * @throws IOException if it cannot be made or looked at
     */
    static Optional<String> objection(Path folder) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        make(folder.toAbsolutePath(), posix);
        return posix ? objectionToExisting(folder.toAbsolutePath()) : Optional.empty();
    }

    private static void make(Path folder, boolean posix) throws IOException {
        Path parent = folder.getParent();
        if (parent != null && !Files.exists(parent)) {
            make(parent, posix);
        }
        try {
            if (posix) {
                Set<PosixFilePermission> alone = PosixFilePermissions.fromString(USER_ALONE);
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(alone));
                // The user's mask may have taken some away.
                Files.setPosixFilePermissions(folder, alone);
            } else {
                Files.createDirectory(folder);
            }
        } catch (FileAlreadyExistsException e) {
            // It is looked at next.
            return;
        }
    }

    private static Optional<String> objectionToExisting(Path folder) throws IOException {
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isDirectory()) {
            return Optional.of("is no folder");
        }
        if (found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || found.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            return Optional.of("others may write to");
        }
        return Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(PathOwners.own())
                ? PathOwners.objection(folder)
                : Optional.of("belongs to " + found.owner().getName());
    }

    /** The SHA-256 of some bytes, in hexadecimal. */
    public static String sum(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** A new digest. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
