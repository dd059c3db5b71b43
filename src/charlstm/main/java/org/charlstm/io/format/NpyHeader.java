package org.charlstm.io.format;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/**
 * The header of a file in NumPy's format, see numpy.lib.format: six magic bytes, two version bytes, the length of a
 * Python dictionary, and the dictionary. {@code type} (for example {@code <f4}) and {@code shape} are the dictionary's
 * text; {@code data} is the position of the first value.
 */
record NpyHeader(String type, boolean columnMajor, String shape, long data) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** Padding aligns the first value to a multiple of this number. */
    private static final int ALIGNMENT = 64;
    /** The longest header, as in NumPy, which refuses longer headers of untrusted files. */
    private static final int MAX_LENGTH = 10_000;
    private static final Pattern MEMBER = Pattern.compile("\\s*(['\"])(descr|fortran_order|shape)\\1\\s*:\\s*"
            + "('[^']*'|\"[^\"]*\"|True|False|\\((?:\\d+, *)*(?:\\d+ *)?\\)|\\[.*?\\])\\s*(,|(?=}))");
    private static final Pattern TYPE = Pattern.compile("[<>|=]?([a-zA-Z])(\\d*)");

    /** Whether a file with these first bytes is in NumPy's format. */
    static boolean begins(byte[] head) {
        return Arrays.equals(MAGIC, Arrays.copyOf(head, MAGIC.length));
    }

    static NpyHeader read(Path file, FileChannel channel) throws IOException {
        ByteBuffer start = take(file, channel, MAGIC.length, 2);
        int major = start.get();
        if (major < 1 || major > 3 || start.get() != 0) {
            throw new CharlstmException(
                    file + " is .npy of version " + major + "." + start.get(1) + "; only 1.0, 2.0 and 3.0 are read");
        }
        int digits = major == 1 ? 2 : 4;
        ByteBuffer said = take(file, channel, MAGIC.length + 2, digits);
        long length = major == 1 ? Short.toUnsignedLong(said.getShort()) : Integer.toUnsignedLong(said.getInt());
        int begin = MAGIC.length + 2 + digits;
        Refuse.inputIf(length > MAX_LENGTH,
                file + " declares a header of " + length + " bytes; no matrix has one of more than " + MAX_LENGTH);
        String text = StandardCharsets.UTF_8.decode(take(file, channel, begin, (int) length)).toString().strip();
        Map<String, String> members = members(text);
        String type = members.get("descr");
        String order = members.get("fortran_order");
        String shape = members.get("shape");
        if (type == null || shape == null || order == null || !shape.startsWith("(")
                || !(order.equals("True") || order.equals("False"))) {
            throw new CharlstmException(file + " is .npy, but its header is broken");
        }
        return new NpyHeader(type.replaceAll("^['\"]|['\"]$", ""), order.equals("True"), shape, begin + length);
    }

    private static Map<String, String> members(String text) {
        Map<String, String> members = new HashMap<>();
        int at = 1;
        if (text.startsWith("{") && text.endsWith("}")) {
            Matcher member = MEMBER.matcher(text);
            while (member.find(at) && member.start() == at) {
                members.merge(member.group(2), member.group(3), (first, again) -> "twice");
                at = member.end();
            }
        }
        return text.length() > at && text.substring(at).strip().equals("}") ? members : Map.of();
    }

    private static ByteBuffer take(Path file, FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new CharlstmException(file + " is cut short: it ends within its header");
            }
        }
        return bytes.flip();
    }

    /** The matrix. Fails if the matrix is incomplete or not of real numbers. */
    StoredMatrix matrix(Path file, FileChannel channel) throws IOException {
        Matcher of = TYPE.matcher(type);
        String kind = of.matches() ? of.group(1) : "";
        ToDoubleFunction<ByteBuffer> value = of.matches() ? value(kind + of.group(2)) : null;
        Refuse.inputIf(kind.equals("O"),
                file + " holds pickled Python objects; save numbers, as by numpy.save('features.npy', "
                        + "numpy.array(rows, dtype='float32'))");
        if (value == null) {
            throw new CharlstmException(file + " holds values of NumPy's type " + type + "; save float32, as by "
                    + "numpy.save('features.npy', features.astype('float32'))");
        }
        int[] size = shape(file);
        int bytes = Integer.parseInt(of.group(2));
        long needed;
        try {
            needed = Math.multiplyExact((long) size[0] * size[1], bytes);
        } catch (ArithmeticException e) {
            needed = Long.MAX_VALUE;
        }
        long there = channel.size() - data;
        Refuse.inputIf(needed > there, file + " is cut short: a matrix of shape " + shape + " needs " + needed
                + " bytes, and there are " + there);
        Refuse.inputIf(needed < there, file + " has " + (there - needed) + " bytes after its last value");
        return new StoredMatrix(data, size[0], size[1], columnMajor, new StoredMatrix.Element(bytes,
                type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, value));
    }

    private int[] shape(Path file) {
        String[] dimensions = shape.replaceAll("[() ]|,\\s*\\)$", "").split(",", -1);
        if (dimensions.length != 2) {
            throw new CharlstmException(file + " has the shape " + shape + "; it must be (N, F), a row for each caption"
                    + (dimensions.length > 2 ? ": numpy.save('features.npy', features.reshape(len(features), -1))"
                            : dimensions[0].isEmpty() ? ""
                            : ": of one feature for each caption, numpy.save('features.npy', "
                                    + "features.reshape(-1, 1))"));
        }
        int[] size = new int[2];
        for (int i = 0; i < 2; i++) {
            try {
                size[i] = Integer.parseInt(dimensions[i]);
            } catch (NumberFormatException e) {
                throw new CharlstmException(
                        file + " has the shape " + shape + "; neither may be more than " + Integer.MAX_VALUE, e);
            }
        }
        if (size[0] == 0 || size[1] == 0) {
            throw new CharlstmException(file + " has the shape " + shape + "; there must be a "
                    + (size[0] == 0 ? "row" : "column") + " at least");
        }
        return size;
    }

    /** A function that reads a value of the type; null if the type is not of real numbers. */
    private static @Nullable ToDoubleFunction<ByteBuffer> value(String type) {
        return switch (type) {
            case "f8" -> ElementType.F64::next;
            case "f4" -> ElementType.F32::next;
            case "f2" -> ElementType.F16::next;
            case "i8" -> ByteBuffer::getLong;
            case "i4" -> ByteBuffer::getInt;
            case "i2" -> ByteBuffer::getShort;
            case "i1" -> ByteBuffer::get;
            case "u8" -> bytes -> unsigned(bytes.getLong());
            case "u4" -> bytes -> Integer.toUnsignedLong(bytes.getInt());
            case "u2" -> bytes -> Short.toUnsignedInt(bytes.getShort());
            case "u1" -> bytes -> Byte.toUnsignedInt(bytes.get());
            case "b1" -> bytes -> bytes.get() == 0 ? 0 : 1;
            default -> null;
        };
    }

    private static double unsigned(long value) {
        return value < 0 ? value + 0x1p64 : value;
    }

    /** A header of version 1.0 for a row-major matrix of little-endian float32. */
    static ByteBuffer float32(int rows, int columns) {
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
        int begin = MAGIC.length + 4;
        int length = Math.ceilDiv(begin + text.length() + 1, ALIGNMENT) * ALIGNMENT - begin;
        return ByteBuffer.allocate(begin + length).order(ByteOrder.LITTLE_ENDIAN).put(MAGIC).put((byte) 1).put((byte) 0)
                .putShort((short) length)
                .put((text + " ".repeat(length - text.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII)).flip();
    }
}
