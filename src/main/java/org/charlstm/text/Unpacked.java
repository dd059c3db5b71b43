package org.charlstm.text;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.charlstm.CharlstmException;

/** What a file compressed with gzip holds; where it is broken, reading ends in a message. */
final class Unpacked extends FilterInputStream {
    private final String name;

    private Unpacked(String name, InputStream packed) throws IOException {
        super(packed);
        this.name = name;
    }

    /**
     * A file's bytes, unpacked where they begin as gzip's do, whatever it is called.
     *
     * @param name  the file's, for messages
     */
    static InputStream of(String name, InputStream bytes) throws IOException {
        bytes.mark(2);
        byte[] magic = bytes.readNBytes(2);
        bytes.reset();
        if (!TextHead.begins(magic, 0x1F, 0x8B)) {
            return bytes;
        }
        try {
            return new BufferedInputStream(new Unpacked(name, new GZIPInputStream(bytes, TextHead.MOST)),
                    TextHead.MOST);
        } catch (ZipException | EOFException e) {
            throw broken(name, e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int at, int most) throws IOException {
        try {
            return in.read(into, at, most);
        } catch (ZipException | EOFException e) {
            throw broken(name, e);
        }
    }

    private static CharlstmException broken(String name, IOException e) {
        return new CharlstmException(name + " is compressed with gzip, and broken: "
                + (e instanceof EOFException ? "it ends too early" : "its content is not what gzip writes")
                + "; get it anew, or unpack what is whole of it with gunzip", e);
    }
}
