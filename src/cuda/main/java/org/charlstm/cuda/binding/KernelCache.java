package org.charlstm.cuda.binding;

import module java.base;

/**
 * A cache of compiled kernels on disk. A file holds a checksum of key and code, then the code. An unreadable file or a
 * wrong checksum counts as absent; a kernel that cannot be written is compiled again next time. A checksum does not
 * prevent other users from writing code of their own, so a folder that others may write to is not used.
 */
final class KernelCache {
    private static final int CHECKSUM = 32;
    /** A bound far above a kernel's size. */
    private static final long MAX_BYTES = 64_000_000;

    /** The folder; empty if none may be used. */
    private final Optional<OwnFolder> folder;
    private final String description;

    KernelCache(Optional<Path> wanted) {
        String objection = wanted.map(KernelCache::objection)
                .orElse("neither CHARLSTM_CACHE nor HOME names a folder");
        Optional<OwnFolder> found = Optional.empty();
        if (wanted.isPresent() && objection.isEmpty()) {
            try {
                found = Optional.of(new OwnFolder(wanted.get().toAbsolutePath()));
            } catch (IOException e) {
                objection = wanted.get() + " cannot be read";
            }
        }
        folder = found;
        description = found.map(place -> "cached in " + place.path()).orElse("not cached, for " + objection);
    }

    /** Why a folder's code must not be run, or code cannot be kept there; empty if the folder is good. */
    private static String objection(Path folder) {
        try {
            return CacheFolder.objection(folder).map(why -> folder + " " + why)
                    .orElse(Files.isWritable(folder) ? "" : folder + " cannot be written");
        } catch (IOException e) {
            return folder + " cannot be made";
        }
    }

    /** The folder of kernels for an environment. */
    static Optional<Path> folder(Map<String, String> environment) {
        return CacheFolder.of(environment).map(cache -> cache.resolve("kernels"));
    }

    /** The key of code: a hash of all parts that determine the code. */
    static String key(String... parts) {
        MessageDigest digest = CacheFolder.sha256();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            // The length before each part keeps different divisions of a text apart.
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    Optional<byte[]> load(String key) {
        byte[] file;
        try {
            file = folder.isEmpty() ? new byte[0] : folder.get().read(key, MAX_BYTES).orElse(new byte[0]);
        } catch (IOException e) {
            return Optional.empty();
        }
        if (file.length <= CHECKSUM) {
            return Optional.empty();
        }
        byte[] image = Arrays.copyOfRange(file, CHECKSUM, file.length);
        return Arrays.equals(checksum(key, image), Arrays.copyOf(file, CHECKSUM)) ? Optional.of(image)
                : Optional.empty();
    }

    void store(String key, byte[] image) {
        folder.ifPresent(place -> store(place, key, image));
    }

    private static void store(OwnFolder folder, String key, byte[] image) {
        byte[] file = Arrays.copyOf(checksum(key, image), CHECKSUM + image.length);
        System.arraycopy(image, 0, file, CHECKSUM, image.length);
        try {
            folder.write(key, file);
        } catch (IOException e) {
            // A failed write is ignored: the copy on disk only saves time.
            return;
        }
    }

    /** A description for users: the folder, or why nothing is cached. */
    String describe() {
        return description;
    }

    private static byte[] checksum(String key, byte[] image) {
        MessageDigest digest = CacheFolder.sha256();
        digest.update(key.getBytes(StandardCharsets.UTF_8));
        return digest.digest(image);
    }
}
