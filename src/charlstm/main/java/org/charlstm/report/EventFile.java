package org.charlstm.report;

import module java.base;
import org.charlstm.base.AppendedFile;
import org.charlstm.rank.ProcessLaunch;
import org.charlstm.run.RunListener;
import org.charlstm.run.TrainingRun;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * A file of events for TensorBoard: TFRecords of {@code tensorflow.Event} messages. A record is the message's length,
 * the length's checksum, the message and the message's checksum, all little-endian; a checksum is a CRC-32C, rotated
 * and offset. This class writes the messages field by field, because the library of Protocol Buffers is far larger:
 * <pre>
 * Event           { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
 * Summary         { Value value = 1; }
 * Value           { string tag = 1; float simple_value = 2; Tensor tensor = 8; SummaryMetadata metadata = 9; }
 * SummaryMetadata { PluginData plugin_data = 1; }
 * PluginData      { string plugin_name = 1; }
 * Tensor          { DataType dtype = 1; Shape tensor_shape = 2; repeated string string_val = 8; }
 * Shape           { Dim dim = 2; }
 * Dim             { int64 size = 1; }
 * </pre>
 */
public final class EventFile implements RunListener {
    /** The beginning of the file's name, by which TensorBoard finds the file. */
    public static final String PREFIX = "events.out.tfevents.";
    private static final int DT_STRING = 7;
    private static final int MASK_ROTATION = 15;
    private static final int MASK_OFFSET = 0xa282ead8;

    /** Null before the run begins, like {@link #file}. */
    private @Nullable TrainingRun run;
    private @Nullable Path file;

    /** Starts the file in the run's folder; its name has the time and the host. */
    @Override
    public void begin(TrainingRun begun) {
        run = begun;
        file = begun.folder().orElseThrow().resolve(PREFIX
                + String.format(Locale.ROOT, "%010d", System.currentTimeMillis() / 1000) + "."
                + ProcessLaunch.host().replaceAll("[^A-Za-z0-9.-]", "_"));
        write(event().string(3, "brain.Event:2"));
    }

    private static Message event() {
        return new Message().fixed(1, System.currentTimeMillis() / 1000.0);
    }

    @Override
    public void figures(Figures figures) {
        Message summary = new Message();
        figures.values().forEach((name, value) -> summary.message(1,
                new Message().string(1, name).fixed(2, value.floatValue())));
        write(event().varint(2, figures.epoch()).message(5, summary));
    }

    @Override
    public void tested(Figures figures) {
        figures(figures);
    }

    @Override
    public void sentences(int epoch, List<String> sentences) {
        Message shape = new Message().message(2, new Message().varint(1, sentences.size()));
        Message tensor = new Message().varint(1, DT_STRING).message(2, shape);
        sentences.forEach(sentence -> tensor.string(8, sentence));
        Message metadata = new Message().message(1, new Message().string(1, "text"));
        Message value = new Message().string(1, "samples").message(8, tensor).message(9, metadata);
        write(event().varint(2, epoch).message(5, new Message().message(1, value)));
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
        byte[] record = ByteBuffer.allocate(length.length + data.length + 2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN).put(length).putInt(masked(length)).put(data).putInt(masked(data))
                .array();
        Objects.requireNonNull(run, "the run has not begun").write(() -> AppendedFile.append(into, record));
    }

    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        /**
         * Writes a varint. A field's key is a varint of the field's number and, in the low three bits, its wire type.
         */
        private Message raw(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) ((rest & 0x7F) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
            return this;
        }

        private Message raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        Message varint(int field, long value) {
            return raw(field << 3).raw(value);
        }

        Message fixed(int field, double value) {
            return raw(field << 3 | 1).raw(
                    ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
        }

        Message fixed(int field, float value) {
            return raw(field << 3 | 5).raw(
                    ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
        }

        Message string(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes());
        }

        private Message bytes(int field, byte[] value) {
            return raw(field << 3 | 2).raw(value.length).raw(value);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
