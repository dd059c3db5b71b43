package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Refuse;
import org.charlstm.base.RegularFile;

/**
 * Reads the files of Keras 1, 2 and 3: HDF5 with whole models or weights alone, {@code .weights.h5} and {@code .keras}.
 * Also reads safetensors with PyTorch's names, and a {@code state_dict} of {@code torch.save}. A file's first bytes
 * tell the format; the name does not matter.
 */
public final class KerasFile {
    private static final int HEAD = 9;
    private static final String WANTED = "; name a file that Keras or PyTorch wrote";

    private KerasFile() {
    }

    /** Whether a file is HDF5 or a {@code .keras} archive; false also if it is missing or cannot be read. */
    public static boolean isOne(Path file) {
        try (FileChannel channel = RegularFile.open(file)) {
            byte[] head = head(channel);
            return Hdf5.isSignature(head) || (KerasArchive.isSignature(head) && KerasArchive.isOne(file));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether {@code torch.save} wrote a file; false also if it is missing or cannot be read. */
    public static boolean isTorchs(Path file) {
        try (FileChannel channel = RegularFile.open(file)) {
            return isTorchs(file, head(channel));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isTorchs(Path file, byte[] head) throws IOException {
        return TorchFile.isSignature(head) || (KerasArchive.isSignature(head) && TorchFile.isOne(file));
    }

    /** Whether a file begins with a header's length, then the header's opening brace. */
    private static boolean isSafetensors(byte[] head) {
        return head[HEAD - 2] == 0 && head[HEAD - 1] == '{';
    }

    private static byte[] head(FileChannel channel) throws IOException {
        byte[] head = new byte[HEAD];
        channel.read(ByteBuffer.wrap(head), 0);
        return head;
    }

    /**
     * Reads a file, trusting nothing in it. Fails if the file cannot be read, is broken, or has an unsupported layer.
     */
    public static KerasModel read(Path file) {
        Refuse.inputIf(Files.isDirectory(file), file + " is a folder" + WANTED);
        try (FileChannel channel = RegularFile.open(file)) {
            byte[] head = head(channel);
            if (isTorchs(file, head)) {
                return PyTorchImport.read(file, TorchFile.read(file), Map.of());
            }
            if (KerasArchive.isSignature(head)) {
                return KerasArchive.read(file);
            }
            if (isSafetensors(head)) {
                return PyTorchImport.read(file);
            }
            Refuse.inputIf(!Hdf5.isSignature(head),
                    file + " is neither HDF5, a .keras archive, safetensors nor of torch.save" + WANTED);
            return Hdf5.read(file.toString(), channel, KerasReader::read);
        } catch (NoSuchFileException e) {
            throw new CharlstmException(file + " does not exist" + WANTED, e);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e), e);
        }
    }
}
