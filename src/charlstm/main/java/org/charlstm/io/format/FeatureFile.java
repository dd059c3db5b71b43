package org.charlstm.io.format;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Refuse;
import org.charlstm.base.RegularFile;
import org.charlstm.text.Features;

/** Reads features from NumPy's {@code .npy} (numpy.lib.format) or safetensors, and writes {@code .npy}. */
public final class FeatureFile {
    private static final String WANTED = "name a .npy file, as numpy.save writes it, or a .safetensors file";

    /** The first four bytes of a zip archive. */
    private static final int ZIP = 0x04034b50;

    /** Reads N rows of F features as float32: a {@code .npy} matrix, the tensor {@code features}, or a sole tensor. */
    public static Features read(Path file) {
        Refuse.inputIf(Files.isDirectory(file), file + " is a folder; " + WANTED);
        try (FileChannel channel = RegularFile.open(file)) {
            return new Features(file.toString(), values(file, channel));
        } catch (NoSuchFileException e) {
            throw new CharlstmException(file + " does not exist; " + WANTED, e);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e), e);
        }
    }

    private static float[][] values(Path file, FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[9]).order(ByteOrder.LITTLE_ENDIAN);
        int got = 0;
        while (got >= 0 && buffer.hasRemaining()) {
            got = channel.read(buffer);
        }
        if (NpyHeader.begins(buffer.array())) {
            return NpyHeader.read(file, channel).matrix(file, channel).read(file, channel);
        }
        // The safetensors header begins after its length.
        if (buffer.get(8) == '{') {
            return new SafetensorsReader(file).matrix("features");
        }
        Refuse.inputIf(buffer.getInt(0) == ZIP,
                file + " is an archive such as .npz; save one of its arrays alone: numpy.save('features.npy', "
                        + "numpy.load('features.npz')['NAME'])");
        Refuse.inputIf(channel.size() == 0, file + " is empty; " + WANTED);
        throw new CharlstmException(file + " is neither .npy nor safetensors; " + WANTED);
    }

    /** Writes features as {@code .npy}, version 1.0, float32, atomically. Equal features give equal bytes. */
    public static void write(Path file, Features features) {
        float[] row = new float[features.columns()];
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(4, row.length)).order(ByteOrder.LITTLE_ENDIAN);
        AtomicFile.write(file, channel -> {
            AtomicFile.writeFully(channel, NpyHeader.float32(features.rows(), features.columns()));
            for (int i = 0; i < features.rows(); i++) {
                features.row(i, row, 0);
                bytes.clear().asFloatBuffer().put(row);
                AtomicFile.writeFully(channel, bytes);
            }
        });
    }
}
