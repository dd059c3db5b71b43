package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;

/** Native code from a jar, unpacked to a folder of the user's own. Messages use the title. */
public record UnpackedCode(String title, Path folder) {
    /** Code in a folder of this process's cache; throws if the environment names no cache. */
    public static UnpackedCode inCache(String title, String name) {
        return new UnpackedCode(title, CacheFolder.of(System.getenv()).orElseThrow(() -> new CharlstmException(title
                + " has to be unpacked, and neither CHARLSTM_CACHE nor HOME names a folder for it; set CHARLSTM_CACHE"))
                .resolve(name));
    }

    /**
     * Writes a file unless a file with this SHA-256 is there, which another process may have open. Throws if the folder
     * is unsafe.
     */
    public void put(String name, String sum, Supplier<byte[]> code) {
        Path file = folder.resolve(name);
        Path parent = Objects.requireNonNull(file.getParent(), "a file in a folder");
        try {
            Optional<String> objection = CacheFolder.objection(parent);
            if (objection.isPresent()) {
                throw new CharlstmException(title + " is not run from " + parent + ", which " + objection.get()
                        + "; remove it, or set CHARLSTM_CACHE to a folder of your own");
            }
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || !CacheFolder.sum(Files.readAllBytes(file)).equals(sum)) {
                new OwnFolder(parent).write(String.valueOf(file.getFileName()), code.get());
            }
        } catch (IOException e) {
            throw new CharlstmException(title + " cannot be unpacked to " + folder
                    + ", which cannot be written; set CHARLSTM_CACHE to a folder that can", e);
        }
    }
}
