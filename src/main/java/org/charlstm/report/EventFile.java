package org.charlstm.report;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.charlstm.io.AppendedFile;
import org.charlstm.run.RunFolder;
import org.charlstm.run.RunListener;
import org.charlstm.run.TrainingRun;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * A file of events for TensorBoard: TFRecords of {@code tensorflow.Event} messages. A record is the message's length, a
 * checksum of the length, the message, and a checksum of it, all little-endian; a checksum is a CRC-32C, rotated and
 * offset. The few messages are written field by field: the library of Protocol Buffers is far larger than this file.
 */
public final class EventFile implements RunListener {
    /** The beginning of the file's name, for which TensorBoard looks. */
    public static final String PREFIX = "events.out.tfevents.";

    /** Fields of tensorflow.Event. */
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    /** Fields of tensorflow.Summary and its Value. */
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int TENSOR = 8;
    private static final int METADATA = 9;
    /** Fields of SummaryMetadata and its PluginData. */
    private static final int PLUGIN_DATA = 1;
    private static final int PLUGIN_NAME = 1;
    /** Fields of TensorProto, TensorShapeProto and its Dim. */
    private static final int DTYPE = 1;
    private static final int DT_STRING = 7;
    private static final int SHAPE = 2;
    private static final int DIM = 2;
    private static final int SIZE = 1;
    private static final int STRING_VAL = 8;

    private static final int MASK_ROTATION = 15;
    private static final int MASK_OFFSET = 0xa282ead8;

    /** Both are null before the run begins. */
    private @Nullable TrainingRun run;
    private @Nullable Path file;

    /** Starts the file, named after the time and the host, in the run's folder. */
    @Override
    public void begin(TrainingRun begun) {
        run = begun;
        RunFolder folder = Objects.requireNonNull(begun.folder(), "a run that begins has a folder");
        file = folder.path().resolve(PREFIX
                + String.format(Locale.ROOT, "%010d", System.currentTimeMillis() / 1000) + "." + host());
        write(event().string(FILE_VERSION, "brain.Event:2"));
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "_");
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static Message event() {
        return new Message().fixed(WALL_TIME, System.currentTimeMillis() / 1000.0);
    }

    /** Adds an epoch's figures as scalars; its number is the step. */
    @Override
    public void figures(Figures figures) {
        Message summary = new Message();
        figures.values().forEach((name, value) -> scalar(summary, name, value));
        write(event().varint(STEP, figures.epoch()).message(SUMMARY, summary));
    }

    /** Adds the figures of the test, at the epoch of the model. */
    @Override
    public void tested(Figures figures) {
        figures(figures);
    }

    private static void scalar(Message summary, String tag, double value) {
        summary.message(VALUE, new Message().string(TAG, tag).fixed(SIMPLE_VALUE, (float) value));
    }

    /** Adds sentences as a tensor of strings for TensorBoard's text plugin. */
    @Override
    public void sentences(int epoch, List<String> sentences) {
        Message shape = new Message()
                .message(DIM, new Message().varint(SIZE, sentences.size()));
        Message tensor = new Message().varint(DTYPE, DT_STRING).message(SHAPE, shape);
        sentences.forEach(sentence -> tensor.string(STRING_VAL, sentence));
        Message metadata = new Message()
                .message(PLUGIN_DATA, new Message().string(PLUGIN_NAME, "text"));
        Message value = new Message().string(TAG, "samples").message(TENSOR, tensor)
                .message(METADATA, metadata);
        write(event().varint(STEP, epoch).message(SUMMARY, new Message().message(VALUE, value)));
    }

    private static int masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), MASK_ROTATION) + MASK_OFFSET;
    }

    private void write(Message event) {
        Path into = Objects.requireNonNull(file, "the run has not begun");
        byte[] data = event.bytes();
        byte[] length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
        ByteBuffer record = ByteBuffer.allocate(length.length + data.length + 2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN).put(length).putInt(masked(length)).put(data).putInt(masked(data));
        Objects.requireNonNull(run, "the run has not begun").write(() -> AppendedFile.append(into, record.array()));
    }

    /** A message in the wire format of Protocol Buffers, field by field. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int FIXED64 = 1;
        private static final int LENGTH_DELIMITED = 2;
        private static final int FIXED32 = 5;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        private void tag(int field, int type) {
            raw((long) field << 3 | type);
        }

        private void raw(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) ((rest & 0x7F) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        Message varint(int field, long value) {
            tag(field, VARINT);
            raw(value);
            return this;
        }

        Message fixed(int field, double value) {
            tag(field, FIXED64);
            out.writeBytes(ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
            return this;
        }

        Message fixed(int field, float value) {
            tag(field, FIXED32);
            out.writeBytes(ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
            return this;
        }

        Message string(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes());
        }

        private Message bytes(int field, byte[] value) {
            tag(field, LENGTH_DELIMITED);
            raw(value.length);
            out.writeBytes(value);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
