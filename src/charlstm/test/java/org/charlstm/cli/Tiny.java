package org.charlstm.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.io.ModelFile;

/** Twenty short captions, and a model small enough to train on them in a moment. */
public final class Tiny {
    public static final List<String> CAPTIONS = Stream.of("a cat", "a dog", "two cats", "the sun", "a red bus")
            .flatMap(who -> Stream.of(" sits", " runs", " sleeps", " is here").map(does -> who + does)).toList();

    private static final List<String> OPTIONS = List.of("--hidden", "8", "--dense", "8", "--batch-size", "8",
            "--threads", "1");

    private Tiny() {
    }

    /** Writes a text. */
    public static Path text(Path folder, String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the captions. */
    public static Path text(Path folder) {
        return text(folder, "captions.txt", String.join("\n", CAPTIONS) + "\n");
    }

    /** The command line of a small training; what follows it is added. */
    public static Object[] training(Object text, Object out, Object... more) {
        return with(with(new Object[] {"train", text, "--out", out}, OPTIONS.toArray()), more);
    }

    /** Trains for one epoch and returns the model file. */
    public static Path train(Path text, Path out, Object... more) {
        Tool.output(with(training(text, out), more.length == 0 ? new Object[] {"--epochs", 1} : more));
        return out.resolve(ModelFile.NAME);
    }

    /** A command line with more words. */
    public static Object[] with(Object[] line, Object... more) {
        return Stream.of(line, more).flatMap(Stream::of).toArray();
    }

    /** Writes a safetensors file whose header is another's, changed, and whose tensors' bytes are the other's. */
    public static Path changed(Path file, Path to, Consumer<JsonObject> change) {
        try {
            byte[] whole = Files.readAllBytes(file);
            int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
            JsonObject header = JsonParser.parseString(new String(whole, 8, length, StandardCharsets.UTF_8))
                    .getAsJsonObject();
            change.accept(header);
            byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
            int data = whole.length - 8 - length;
            return Files.write(to, ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length).put(json).put(whole, 8 + length, data).array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
