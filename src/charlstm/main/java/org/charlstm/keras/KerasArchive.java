package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Refuse;
import org.charlstm.base.UntrustedJson;

/** Reads a {@code .keras} archive: a zip of a configuration and HDF5 weights. */
record KerasArchive(Path file, ZipFile zip) {
    static final String METADATA = "metadata.json";
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.weights.h5";
    private static final int MAX_JSON_BYTES = 1 << 20;
    private static final int MAX_VALUES = 10_000;
    private static final int CHUNK = 1 << 16;

    /** The bound on decompression: Keras does not compress, and weights hardly compress. */
    private static final int MAX_BYTES_PER_BYTE = 8;

    static boolean isSignature(byte[] head) {
        return head.length >= 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
    }

    /** Whether a file is a zip with the files of a Keras archive. */
    static boolean isOne(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.getEntry(CONFIG) != null && zip.getEntry(WEIGHTS) != null;
        } catch (ZipException | EOFException e) {
            return false;
        }
    }

    static KerasModel read(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return new KerasArchive(file, zip).read();
        } catch (IOException | IllegalArgumentException e) {
            throw new CharlstmException(file + " is a .keras archive that is cut short or broken", e);
        }
    }

    private KerasModel read() throws IOException {
        String version = version();
        KerasConfig architecture = KerasConfig.of(file.toString(), text(CONFIG), Integer.parseInt(
                version.replaceFirst("\\..*", "")));
        try (Arena arena = Arena.ofShared()) {
            return Hdf5.read(file.toString(), content(arena), root -> KerasReader.read(version, architecture, root));
        }
    }

    private String version() throws IOException {
        String metadata = text(METADATA);
        return UntrustedJson.read(file + " does not say in its " + METADATA + " which version of Keras wrote it",
                "save it anew with Keras", () -> {
                    String version = UntrustedJson.string(Json.parse(metadata, MAX_VALUES), "keras_version");
                    UntrustedJson.require(version.matches("\\d{1,4}\\..*"), "keras_version is '" + version + "'");
                    return version;
                });
    }

    private ZipEntry entry(String name) {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new CharlstmException(file + " is a zip without " + name + "; it is no .keras archive");
        }
        return entry;
    }

    private String text(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream in = zip.getInputStream(entry(name))) {
            bytes.writeBytes(in.readNBytes(MAX_JSON_BYTES));
            if (in.read() >= 0) {
                throw tooLarge(name);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The weights, off the heap. The declared size is checked against the file's size first. */
    private MemorySegment content(Arena arena) throws IOException {
        ZipEntry entry = entry(WEIGHTS);
        long size = entry.getSize();
        if (size < 1 || size > MAX_BYTES_PER_BYTE * Files.size(file) || size > Integer.MAX_VALUE) {
            throw tooLarge(WEIGHTS);
        }
        MemorySegment content = arena.allocate(size);
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] chunk = new byte[CHUNK];
            long at = 0;
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (read > size - at) {
                    throw tooLarge(WEIGHTS);
                }
                MemorySegment.copy(MemorySegment.ofArray(chunk), 0, content, at, read);
                at += read;
            }
            Refuse.inputIf(at != size,
                    file + " is cut short: its " + WEIGHTS + " has " + at + " of " + size + " bytes");
        }
        return content;
    }

    private CharlstmException tooLarge(String name) {
        return new CharlstmException(file + " holds a " + name + " larger than its own size allows; it is no model");
    }
}
