package org.charlstm.report;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
 * A file of events as TensorBoard reads it: TFRecords of {@code tensorflow.Event}. A record is its length, a checksum
 * of that, its bytes, and a checksum of those, all little-endian; a checksum is a CRC-32C, rotated and offset.
 */
public final class EventFile implements RunListener {
    /** How the names of these files begin; TensorBoard looks for it. */
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
    /** Of SummaryMetadata and its PluginData. */
    private static final int PLUGIN_DATA = 1;
    private static final int PLUGIN_NAME = 1;
    /** Of TensorProto, TensorShapeProto and its Dim. */
    private static final int DTYPE = 1;
    private static final int DT_STRING = 7;
    private static final int SHAPE = 2;
    private static final int DIM = 2;
    private static final int SIZE = 1;
    private static final int STRING_VAL = 8;

    private static final int MASK_ROTATION = 15;
    private static final int MASK_OFFSET = 0xa282ead8;

    /** Null before the run begins, as the next. */
    private @Nullable TrainingRun run;
    private @Nullable Path file;

    /** A file that is not there yet. */
    public EventFile() {
        // The run says where.
    }

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

    private static ProtobufMessage event() {
        return new ProtobufMessage().fixed(WALL_TIME, System.currentTimeMillis() / 1000.0);
    }

    /** Adds an epoch's figures as scalars; its number is the step. */
    @Override
    public void figures(Figures figures) {
        ProtobufMessage summary = new ProtobufMessage();
        figures.values().forEach((name, value) -> scalar(summary, name, value));
        write(event().varint(STEP, figures.epoch()).message(SUMMARY, summary));
    }

    /** Adds the figures of the test, at the epoch of the model. */
    @Override
    public void tested(Figures figures) {
        figures(figures);
    }

    private static void scalar(ProtobufMessage summary, String tag, double value) {
        summary.message(VALUE, new ProtobufMessage().string(TAG, tag).fixed(SIMPLE_VALUE, (float) value));
    }

    /**
     * Adds sentences as a text.
     *
     * @param epoch     the last epoch that the model has learned in
     */
    @Override
    public void sentences(int epoch, List<String> sentences) {
        ProtobufMessage shape = new ProtobufMessage()
                .message(DIM, new ProtobufMessage().varint(SIZE, sentences.size()));
        ProtobufMessage tensor = new ProtobufMessage().varint(DTYPE, DT_STRING).message(SHAPE, shape);
        sentences.forEach(sentence -> tensor.string(STRING_VAL, sentence));
        ProtobufMessage metadata = new ProtobufMessage()
                .message(PLUGIN_DATA, new ProtobufMessage().string(PLUGIN_NAME, "text"));
        ProtobufMessage value = new ProtobufMessage().string(TAG, "samples").message(TENSOR, tensor)
                .message(METADATA, metadata);
        write(event().varint(STEP, epoch).message(SUMMARY, new ProtobufMessage().message(VALUE, value)));
    }

    private static int masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), MASK_ROTATION) + MASK_OFFSET;
    }

    private void write(ProtobufMessage event) {
        Path into = Objects.requireNonNull(file, "the run has not begun");
        byte[] data = event.bytes();
        byte[] length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
        ByteBuffer record = ByteBuffer.allocate(length.length + data.length + 2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN).put(length).putInt(masked(length)).put(data).putInt(masked(data));
        Objects.requireNonNull(run, "the run has not begun").write(() -> AppendedFile.append(into, record.array()));
    }
}
