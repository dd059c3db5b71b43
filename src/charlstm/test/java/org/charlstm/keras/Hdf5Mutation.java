package org.charlstm.keras;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.TextMutation;

/** Mutates a file of Keras: cuts it, flips bits, and above all changes sizes and addresses. */
final class Hdf5Mutation implements Fuzz.Mutation {
    private static final long[] VALUES = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 60, 1L << 31, 1L << 32,
        (1L << 31) - 1, 0xFFFF, 0xFFFFFF};

    private final byte[] original;
    private final boolean zip;
    /** Where words lie that may be an address or a size in the file: those of weights are larger. */
    private final int[] words;

    Hdf5Mutation(byte[] original) {
        this.original = original;
        zip = original[0] == 'P';
        ByteBuffer buffer = ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN);
        // Files of Keras align them; jHDF does not, and writes the small ones here.
        int step = original.length < 10_000 ? 1 : 8;
        words = IntStream.range(0, Math.max(0, original.length - 7) / step).map(i -> step * i).filter(at -> {
            long word = buffer.getLong(at);
            return word > 0 && word < 2L * original.length;
        }).toArray();
    }

    @Override
    public byte[] next(RandomGenerator random) throws IOException {
        if (zip && random.nextInt(3) > 0) {
            return inside(random);
        }
        byte[] bytes = original.clone();
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
            bytes = once(bytes, random);
        }
        return bytes;
    }

    private static Fuzz.Mutation of(byte[] content) {
        return content[0] == '{' ? new TextMutation(content) : new Hdf5Mutation(content);
    }

    private byte[] once(byte[] bytes, RandomGenerator random) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < 16) {
            return Arrays.copyOf(bytes, bytes.length / 2);
        }
        int at = random.nextInt(bytes.length);
        int near = word(bytes, random);
        switch (random.nextInt(12)) {
            case 0 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> {
                int from = random.nextInt(bytes.length);
                int length = Math.min(random.nextInt(512), bytes.length - Math.max(at, from));
                System.arraycopy(bytes, from, bytes, at, length);
            }
            case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + random.nextInt(64)),
                    (byte) random.nextInt(256));
            case 4, 5 -> buffer.putLong(near, VALUES[random.nextInt(VALUES.length)]);
            case 6 -> buffer.putLong(near, buffer.getLong(near) + random.nextInt(33) - 16);
            case 7, 8 -> buffer.putLong(near, buffer.getLong(word(bytes, random)));
            case 9 -> bytes[near + random.nextInt(8)] = (byte) random.nextInt(256);
            case 10 -> buffer.putInt(near + 4 * random.nextInt(2), (int) VALUES[random.nextInt(VALUES.length)]);
            default -> bytes[Math.clamp(near + random.nextInt(257) - 128, 0, bytes.length - 1)] ^=
                    (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private int word(byte[] bytes, RandomGenerator random) {
        return Math.min(words.length == 0 ? random.nextInt(bytes.length) : words[random.nextInt(words.length)],
                bytes.length - 8);
    }

    /** The same to one entry of an archive. */
    private byte[] inside(RandomGenerator random) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int spoilt = random.nextInt(3);
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(original));
                ZipOutputStream out = new ZipOutputStream(bytes)) {
            out.setLevel(1);
            int number = 0;
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(number == spoilt && content.length > 0 ? of(content).next(random) : content);
                number++;
            }
        }
        return bytes.toByteArray();
    }
}
