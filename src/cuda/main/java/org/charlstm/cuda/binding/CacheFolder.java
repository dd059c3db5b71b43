package org.charlstm.cuda.binding;

import module java.base;

/** A user's cache folder for compiled code. The code is run, so no other user may write to the folder. */
public final class CacheFolder {
    private static final String SETTING = "CHARLSTM_CACHE";
    private static final String USER_ALONE = "rwx------";

    private CacheFolder() {
    }

    /**
     * The folder by {@code CHARLSTM_CACHE}, or else by the XDG base directory specification; the folder need not exist.
     * Empty if the environment names none, since the current folder is no place for a cache.
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

    /** The absolute path in a variable; the XDG specification ignores relative paths. */
    private static Optional<Path> absolute(Map<String, String> environment, String name) {
        return LibrarySearch.possible(environment.getOrDefault(name, "")).filter(Path::isAbsolute).findFirst();
    }

    /**
     * Makes a missing folder, and its missing parents, for this user only.
     *
     * @return why no code may be run from the folder, such as {@code belongs to ada}; empty if the folder is this
     *         user's own and no other user can replace it
     * @throws IOException if the folder cannot be made or read
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
                // The user's umask may have removed permissions.
                Files.setPosixFilePermissions(folder, alone);
            } else {
                Files.createDirectory(folder);
            }
        } catch (FileAlreadyExistsException e) {
            // The caller checks the existing folder next.
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

    /** The SHA-256 of bytes, in hexadecimal. */
    public static String sum(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** A new SHA-256 digest. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
