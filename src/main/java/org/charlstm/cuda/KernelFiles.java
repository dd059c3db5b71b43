package org.charlstm.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.charlstm.CharlstmException;

/** What the build put into the jar about the kernels: their texts and, where it had nvcc, their fat binaries. */
@FunctionalInterface
interface KernelFiles {
    /** The jar's. */
    KernelFiles IN_JAR = name -> {
        try (InputStream file = KernelFiles.class.getResourceAsStream("/org/charlstm/kernels/" + name)) {
            return file == null ? Optional.empty() : Optional.of(file.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    };

    /** A file's content, if it is there. */
    Optional<byte[]> read(String name);

    /** The content of a file without which the jar is not whole. */
    default byte[] require(String name) {
        return read(name).orElseThrow(() -> new CharlstmException(
                "the jar lacks the kernels' " + name + "; build it anew with mvn clean package"));
    }

    default String text(String name) {
        return new String(require(name), StandardCharsets.UTF_8);
    }
}
