package org.charlstm.cuda.jcuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.OwnFolder;

/**
 * A folder for native code. What lies there is run, so that nobody else may write to it, and each file is held to what
 * it should be before it is used.
 */
record NativeFolder(Path folder) {
    /**
     * Makes it where it is missing.
     *
     * @throws CharlstmException if somebody else may write to it
     */
    static NativeFolder at(Path folder) throws IOException {
        Optional<String> objection = OwnFolder.objection(folder);
        if (objection.isPresent()) {
            throw new CharlstmException("JCuda's native code is not run from " + folder + ", which " + objection.get()
                    + "; remove it, or set CHARLSTM_CACHE to a folder of your own");
        }
        return new NativeFolder(folder);
    }

    /**
     * Makes sure that a file holds some code. One that holds something else is replaced, in one step, since another
     * process may be about to load it.
     */
    void put(String name, byte[] code) throws IOException {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && MessageDigest.isEqual(sha256(Files.readAllBytes(file)), sha256(code))) {
            return;
        }
        Path temporary = Files.createTempFile(folder, name, ".tmp");
        try {
            Files.write(temporary, code);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
